// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ReasonCode;
import org.jspecify.annotations.Nullable;

/** What a client needs of its page, and tells it. Each returns at once, and may call the client. */
public interface ClientHost {
    /**
     * Opens a transport; then {@link Client#opened}, {@link Client#received} and {@link Client#closed} are called with its
     * number.
     */
    void open(int connection);

    /** Bytes of whole packets, the host's own from now on. */
    void send(int connection, byte[] bytes);

    /** Closes the transport when what was sent is out; {@link Client#closed} may follow and is not heard. */
    void close(int connection);

    /** CONNACK said yes. */
    void connected(ConnAck ack);

    /** There was a connection, or an attempt, and it is over; whether another is tried says {@link #reconnecting}. */
    void disconnected(Failure cause);

    /** @param attempt from 1 */
    void reconnecting(int attempt, long delayMillis);

    /** Call its {@code done} when the message is handled: the acknowledgement leaves then. */
    void message(Delivery delivery);

    /** The server asks: answer with {@link Client#respond}. */
    void auth(ReasonCode reason, @Nullable String method, byte @Nullable [] data, Properties properties);

    /** A subscription that was there is refused now, at a new session. It is forgotten. */
    void subscriptionLost(int subscription, ReasonCode reason);

    /** Something went wrong that no answer tells of. */
    void trouble(Failure failure);
}
