// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** QoS 1 and 2 messages that wait for a client: it is away, slow, or its Receive Maximum is used up. First in, first out. */
final class OutboundQueue {
    /** A message and how this client is to have it. */
    record Entry(ApplicationMessage message, int qos, boolean retain, int @Nullable [] subscriptionIdentifiers) {}

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long bytes;

    void add(Entry entry) {
        entries.add(entry);
        bytes += entry.message().weight();
    }

    @Nullable
    Entry poll() {
        Entry entry = entries.poll();
        if (entry != null) bytes -= entry.message().weight();
        return entry;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    int size() {
        return entries.size();
    }

    long bytes() {
        return bytes;
    }
}
