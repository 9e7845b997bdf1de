// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import io.courtier.listener.CannotOpen;
import io.courtier.listener.tls.TlsMaterial;
import io.courtier.listener.tls.TlsSettings;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.function.Consumer;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** Makes Jetty's TLS of our files. */
final class TlsFactory {
    /** Of key stores that exist in memory only. */
    private static final String PASSWORD = "memory";

    private TlsFactory() {}

    static SslContextFactory.Server of(TlsMaterial material) throws CannotOpen {
        SslContextFactory.Server factory = new Judging();
        change(material).accept(factory);
        return factory;
    }

    /** For new connections; those that are open keep what they shook hands with. */
    static void reload(SslContextFactory.Server factory, TlsMaterial material) throws CannotOpen {
        // Tried on another one first: a reload that fails would leave this one without any.
        SslContextFactory.Server trial = of(material);
        try {
            trial.start();
            trial.stop();
            factory.reload(change(material));
        } catch (Exception refused) {
            throw cannot(material, refused);
        }
    }

    private static Consumer<SslContextFactory> change(TlsMaterial material) throws CannotOpen {
        KeyStore keys;
        KeyStore trust;
        try {
            keys = empty();
            keys.setKeyEntry(
                    "server",
                    material.key(),
                    PASSWORD.toCharArray(),
                    material.chain().toArray(new Certificate[0]));
            trust = empty();
            for (X509Certificate authority : material.authorities()) {
                trust.setCertificateEntry("authority-" + trust.size(), authority);
            }
        } catch (GeneralSecurityException | IOException refused) {
            throw cannot(material, refused);
        }
        TlsSettings settings = material.settings();
        return factory -> {
            ((Judging) factory).judge = material.trustManager();
            factory.setKeyStore(keys);
            factory.setKeyStorePassword(PASSWORD);
            factory.setTrustStore(trust);
            factory.setIncludeProtocols(settings.protocols().toArray(new String[0]));
            factory.setExcludeProtocols();
            factory.setRenegotiationAllowed(false);
            SslContextFactory.Server server = (SslContextFactory.Server) factory;
            server.setSniRequired(false);
            server.setWantClientAuth(settings.clientCertificate() == TlsSettings.ClientCertificate.WANT);
            server.setNeedClientAuth(settings.clientCertificate() == TlsSettings.ClientCertificate.NEED);
        };
    }

    /** Has client certificates judged by revocation lists too, where there are any. */
    private static final class Judging extends SslContextFactory.Server {
        private volatile @Nullable X509ExtendedTrustManager judge;

        @Override
        protected TrustManager[] getTrustManagers(KeyStore trust, Collection<? extends CRL> none) throws Exception {
            X509ExtendedTrustManager ours = judge;
            return ours == null ? super.getTrustManagers(trust, none) : new TrustManager[] {ours};
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static CannotOpen cannot(TlsMaterial material, Exception refused) {
        return CannotOpen.now("TLS cannot be set up (" + refused.getMessage() + "): check the tls keys in "
                + material.settings().file());
    }
}
