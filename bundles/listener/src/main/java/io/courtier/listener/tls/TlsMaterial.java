// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import io.courtier.listener.CannotOpen;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** What a listener shakes hands with, as the files were at one moment: read and found to fit together. Any thread. */
public final class TlsMaterial {
    private final TlsSettings settings;
    private final TlsFiles files;
    private final Identity identity;
    private final List<X509Certificate> authorities;
    private final @Nullable RevocationLists revocation;

    private TlsMaterial(
            TlsSettings settings,
            TlsFiles files,
            Identity identity,
            List<X509Certificate> authorities,
            @Nullable RevocationLists revocation) {
        this.settings = settings;
        this.files = files;
        this.identity = identity;
        this.authorities = authorities;
        this.revocation = revocation;
    }

    public static TlsMaterial load(TlsSettings settings) throws CannotOpen {
        return of(settings, TlsFiles.read(settings));
    }

    static TlsMaterial of(TlsSettings settings, TlsFiles files) throws CannotOpen {
        Identity identity = Identity.of(settings, files);
        boolean asksClients = settings.clientCertificate() != TlsSettings.ClientCertificate.NONE;
        List<X509Certificate> authorities = asksClients ? Identity.authorities(settings, files.trust()) : List.of();
        RevocationLists revocation =
                settings.revocation().lists().isEmpty() ? null : RevocationLists.of(settings, files, authorities);
        return new TlsMaterial(settings, files, identity, authorities, revocation);
    }

    public TlsSettings settings() {
        return settings;
    }

    public PrivateKey key() {
        return identity.key();
    }

    /** The server's own certificate first, then those between it and the root. */
    public List<X509Certificate> chain() {
        return identity.chain();
    }

    public X509Certificate certificate() {
        return identity.certificate();
    }

    /** Whose client certificates are believed; empty where clients are not asked. */
    public List<X509Certificate> authorities() {
        return authorities;
    }

    /** Who is not believed in spite of that, or null where nobody is to ask. */
    public @Nullable RevocationLists revocation() {
        return revocation;
    }

    /** Judges client certificates by authorities and lists; null where {@link #authorities} alone do. */
    public @Nullable X509ExtendedTrustManager trustManager() {
        return revocation == null ? null : new RevocationTrust(authorities, revocation);
    }

    /** A sentence for each file with a private key that everybody on this machine may read. */
    public List<String> looseKeys() {
        return Map.of("tls.key", settings.key(), "tls.keystore", settings.keystore()).entrySet().stream()
                .filter(file -> !file.getValue().isEmpty()
                        && Others.of(Path.of(file.getValue())).mayRead())
                .map(file -> file.getKey() + "=" + file.getValue()
                        + " may be read by everybody on this machine: chmod 600 " + file.getValue())
                .toList();
    }

    TlsFiles files() {
        return files;
    }
}
