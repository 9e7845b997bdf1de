// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

/**
 * One subscription from SUBSCRIBE to its end, on the clock of {@link Book#tick}. What the broker did lies between what the
 * client sent and what it was answered.
 */
final class Period {
    /**
     * What one client is told and what another asks then is in no order that the standard promises: a message that is
     * acknowledged may still be on its way from shard to shard. It is not for so long.
     */
    private static final long ON_ITS_WAY_NANOS = 1_000_000_000L;

    /** SUBSCRIBE was first sent. */
    final long askedAt;
    /** SUBACK came. */
    long grantedAt = Message.NEVER;
    /** UNSUBSCRIBE, or a CONNECT with Clean Start, was first sent. */
    long leftAt = Message.NEVER;
    /** That was answered. */
    long endedAt = Message.NEVER;
    /** It ended with its session, and with it all that waited. */
    boolean wiped;

    Period(long askedAt) {
        this.askedAt = askedAt;
    }

    boolean isOpen() {
        return leftAt == Message.NEVER;
    }

    boolean isGranted() {
        return grantedAt != Message.NEVER;
    }

    /** The broker acknowledged the message while it had acknowledged the subscription. */
    boolean owes(Message message) {
        return !wiped && grantedAt < message.sentAt && message.acknowledgedAt < leftAt - ON_ITS_WAY_NANOS;
    }

    /** The message may have come while there was the subscription. */
    boolean allows(Message message) {
        boolean gone = wiped && endedAt != Message.NEVER;
        return !gone && message.acknowledgedAt > askedAt - ON_ITS_WAY_NANOS && message.sentAt < endedAt;
    }

    @Override
    public String toString() {
        return "asked at " + askedAt + " granted at " + time(grantedAt) + " left at " + time(leftAt) + " ended at "
                + time(endedAt) + (wiped ? " wiped" : "");
    }

    private static String time(long at) {
        return at == Message.NEVER ? "-" : String.format("%.3f ms", at / 1e6);
    }
}
