// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority of the test's own, and what it gave out, as PEM files and for Java. */
public final class Authority {
    private final X509Bundle root;
    final Path directory;

    private Authority(X509Bundle root, Path directory) {
        this.root = root;
        this.directory = directory;
    }

    /** Writes {@code ca.crt}, {@code server.crt} and {@code server.key} there. */
    public static Authority in(Path directory) throws Exception {
        Authority authority = new Authority(
                base("Test Authority").setIsCertificateAuthority(true).buildSelfSigned(), directory);
        Files.writeString(authority.file("ca.crt"), authority.root.getCertificatePEM());
        authority.issue(
                "server",
                base("127.0.0.1")
                        .addSanIpAddress(House.HOST)
                        .addSanDnsName("localhost")
                        .addExtendedKeyUsageServerAuth());
        return authority;
    }

    /** Itself, to sign what it never gave out. */
    public X509Bundle root() {
        return root;
    }

    public Path file(String name) {
        return directory.resolve(name);
    }

    /** A certificate for a client, as {@code NAME.crt} and {@code NAME.key}. */
    public X509Bundle client(String name) throws Exception {
        return issue(name, base(name).addExtendedKeyUsageClientAuth());
    }

    /** The same, but it was valid until yesterday. */
    public X509Bundle expiredClient(String name) throws Exception {
        Instant now = Instant.now();
        return issue(
                name,
                base(name)
                        .addExtendedKeyUsageClientAuth()
                        .notBefore(now.minus(3, ChronoUnit.DAYS))
                        .notAfter(now.minus(1, ChronoUnit.DAYS)));
    }

    private X509Bundle issue(String name, CertificateBuilder builder) throws Exception {
        X509Bundle bundle = builder.buildIssuedBy(root);
        Files.writeString(file(name + ".crt"), bundle.getCertificatePathPEM());
        Files.writeString(file(name + ".key"), bundle.getPrivateKeyPEM());
        return bundle;
    }

    private static CertificateBuilder base(String name) {
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=" + name)
                .notBefore(Instant.now().minus(1, ChronoUnit.DAYS))
                .notAfter(Instant.now().plus(30, ChronoUnit.DAYS));
    }

    /** What a listener's file says so that it speaks TLS with the server's certificate. */
    public Map<String, Object> listener(String provider, String protocols, String clientCertificate) {
        Map<String, Object> entries = new HashMap<>();
        entries.put("tls", true);
        entries.put("tls.certificate", file("server.crt").toString());
        entries.put("tls.key", file("server.key").toString());
        entries.put("tls.provider", provider);
        entries.put("tls.protocols", protocols);
        entries.put("tls.client.certificate", clientCertificate);
        if (!clientCertificate.equals("none")) {
            entries.put("tls.trust", file("ca.crt").toString());
        }
        return entries;
    }

    /** Sockets that believe this authority and speak this version of TLS. */
    public SSLSocketFactory sockets(String protocol) {
        return tls(null, protocol).sockets();
    }

    /** A client's side: it believes this authority, and shows the identity if there is one. */
    Tls tls(X509Bundle identity, String protocol) {
        return new Tls(this, identity, protocol);
    }

    record Tls(Authority authority, X509Bundle identity, String protocol) {
        TrustManagerFactory trust() {
            try {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                store.setCertificateEntry("ca", authority.root.getCertificate());
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(store);
                return factory;
            } catch (java.security.GeneralSecurityException | IOException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        KeyManagerFactory keys() {
            try {
                return identity == null ? null : identity.toKeyManagerFactory();
            } catch (java.security.GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        /** Sockets that speak the protocol and no other. */
        SSLSocketFactory sockets() {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                KeyManagerFactory keys = keys();
                context.init(keys == null ? null : keys.getKeyManagers(), trust().getTrustManagers(), null);
                return new OneProtocol(context.getSocketFactory(), protocol);
            } catch (java.security.GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
