// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import io.courtier.spi.transport.TlsInfo;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a TLS handshake found out, in the broker's words. */
public final class Handshake {
    private Handshake() {}

    /** @param authorities whose client certificates are believed; empty where clients were not asked */
    public static TlsInfo info(SSLSession session, List<X509Certificate> authorities) {
        return new TlsInfo(
                session.getProtocol(),
                session.getCipherSuite(),
                serverName(session),
                proven(presented(session), authorities));
    }

    private static @Nullable String serverName(SSLSession session) {
        String serverName = null;
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    serverName = host.getAsciiName();
                }
            }
        }
        return serverName;
    }

    private static List<X509Certificate> presented(SSLSession session) {
        List<X509Certificate> presented = new ArrayList<>();
        try {
            for (Certificate certificate : session.getPeerCertificates()) {
                presented.add((X509Certificate) certificate);
            }
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
        return presented;
    }

    /**
     * The path from the client's own certificate to an authority, both included. Not simply what the client presented: a
     * handshake succeeds with any certificates beside those of the path, which prove nothing and may bear any name.
     */
    static List<X509Certificate> proven(List<X509Certificate> presented, List<X509Certificate> authorities) {
        if (presented.isEmpty()) {
            return List.of();
        }
        X509Certificate own = presented.get(0);
        List<X509Certificate> path = new ArrayList<>();
        try {
            Set<TrustAnchor> anchors = authorities.stream()
                    .map(authority -> new TrustAnchor(authority, null))
                    .collect(Collectors.toSet());
            X509CertSelector target = new X509CertSelector();
            target.setCertificate(own);
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
            parameters.setRevocationEnabled(false);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(presented)));
            PKIXCertPathBuilderResult result = (PKIXCertPathBuilderResult)
                    CertPathBuilder.getInstance("PKIX").build(parameters);
            for (Certificate certificate : result.getCertPath().getCertificates()) {
                path.add((X509Certificate) certificate);
            }
            path.add(result.getTrustAnchor().getTrustedCert());
            return List.copyOf(path);
        } catch (GeneralSecurityException unproven) {
            // The handshake proved it, perhaps with certificates of the past: an expired one in a resumed session.
            return List.of(own);
        }
    }
}
