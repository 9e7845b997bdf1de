// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import io.courtier.transport.tcp.internal.tls.TlsSettings;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What one configuration file says, checked.
 *
 * @param file for messages: {@code etc/io.courtier.listener.tcp-default.cfg}
 * @param connectionsMax 0 for no limit
 * @param connectionsPerSecond 0 for no limit
 * @param tls null for plain TCP
 */
public record ListenerSettings(
        String name,
        String file,
        InetSocketAddress address,
        int backlog,
        boolean anonymousAllowed,
        TrustedProxies proxies,
        int connectionsMax,
        int connectionsPerSecond,
        int handshakeTimeoutMillis,
        boolean noDelay,
        int writeLowWaterBytes,
        int writeHighWaterBytes,
        int drainSeconds,
        @Nullable TlsSettings tls) {

    /** Whether the same listening socket serves both. */
    boolean samePort(ListenerSettings other) {
        return address.equals(other.address) && backlog == other.backlog;
    }

    /** Whether clients on other machines come in without credentials. */
    boolean opensTheHouse() {
        return anonymousAllowed && (!address.getAddress().isLoopbackAddress() || !proxies.isEmpty());
    }
}
