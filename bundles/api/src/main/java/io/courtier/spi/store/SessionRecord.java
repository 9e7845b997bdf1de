// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.Will;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to sessions that outlive their connections. A session is named by the position of its {@link
 * Started}, a message by that of its {@link Stored}.
 */
public sealed interface SessionRecord {
    /** A session began. */
    record Started(String clientIdentifier) implements SessionRecord {}

    /**
     * A client took it up.
     *
     * @param userName who may take it up from now on; null for an anonymous one: everybody
     */
    record Connected(long session, @Nullable String userName, long expirySeconds, @Nullable Will will)
            implements SessionRecord {}

    /**
     * Its connection ended; from then on the Session Expiry Interval and the Will Delay Interval run.
     *
     * @param sentThrough messages up to this number may have been sent: they are sent again with DUP
     */
    record Disconnected(long session, long expirySeconds, long epochMillis, long sentThrough)
            implements SessionRecord {}

    /** Its will was published, or is not to be. */
    record WillDone(long session) implements SessionRecord {}

    /** It ended, and all that was kept for it. */
    record Ended(long session) implements SessionRecord {}

    /** @param subscriptionIdentifier 0 for none */
    record Subscribed(long session, String topicFilter, SubscriptionOptions options, int subscriptionIdentifier)
            implements SessionRecord {}

    record Unsubscribed(long session, String topicFilter) implements SessionRecord {}

    /**
     * A message that sessions may wait for, once for all of them. Until {@link Routed} says that each has it, it is to be
     * routed again after a restart, to those that do not.
     *
     * @param shard where it came in; -1: it is for the sessions that name it only, and never routed
     * @param session of the publisher, if it is one that outlives its connection and the message came with QoS 2; else 0
     * @param packetIdentifier of that, in doubt until {@link Completed}
     * @param retainedAt its position in the store of retained messages, if it is to be retained: where that did not become
     *     durable, it is to be retained again; else 0
     */
    record Stored(int shard, long session, int packetIdentifier, long retainedAt, ApplicationMessage message)
            implements SessionRecord {}

    /** All messages that came in at this shard (-1: at any) up to this position have reached the sessions they are for. */
    record Routed(int shard, long upTo) implements SessionRecord {}

    /** What is left of {@link Stored} when the log before it was given up: who has the message, and that others may not. */
    record InDoubt(long message, int shard, long retainedAt, long[] given) implements SessionRecord {}

    /** A QoS 2 message that no session waits for came under this Packet Identifier. */
    record Received(long session, int packetIdentifier) implements SessionRecord {}

    /** PUBREL came for one that was received: the Packet Identifier may come again. */
    record Completed(long session, int packetIdentifier) implements SessionRecord {}

    /**
     * A message waits for a session.
     *
     * @param number its place in the session; also says its Packet Identifier
     * @param weight what it costs a queue
     * @param sharedFilter the shared subscription that it came by, with its {@code $share}; null: it came by others
     */
    record Queued(
            long session,
            long message,
            long number,
            int weight,
            int qos,
            boolean retain,
            int @Nullable [] subscriptionIdentifiers,
            @Nullable String sharedFilter)
            implements SessionRecord {}

    /** PUBREC came for a QoS 2 message: only PUBREL is owed. */
    record Released(long session, long number) implements SessionRecord {}

    /** A message is finished with a session, or was dropped from its queue. */
    record Finished(long session, long number) implements SessionRecord {}
}
