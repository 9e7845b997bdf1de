// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.QoS;
import java.nio.ByteBuffer;

/** A message as its publisher remembers it. Its payload follows from its number, so that whoever gets it can tell. */
final class Message {
    static final long NEVER = Long.MAX_VALUE;
    /** So short that a message may be gone before its subscriber comes back. */
    static final int FLEETING_SECONDS = 1;

    static final int LASTING_SECONDS = 3_600;

    final int number;
    final int publisher;
    final int topic;
    final QoS qos;
    /** The Message Expiry Interval; 0: none. */
    final int expirySeconds;
    /** When it was first sent, on the clock of {@link Book#tick}. */
    final long sentAt;
    /** When PUBACK or PUBREC came. */
    long acknowledgedAt = NEVER;
    /** When it was last sent. */
    long sentNanos;

    Message(int number, int publisher, int topic, QoS qos, int expirySeconds, long sentAt) {
        this.number = number;
        this.publisher = publisher;
        this.topic = topic;
        this.qos = qos;
        this.expirySeconds = expirySeconds;
        this.sentAt = sentAt;
    }

    boolean isFleeting() {
        return expirySeconds == FLEETING_SECONDS;
    }

    byte[] payload() {
        int mixed = number * 0x9E3779B1;
        // Mostly up to 1 KiB; now and then more than a page.
        int length = 4 + (mixed >>> 22) + ((mixed & 63) == 0 ? 6_000 : 0);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        bytes.putInt(number);
        while (bytes.hasRemaining()) bytes.put((byte) (number + bytes.position() * 31));
        return bytes.array();
    }

    /** The number in a payload; -1: there is none. */
    static int number(byte[] payload) {
        return payload.length < 4 ? -1 : ByteBuffer.wrap(payload).getInt();
    }

    @Override
    public String toString() {
        return "message " + number + " (publisher " + publisher + ", topic " + topic + ", QoS " + qos.value()
                + (expirySeconds > 0 ? ", expiry " + expirySeconds + " s" : "") + ", sent at " + sentAt / 1_000_000
                + " ms" + (acknowledgedAt == NEVER ? "" : ", acknowledged at " + acknowledgedAt / 1_000_000 + " ms")
                + ")";
    }
}
