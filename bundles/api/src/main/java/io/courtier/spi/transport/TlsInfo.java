// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.transport;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS handshake found out.
 *
 * @param protocol {@code TLSv1.3} or {@code TLSv1.2}
 * @param serverName the name that the client asked for (SNI), null for none
 * @param peerCertificates the client's own certificate first, then those that vouch for it, up to the authority of the
 *     listener's trust store: each is proven, and what else the client presented is left out; empty where it presented none
 */
public record TlsInfo(
        String protocol, String cipherSuite, @Nullable String serverName, List<X509Certificate> peerCertificates) {}
