// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the bytes of a turn back until what the turn wrote down is durable: a PUBLISH whose identifier was forgotten would
 * make the next one look like its double, and so would a PUBREC, PUBREL or PUBCOMP. Without a store they leave at once.
 */
final class Outgoing {
    /** @param bytes null: close */
    private record Held(int connection, byte @Nullable [] bytes, long ticket) {}

    private final ClientHost host;
    private final Records records;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private long heldBytes;

    Outgoing(ClientHost host, Records records) {
        this.host = host;
        this.records = records;
    }

    long heldBytes() {
        return heldBytes;
    }

    void send(int connection, byte[] bytes, long ticket) {
        if (bytes.length == 0) return;
        if (held.isEmpty() && records.isStored(ticket)) {
            host.send(connection, bytes);
            return;
        }
        held.add(new Held(connection, bytes, ticket));
        heldBytes += bytes.length;
    }

    /** Closes behind what was sent. */
    void close(int connection, long ticket) {
        if (held.isEmpty()) host.close(connection);
        else held.add(new Held(connection, null, ticket));
    }

    /** Sends what may leave. */
    void release() {
        while (!held.isEmpty() && records.isStored(held.getFirst().ticket())) {
            Held next = held.removeFirst();
            byte[] bytes = next.bytes();
            if (bytes == null) {
                host.close(next.connection());
            } else {
                heldBytes -= bytes.length;
                host.send(next.connection(), bytes);
            }
        }
    }

    /** The connection is no more: nothing leaves on it, as if the network had lost it. */
    void drop(int connection) {
        held.removeIf(each -> each.connection() == connection);
        heldBytes = 0;
        for (Held each : held) {
            byte[] bytes = each.bytes();
            if (bytes != null) heldBytes += bytes.length;
        }
    }
}
