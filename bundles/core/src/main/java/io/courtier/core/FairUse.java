// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

/**
 * What one client, and one user with all of its clients, may have of the broker. A rate of 0 is none. Clients without a user
 * name have no user, and so only the limits of a client.
 *
 * @param clientConnectsPerMinute how often one client identifier may come in; a minute's worth may come at once. Only whom
 *     an authenticator let in is counted, or anybody could use up somebody else's; who has used it up is refused with 0x9F
 *     before an authenticator is asked
 * @param userConnectsPerMinute the same for one user; known, and so refused, behind the authenticator
 * @param clientMessagesPerSecond messages that one client may publish
 * @param clientBytesPerSecond the same by the size of the packets
 * @param userMessagesPerSecond messages that all clients of one user may publish together
 * @param userBytesPerSecond the same by the size of the packets
 * @param burstSeconds how many seconds' worth of the four may come at once
 * @param excess what becomes of a client that publishes more
 * @param sessionsPerUserMax sessions of one user, connected or not; 0: any number. CONNECT is refused with 0x97
 * @param takeOversMax how often a client identifier may take its session over from a connection that is there, within {@code
 *     takeOverSeconds}; 0: any number. More is a storm ({@link TakeOvers}): CONNECT is refused with 0x89, and for v3 with 3.
 *     Five: who lost its network needs one or two
 */
public record FairUse(
        int clientConnectsPerMinute,
        int userConnectsPerMinute,
        int clientMessagesPerSecond,
        long clientBytesPerSecond,
        int userMessagesPerSecond,
        long userBytesPerSecond,
        int burstSeconds,
        Excess excess,
        int sessionsPerUserMax,
        int takeOversMax,
        int takeOverSeconds) {

    /** What becomes of a client that publishes faster than it may. */
    public enum Excess {
        /** It is read no further until it may publish again: nothing is lost. */
        PAUSE,
        /** It is disconnected with 0x96. */
        DISCONNECT
    }

    public static final FairUse DEFAULT = new FairUse(0, 0, 0, 0, 0, 0, 1, Excess.PAUSE, 0, 5, 10);

    /** What may come at once of the connects. */
    static final long CONNECTS_BURST_NANOS = 60_000_000_000L;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int TAKE_OVERS_MAX = 100;

    public FairUse {
        from(0, clientConnectsPerMinute, Integer.MAX_VALUE, "clientConnectsPerMinute");
        from(0, userConnectsPerMinute, Integer.MAX_VALUE, "userConnectsPerMinute");
        from(0, clientMessagesPerSecond, Integer.MAX_VALUE, "clientMessagesPerSecond");
        from(0, clientBytesPerSecond, Long.MAX_VALUE / 2, "clientBytesPerSecond");
        from(0, userMessagesPerSecond, Integer.MAX_VALUE, "userMessagesPerSecond");
        from(0, userBytesPerSecond, Long.MAX_VALUE / 2, "userBytesPerSecond");
        from(1, burstSeconds, 3_600, "burstSeconds");
        from(0, sessionsPerUserMax, Integer.MAX_VALUE - 1, "sessionsPerUserMax");
        from(0, takeOversMax, TAKE_OVERS_MAX, "takeOversMax");
        from(1, takeOverSeconds, 3_600, "takeOverSeconds");
    }

    /** Whether publishing has a limit at all. */
    boolean limitsMessages() {
        return clientMessagesPerSecond > 0
                || clientBytesPerSecond > 0
                || userMessagesPerSecond > 0
                || userBytesPerSecond > 0;
    }

    long burstNanos() {
        return burstSeconds * SECOND_NANOS;
    }

    /** What so many cost of a rate in a second. */
    static long costNanos(long count, long perSecond) {
        return (count * SECOND_NANOS + perSecond - 1) / perSecond;
    }

    static long connectNanos(int perMinute) {
        return (CONNECTS_BURST_NANOS + perMinute - 1) / perMinute;
    }

    private static void from(long min, long value, long max, String name) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be " + min + " to " + max);
        }
    }
}
