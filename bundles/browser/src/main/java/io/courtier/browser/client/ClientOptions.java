// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.Connect;

/**
 * What an application wants of its client.
 *
 * @param connect sent at each connection. Its Clean Start is for the first only, where the version lets a session go on
 *     (MQTT 5); its client identifier, when empty, is replaced by the one that the server assigns. Receive Maximum, Maximum
 *     Packet Size and Topic Alias Maximum are added from the bounds where it has none
 * @param retryFirst whether a first connection that fails is tried again like one that is lost; else connect() fails
 * @param queueQoS0 whether messages of QoS 0 wait for a connection; else they fail at once
 */
public record ClientOptions(Connect connect, BackOff backOff, Bounds bounds, boolean retryFirst, boolean queueQoS0) {
    /**
     * When to try again: after the first delay, then {@code factor} times the last, up to the longest. Of each delay a part
     * is left to chance, or all clients of a server that was restarted would come back at once.
     *
     * @param jitter the part of a delay that is drawn, 0 to 1: with 0.5 a delay of 8 s becomes 4 s to 8 s
     * @param attemptsMax so many in a row, then the client gives up; 0: it never does
     * @param stableMillis a connection that held as long ends the row
     */
    public record BackOff(
            boolean enabled,
            long firstMillis,
            long longestMillis,
            double factor,
            double jitter,
            int attemptsMax,
            long stableMillis) {
        public static final BackOff DEFAULT = new BackOff(true, 1_000, 60_000, 2, 0.5, 0, 10_000);

        public BackOff {
            if (firstMillis < 0 || longestMillis < firstMillis) throw new IllegalArgumentException("delays");
            if (!(factor >= 1)) throw new IllegalArgumentException("a factor below 1");
            if (!(jitter >= 0 && jitter <= 1)) throw new IllegalArgumentException("jitter is from 0 to 1");
            if (attemptsMax < 0 || stableMillis < 0) throw new IllegalArgumentException("attempts and times from 0");
        }

        /** @param chance from 0 to 1 */
        long delayMillis(int attempt, double chance) {
            double delay = (double) firstMillis;
            for (int i = 1; i < attempt && delay < (double) longestMillis; i++) delay *= factor;
            delay = Math.min(delay, (double) longestMillis);
            return (long) (delay * (1 - jitter * chance));
        }
    }

    /**
     * What the client takes.
     *
     * @param connectMillis from opening the transport to CONNACK; an AUTH begins it anew
     * @param pingMillis after a PINGREQ, until anything comes
     * @param messagesMax of QoS 1 and 2 that are not acknowledged, and whatever else waits; a further one fails
     * @param bytesMax the same by weight, and the bytes that wait for the store
     * @param inflightMax of QoS 1 and 2 under way, where the server's Receive Maximum is not lower
     * @param subscriptionsMax a further one fails
     * @param receiveMaximum messages of QoS 1 and 2 whose handlers have not returned
     * @param packetBytesMax of a packet from the server
     * @param topicAliasesIn that the server may use
     * @param topicAliasesOut that the client uses, where the server takes as many
     */
    public record Bounds(
            long connectMillis,
            long pingMillis,
            int messagesMax,
            long bytesMax,
            int inflightMax,
            int subscriptionsMax,
            int receiveMaximum,
            int packetBytesMax,
            int topicAliasesIn,
            int topicAliasesOut) {
        public static final Bounds DEFAULT =
                new Bounds(30_000, 10_000, 1_000, 16 << 20, 100, 1_000, 100, 16 << 20, 32, 32);

        public Bounds {
            positive(connectMillis, Long.MAX_VALUE, "connectMillis");
            positive(pingMillis, Long.MAX_VALUE, "pingMillis");
            positive(messagesMax, 1_000_000, "messagesMax");
            positive(bytesMax, Long.MAX_VALUE, "bytesMax");
            // Packet Identifiers are left for SUBSCRIBE and UNSUBSCRIBE.
            positive(inflightMax, 32_767, "inflightMax");
            positive(subscriptionsMax, 16_000, "subscriptionsMax");
            positive(receiveMaximum, 65_535, "receiveMaximum");
            positive(packetBytesMax, 268_435_460, "packetBytesMax");
            positive(topicAliasesIn + 1, 65_536, "topicAliasesIn");
            positive(topicAliasesOut + 1, 65_536, "topicAliasesOut");
        }

        private static void positive(long value, long max, String name) {
            if (value < 1 || value > max) throw new IllegalArgumentException(name + " out of range: " + value);
        }
    }
}
