// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.PacketType;
import org.jspecify.annotations.Nullable;

/**
 * Answers to one client that promise what is not durable yet, and what must not overtake them. They leave in their order,
 * which is that of the client's packets. [MQTT-4.6.0-2]
 */
final class HeldAnswers {
    private static final int IDLE_MAX = 64;

    private long[] storedAt = new long[8];
    private long[] retainedAt = new long[8];
    /** The type, then 16 bits of Packet Identifier; of those that are not a packet of their own. */
    private int[] acknowledgements = new int[8];
    /** Made with the first. */
    private byte @Nullable [] @Nullable [] packets;

    private int head;
    private int size;
    /** How many of them must leave before anything else may. */
    private int barriers;

    int size() {
        return size;
    }

    /** Nothing waits, and it has grown larger than it mostly needs to be. */
    boolean isIdle() {
        return size == 0 && storedAt.length > IDLE_MAX;
    }

    /** Nothing may be sent but behind these. */
    boolean isBarred() {
        return barriers > 0;
    }

    void add(PacketType type, int identifier, long stored, long retained) {
        int at = place(stored, retained);
        acknowledgements[at] = type.ordinal() << 16 | identifier;
    }

    /** @param barrier messages must not come before it */
    void add(byte[] packet, boolean barrier, long stored, long retained) {
        int at = place(stored, retained);
        if (packets == null) packets = new byte[storedAt.length][];
        packets[at] = packet;
        acknowledgements[at] = barrier ? 1 : 0;
        if (barrier) barriers++;
    }

    private int place(long stored, long retained) {
        if (size == storedAt.length) grow();
        int at = head + size++ & storedAt.length - 1;
        storedAt[at] = stored;
        retainedAt[at] = retained;
        return at;
    }

    /** Whether the first may leave. There must be one. */
    boolean isFirstDurable(StoreLog log) {
        return log.isDurable(storedAt[head], retainedAt[head]);
    }

    /** The first, if it is a packet of its own. */
    byte @Nullable [] firstPacket() {
        return packets == null ? null : packets[head];
    }

    PacketType firstType() {
        return TYPES[acknowledgements[head] >>> 16];
    }

    int firstIdentifier() {
        return acknowledgements[head] & 0xFFFF;
    }

    void removeFirst() {
        if (packets != null && packets[head] != null) {
            packets[head] = null;
            barriers -= acknowledgements[head];
        }
        head = head + 1 & storedAt.length - 1;
        size--;
    }

    private static final PacketType[] TYPES = PacketType.values();

    private void grow() {
        int capacity = storedAt.length;
        retainedAt = rotated(retainedAt, new long[2 * capacity]);
        acknowledgements = rotated(acknowledgements, new int[2 * capacity]);
        if (packets != null) packets = rotated(packets, new byte[2 * capacity][]);
        // Last: the others have its length.
        storedAt = rotated(storedAt, new long[2 * capacity]);
        head = 0;
    }

    /**
     * The longer one, with the first in the first place. Not Arrays.copyOfRange, which TeaVM 0.15 does not let reach beyond
     * the end.
     */
    @SuppressWarnings("SuspiciousSystemArraycopy") // Both are rings, of the same type.
    private <T> T rotated(T ring, T longer) {
        int capacity = storedAt.length;
        System.arraycopy(ring, head, longer, 0, capacity - head);
        System.arraycopy(ring, 0, longer, capacity - head, head);
        return longer;
    }
}
