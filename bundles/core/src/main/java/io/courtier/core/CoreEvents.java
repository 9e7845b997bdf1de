// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import org.jspecify.annotations.Nullable;

/** What a person may want to read about, told on the shard's loop; each must return at once. */
public interface CoreEvents {
    /** Tells nobody. */
    CoreEvents NONE = new CoreEvents() {};

    default void connected(String client, @Nullable String userName, ProtocolVersion version, ConnectionInfo info) {}

    /** A CONNECT was answered with an error; why may say more than the client was told. */
    default void refused(String client, ConnectionInfo info, ReasonCode reason, String why) {}

    /** The same in a take-over storm, whose beginning and end are told. */
    default void refusedInStorm(String client, ConnectionInfo info, ReasonCode reason, String why) {}

    /**
     * A client identifier was taken over too often, and newcomers are refused.
     *
     * @param newcomer the first that is refused
     * @param there whose connection stays
     * @param takeOvers so many
     * @param seconds within so many
     */
    default void stormBegan(String client, ConnectionInfo newcomer, ConnectionInfo there, int takeOvers, int seconds) {}

    /** Nobody tried any more. */
    default void stormEnded(String client, long refused) {}

    /**
     * A client publishes faster than it may: it is read more slowly from now on, or disconnected. Told once for as long as it
     * goes on.
     */
    default void limited(String client, ConnectionInfo info, String why, boolean disconnected) {}

    /** @param reason why the server ended it, or null where the client or the network did */
    default void disconnected(String client, CloseCause cause, @Nullable ReasonCode reason, String why) {}

    /** A message did not reach a client, or came no further than its publisher; counted per client as well. */
    default void dropped(String client, Drop drop) {}

    /** A session has a subscription to a filter that it did not have before. */
    default void subscribed(String client, TopicFilter filter) {}

    /** It has it no longer: it unsubscribed, or ended. */
    default void unsubscribed(String client, TopicFilter filter) {}

    /** A subscription ended, because the client is no longer allowed to have it. */
    default void revoked(String client, String filter) {}

    /** A mistake in here (or in a plugin) while a client was served: its connection ends, nobody else's. */
    default void broken(String client, RuntimeException bug) {}

    /** Why a message was dropped. */
    enum Drop {
        /** A store takes nothing new, or the queue of a subscriber is full, and publishers are told so. */
        REFUSED,
        /** The store had it, and cannot give it back. */
        STORE,
        /** QoS 0, and the client reads too slowly. */
        SLOW_CONSUMER,
        QUEUE_FULL,
        EXPIRED,
        /** Larger than the client's Maximum Packet Size. [MQTT-3.1.2-25] */
        PACKET_TOO_LARGE,
        NOT_AUTHORIZED,
        /** Its topic has more levels than the limits allow. */
        TOPIC_TOO_DEEP,
        INTERCEPTED
    }
}
