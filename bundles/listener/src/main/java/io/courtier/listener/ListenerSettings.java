// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import io.courtier.listener.tls.TlsSettings;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What one configuration file says, checked; what all kinds of listeners have.
 *
 * @param file for messages: {@code etc/io.courtier.listener.tcp-default.cfg}
 * @param proxies who must begin with a PROXY header
 * @param behindProxies whether others speak for clients, in whatever way
 * @param connectionsMax 0 for no limit
 * @param connectionsPerSecond 0 for no limit
 * @param tls null for none
 */
public record ListenerSettings(
        String name,
        String file,
        InetSocketAddress address,
        int backlog,
        boolean anonymousAllowed,
        TrustedProxies proxies,
        boolean behindProxies,
        int connectionsMax,
        int connectionsPerSecond,
        int handshakeTimeoutMillis,
        boolean noDelay,
        int writeLowWaterBytes,
        int writeHighWaterBytes,
        int drainSeconds,
        @Nullable TlsSettings tls) {

    /** Whether the same listening socket serves both. */
    public boolean samePort(ListenerSettings other) {
        return address.equals(other.address) && backlog == other.backlog;
    }

    /** Whether clients on other machines come in without credentials. */
    public boolean opensTheHouse() {
        return anonymousAllowed && (!address.getAddress().isLoopbackAddress() || behindProxies);
    }
}
