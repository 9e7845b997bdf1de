// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/** An authority, and the certificates it gives out. */
public final class TestCertificates {
    private final X509Bundle authority;

    private TestCertificates(X509Bundle authority) {
        this.authority = authority;
    }

    public static TestCertificates create() {
        try {
            return new TestCertificates(base().subject("CN=Test Authority")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned());
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public String authorityPem() {
        return authority.getCertificatePEM();
    }

    /** A revocation list for a day, DER. */
    public byte[] revoked(X509Bundle... revoked) {
        return TestRevocation.list(authority, Instant.now().plus(1, ChronoUnit.DAYS), revoked);
    }

    public X509Bundle issue(String name) {
        return issue(base().subject("CN=" + name).addSanDnsName("broker.test"));
    }

    public X509Bundle issue(CertificateBuilder builder) {
        try {
            return builder.buildIssuedBy(authority);
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static CertificateBuilder base() {
        return new CertificateBuilder()
                .ecp256()
                .notBefore(Instant.now().minus(1, ChronoUnit.DAYS))
                .notAfter(Instant.now().plus(30, ChronoUnit.DAYS));
    }

    public Server server() {
        return new Server(issue("broker"));
    }

    /** Files for a server. */
    public record Server(X509Bundle bundle) {
        public void into(Path directory) throws Exception {
            Files.writeString(directory.resolve("server.crt"), bundle.getCertificatePathPEM());
            Files.writeString(directory.resolve("server.key"), bundle.getPrivateKeyPEM());
        }
    }

    public Client client() {
        return new Client(this, null);
    }

    public Client client(X509Bundle identity) {
        return new Client(this, identity);
    }

    /** A client that believes this authority, with a certificate or without. */
    public record Client(TestCertificates certificates, X509Bundle identity) {
        public SSLSocketFactory factory() throws Exception {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys =
                    identity == null ? null : identity.toKeyManagerFactory().getKeyManagers();
            TrustManager[] trust = {certificates.authority.toTrustManager()};
            context.init(keys, trust, null);
            return context.getSocketFactory();
        }
    }
}
