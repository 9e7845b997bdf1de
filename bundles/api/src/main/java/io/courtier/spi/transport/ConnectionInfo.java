// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.transport;

import org.jspecify.annotations.Nullable;

/**
 * Where a connection comes from.
 *
 * @param listener the name of the listener: {@code tcp-default}
 * @param transport {@code tcp}, {@code tls}, {@code ws} or {@code wss}
 * @param remoteAddress the numeric address of the client (behind a trusted proxy: as the proxy tells it)
 * @param remotePort 0 where it is not known
 * @param anonymousAllowed whether this listener lets clients in that present no credentials
 * @param tls what the TLS handshake found out, null without TLS
 */
public record ConnectionInfo(
        String listener,
        String transport,
        String remoteAddress,
        int remotePort,
        boolean anonymousAllowed,
        @Nullable TlsInfo tls) {}
