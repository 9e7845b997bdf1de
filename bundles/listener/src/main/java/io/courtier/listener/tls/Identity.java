// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import io.courtier.listener.CannotOpen;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Who the server is: its certificate, those above it, and the key that belongs to it. */
record Identity(PrivateKey key, List<X509Certificate> chain) {

    static Identity of(TlsSettings settings, TlsFiles files) throws CannotOpen {
        Identity identity =
                files.keystore().length > 0 ? ofKeystore(settings, files.keystore()) : ofPem(settings, files);
        try {
            if (PrivateKeys.fit(identity.key, identity.certificate().getPublicKey())) {
                return identity;
            }
        } catch (GeneralSecurityException mismatch) {
            // Said below.
        }
        throw mismatch(settings);
    }

    X509Certificate certificate() {
        return chain.get(0);
    }

    /** The certificates of a PEM bundle or a PKCS#12 trust store. */
    static List<X509Certificate> authorities(TlsSettings settings, byte[] file) throws CannotOpen {
        List<X509Certificate> authorities = new ArrayList<>();
        if (isPkcs12(file)) {
            try {
                KeyStore store = open(file, settings.trustPassword());
                for (String alias : Collections.list(store.aliases())) {
                    if (store.getCertificate(alias) instanceof X509Certificate certificate) {
                        authorities.add(certificate);
                    }
                }
            } catch (GeneralSecurityException | IOException unreadable) {
                throw CannotOpen.now("tls.trust=" + settings.trust() + " cannot be opened (" + unreadable.getMessage()
                        + "): check tls.trust.password in " + settings.file());
            }
        } else {
            authorities.addAll(certificates("tls.trust=" + settings.trust(), file));
        }
        if (authorities.isEmpty()) {
            throw CannotOpen.now("tls.trust=" + settings.trust()
                    + " has no certificate: give it the authorities of the clients, as PEM");
        }
        return authorities;
    }

    private static Identity ofPem(TlsSettings settings, TlsFiles files) throws CannotOpen {
        List<X509Certificate> chain = certificates("tls.certificate=" + settings.certificate(), files.certificate());
        if (chain.isEmpty()) {
            throw CannotOpen.now("tls.certificate=" + settings.certificate()
                    + " has no certificate: it must be PEM, the server's own certificate first");
        }
        String where = "tls.key=" + settings.key();
        Pem block = blocks(where, files.key()).stream()
                .filter(pem -> pem.type().endsWith("PRIVATE KEY"))
                .findFirst()
                .orElseThrow(() -> CannotOpen.now(where + " has no private key: it must be PEM (BEGIN PRIVATE KEY)"));
        if (block.type().equals("EC PRIVATE KEY") || block.type().equals("DSA PRIVATE KEY")) {
            throw CannotOpen.now(
                    where + " is in the old EC form: convert it with openssl pkcs8 -topk8 -nodes -in KEY -out NEWKEY");
        }
        boolean encrypted = block.type().startsWith("ENCRYPTED");
        try {
            return new Identity(
                    PrivateKeys.read(
                            block,
                            settings.keyPassword(),
                            chain.get(0).getPublicKey().getAlgorithm()),
                    chain);
        } catch (GeneralSecurityException | IOException unreadable) {
            throw encrypted
                    ? CannotOpen.now(where + " cannot be decrypted: check tls.key.password in " + settings.file())
                    : mismatch(settings);
        }
    }

    private static Identity ofKeystore(TlsSettings settings, byte[] file) throws CannotOpen {
        String where = "tls.keystore=" + settings.keystore();
        try {
            KeyStore store = open(file, settings.keystorePassword());
            for (String alias : Collections.list(store.aliases())) {
                if (store.getKey(alias, settings.keystorePassword().toCharArray()) instanceof PrivateKey key) {
                    List<X509Certificate> chain = new ArrayList<>();
                    for (Certificate certificate : store.getCertificateChain(alias)) {
                        chain.add((X509Certificate) certificate);
                    }
                    return new Identity(key, chain);
                }
            }
        } catch (GeneralSecurityException | IOException unreadable) {
            throw CannotOpen.now(where + " cannot be opened (" + unreadable.getMessage()
                    + "): check tls.keystore.password in " + settings.file());
        }
        throw CannotOpen.now(where + " has no private key: it must be PKCS#12 with the server's key and certificate");
    }

    private static KeyStore open(byte[] file, String password) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(file), password.toCharArray());
        return store;
    }

    private static List<X509Certificate> certificates(String where, byte[] file) throws CannotOpen {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Pem pem : blocks(where, file)) {
                if (pem.type().equals("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(pem.der())));
                }
            }
        } catch (GeneralSecurityException broken) {
            throw CannotOpen.now(where + " has a broken certificate (" + broken.getMessage() + "): replace the file");
        }
        return certificates;
    }

    private static List<Pem> blocks(String where, byte[] file) throws CannotOpen {
        try {
            return Pem.blocks(file);
        } catch (IllegalArgumentException broken) {
            throw CannotOpen.now(where + " is no sound PEM file: replace it");
        }
    }

    private static CannotOpen mismatch(TlsSettings settings) {
        return settings.keystore().isEmpty()
                ? CannotOpen.now("tls.key=" + settings.key() + " does not belong to tls.certificate="
                        + settings.certificate() + ": name the key that the certificate was made for, in "
                        + settings.file())
                : CannotOpen.now("tls.keystore=" + settings.keystore() + " has a key and a certificate that do not"
                        + " belong together: replace it");
    }

    private static boolean isPkcs12(byte[] file) {
        return file.length > 0 && file[0] == 0x30;
    }
}
