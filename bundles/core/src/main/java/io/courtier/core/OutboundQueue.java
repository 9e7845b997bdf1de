// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * QoS 1 and 2 messages that wait for a client: it is away, slow, or its Receive Maximum is used up. First in, first out. As
 * long as messages of the past wait in it, those of QoS 0 do so as well, so that none overtakes.
 */
final class OutboundQueue {
    /** A message and how this client is to have it. */
    static final class Entry {
        /** Null: only the store has it. */
        @Nullable
        ApplicationMessage message;

        final int qos;
        final boolean retain;

        @Nullable
        final Matched matched;
        /** What it costs this queue. */
        final int weight;
        /** What it costs the memory of the shard. */
        final int resident;

        // Of messages that a store keeps.
        final long number;
        final long position;
        /** Where it says that the message waits here. */
        final long queuedAt;
        /** It may have been sent before, by a broker that is no more. */
        final boolean dup;
        /** The store has it no more. */
        boolean lost;

        Entry(ApplicationMessage message, int qos, boolean retain, @Nullable Matched matched) {
            this(message, message.weight(), true, qos, retain, matched, 0, 0, 0, false);
        }

        /** @param resident whether the message is kept in memory, too */
        Entry(
                @Nullable ApplicationMessage message,
                int weight,
                boolean resident,
                int qos,
                boolean retain,
                @Nullable Matched matched,
                long number,
                long position,
                long queuedAt,
                boolean dup) {
            this.message = resident ? message : null;
            this.qos = qos;
            this.retain = retain;
            this.matched = matched;
            this.weight = weight;
            this.resident = resident ? weight : 0;
            this.number = number;
            this.position = position;
            this.queuedAt = queuedAt;
            this.dup = dup;
        }
    }

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long bytes;
    private long residentBytes;
    /** How many of the first ones lead up to the last that is of the past. */
    private int ledByPast;

    private int qos0;
    private int shared;

    void add(Entry entry) {
        entries.add(entry);
        bytes += entry.weight;
        residentBytes += entry.resident;
        if (entry.qos == 0) qos0++;
        if (Matched.sharedOf(entry.matched) != null) shared++;
    }

    /** The last one is of the past. */
    void markPast() {
        ledByPast = entries.size();
    }

    /** Whether a message of QoS 0 would overtake one that it must not. */
    boolean holdsQoS0() {
        return ledByPast > 0 || qos0 > 0;
    }

    /** Whether a shared group has any of them through this session. */
    boolean holdsShared() {
        return shared > 0;
    }

    /** The first; there must be one. */
    Entry element() {
        return entries.element();
    }

    @Nullable
    Entry peek() {
        return entries.peek();
    }

    @Nullable
    Entry poll() {
        Entry entry = entries.poll();
        if (entry != null) {
            bytes -= entry.weight;
            residentBytes -= entry.resident;
            if (ledByPast > 0) ledByPast--;
            if (entry.qos == 0) qos0--;
            if (Matched.sharedOf(entry.matched) != null) shared--;
        }
        return entry;
    }

    /** The first ones, so many of them that only the store has, and of no more than a weight. */
    Entry[] toFetch(int max, long weightMax) {
        Entry[] found = new Entry[Math.min(max, entries.size())];
        int count = 0;
        long weight = 0;
        Iterator<Entry> all = entries.iterator();
        while (all.hasNext() && count < found.length) {
            Entry entry = all.next();
            if (entry.message != null || entry.lost) continue;
            weight += entry.weight;
            if (count > 0 && weight > weightMax) break;
            found[count++] = entry;
        }
        return java.util.Arrays.copyOf(found, count);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    int size() {
        return entries.size();
    }

    /** The weight of all, wherever they are. */
    long bytes() {
        return bytes;
    }

    /** The weight of those in memory. */
    long residentBytes() {
        return residentBytes;
    }
}
