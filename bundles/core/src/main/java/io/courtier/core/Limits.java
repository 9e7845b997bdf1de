// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ReasonCode;

/**
 * Every bound of the broker: what it is called, what it is unless somebody says otherwise, and why.
 *
 * @param packetBytesMax the largest packet taken from a client, fixed header included; told in CONNACK (Maximum Packet
 *     Size), broken with 0x95. 1 MiB: what devices send is small, and each connection may hold one unfinished packet
 * @param receiveMaximum QoS 1 and 2 messages that a client may have under way to us; told in CONNACK, broken with 0x93
 * @param inflightMax QoS 1 and 2 messages under way to one client, where it sets no lower Receive Maximum (before MQTT 5 it
 *     cannot); the others wait in its queue
 * @param topicAliasMaximum Topic Aliases a client may set; told in CONNACK, broken with 0x94
 * @param topicAliasMaximumOutbound Topic Aliases that we set for a client that takes them
 * @param keepAliveSecondsMax the longest Keep Alive; a client that wants a longer one, or none, is told this one (Server Keep
 *     Alive; MQTT 5 only, for the others cannot be told). 65,535 leaves all clients their own
 * @param sessionExpirySecondsMax the longest Session Expiry Interval, also that of Clean Session 0 before MQTT 5; told in
 *     CONNACK. A week: sessions nobody comes back for must end
 * @param sessionsMax sessions in one shard, connected or not; CONNECT is refused with 0x97
 * @param subscriptionsPerSessionMax SUBSCRIBE is answered with 0x97
 * @param topicLevelsMax levels of a topic or filter: bounds the depth of the trees; 0x90 or 0x8F
 * @param queueMessagesMax messages waiting for one client; what becomes of a further one says queueFull
 * @param queueBytesMax the same by weight
 * @param shardQueueBytesMax the same for all clients of a shard together
 * @param retainedMessagesMax a further one is refused with 0x97
 * @param retainedBytesMax the same by weight, of all shards together
 * @param maximumQoS the highest QoS taken; told in CONNACK, broken with 0x9B
 * @param retainAvailable false: told in CONNACK, broken with 0x9A
 * @param wildcardSubscriptionAvailable false: told in CONNACK, answered with 0xA2
 * @param sharedSubscriptionAvailable false: told in CONNACK, answered with 0x9E
 * @param subscriptionIdentifierAvailable false: told in CONNACK, answered with 0xA1
 * @param clientIdentifierBytesMax longer ones are refused with 0x85
 * @param connectSeconds from the opening of a connection to its CONNECT, and to the end of its authentication
 * @param fanOutSlice deliveries in one turn, before others have theirs
 * @param mailboxMessagesMax messages waiting for a shard; above it, publishers are read no further
 * @param revealNotAuthorized false: a client that may not publish or subscribe is told 0x80 (Unspecified error) in place of 0x87,
 *     and so does not learn what there is
 * @param mailboxBytesMax the same by weight
 * @param responseInformation what a client that asks for it is told as Response Information, its client identifier appended;
 *     empty: nothing
 * @param messageSecondsMax how long a message is for, where it says no less itself (Message Expiry Interval); not for
 *     retained ones, and not told to clients. 0: as long as it likes
 * @param queueFull what becomes of a message that finds no room in a queue
 * @param fairUse what one client, and one user, may have of it all
 */
public record Limits(
        int packetBytesMax,
        int receiveMaximum,
        int inflightMax,
        int topicAliasMaximum,
        int topicAliasMaximumOutbound,
        int keepAliveSecondsMax,
        long sessionExpirySecondsMax,
        int sessionsMax,
        int subscriptionsPerSessionMax,
        int topicLevelsMax,
        int queueMessagesMax,
        long queueBytesMax,
        long shardQueueBytesMax,
        int retainedMessagesMax,
        long retainedBytesMax,
        int maximumQoS,
        boolean retainAvailable,
        boolean wildcardSubscriptionAvailable,
        boolean sharedSubscriptionAvailable,
        boolean subscriptionIdentifierAvailable,
        int clientIdentifierBytesMax,
        int connectSeconds,
        int fanOutSlice,
        int mailboxMessagesMax,
        long mailboxBytesMax,
        boolean revealNotAuthorized,
        String responseInformation,
        long messageSecondsMax,
        QueueFull queueFull,
        FairUse fairUse) {

    /** What becomes of a message that finds no room in the queue of a client. */
    public enum QueueFull {
        /** It is dropped, and counted. */
        DROP_NEWEST,
        /** Those that have waited longest are dropped, and counted. */
        DROP_OLDEST,
        /**
         * It waits all the same, but as long as the queue is more than half full, publishers of QoS 1 and 2 messages that the
         * client subscribed to (not by a shared subscription) are refused with 0x97; before MQTT 5, disconnected.
         */
        REFUSE
    }

    public static final Limits DEFAULT = new Limits(
            1 << 20,
            1_024,
            1_024,
            32,
            32,
            65_535,
            604_800,
            1_000_000,
            100_000,
            128,
            100_000,
            64 << 20,
            256 << 20,
            1_000_000,
            256 << 20,
            2,
            true,
            true,
            true,
            true,
            1_024,
            10,
            65_536,
            65_536,
            64 << 20,
            true,
            "",
            0,
            QueueFull.DROP_NEWEST,
            FairUse.DEFAULT);

    public Limits {
        positive(packetBytesMax, "packetBytesMax", 268_435_460);
        positive(receiveMaximum, "receiveMaximum", 65_535);
        positive(inflightMax, "inflightMax", 65_535);
        positive(keepAliveSecondsMax, "keepAliveSecondsMax", 65_535);
        positive(topicLevelsMax, "topicLevelsMax", 1_000);
        positive(connectSeconds, "connectSeconds", 3_600);
        positive(fanOutSlice, "fanOutSlice", Integer.MAX_VALUE);
        positive(mailboxMessagesMax, "mailboxMessagesMax", Integer.MAX_VALUE);
        if (topicAliasMaximum < 0 || topicAliasMaximum > 65_535) throw refuse("topicAliasMaximum", 0, 65_535);
        if (topicAliasMaximumOutbound < 0 || topicAliasMaximumOutbound > 65_535) {
            throw refuse("topicAliasMaximumOutbound", 0, 65_535);
        }
        if (sessionExpirySecondsMax < 0 || sessionExpirySecondsMax > 0xFFFF_FFFFL) {
            throw refuse("sessionExpirySecondsMax", 0, 0xFFFF_FFFFL);
        }
        if (maximumQoS < 0 || maximumQoS > 2) throw refuse("maximumQoS", 0, 2);
    }

    /** The reason that a client is told for what it may not. */
    ReasonCode notAuthorized() {
        return revealNotAuthorized ? ReasonCode.NOT_AUTHORIZED : ReasonCode.UNSPECIFIED_ERROR;
    }

    private static void positive(int value, String name, int max) {
        if (value < 1 || value > max) throw refuse(name, 1, max);
    }

    private static IllegalArgumentException refuse(String name, long min, long max) {
        return new IllegalArgumentException(name + " must be " + min + " to " + max);
    }
}
