// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ApplicationMessage;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the store has of a page before this one: gathered in any order, and put in its place before the client does anything. */
final class Restoration {
    private final Records records;
    private final Handshake handshake;
    private final Outbox outbox;
    private final Inbox inbox;
    private final Subscriptions subscriptions;
    private @Nullable Map<Long, Runnable> gathered = new TreeMap<>();

    Restoration(Records records, Handshake handshake, Outbox outbox, Inbox inbox, Subscriptions subscriptions) {
        this.records = records;
        this.handshake = handshake;
        this.outbox = outbox;
        this.inbox = inbox;
        this.subscriptions = subscriptions;
    }

    /** @throws io.courtier.protocol.codec.MalformedPacketException where it is no record */
    void loaded(long number, byte[] record) {
        Map<Long, Runnable> to = gathered;
        if (to == null) throw new IllegalStateException("records are loaded before the client connects");
        records.read(number, record, new Records.Reader() {
            @Override
            public void session(String identifier) {
                handshake.restore(identifier);
            }

            @Override
            public void message(long at, int packetIdentifier, boolean released, ApplicationMessage message) {
                to.put(at, () -> outbox.restore(at, packetIdentifier, released, message));
            }

            @Override
            public void received(long at, int packetIdentifier) {
                to.put(at, () -> inbox.restore(packetIdentifier, Delivery.handledBefore(at, packetIdentifier)));
            }

            @Override
            public void subscription(Subscription subscription, boolean leaving) {
                to.put(number, () -> subscriptions.restore(subscription, leaving));
            }
        });
    }

    /** In the order of their numbers, which is that of the messages; the first time only. */
    void restore() {
        Map<Long, Runnable> all = gathered;
        gathered = null;
        if (all != null) for (Runnable each : all.values()) each.run();
    }
}
