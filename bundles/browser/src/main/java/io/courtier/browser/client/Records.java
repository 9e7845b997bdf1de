// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.Utf8;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.MalformedPacketException;
import io.courtier.protocol.codec.StoredMessages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client writes down, one record for each thing, by number. The numbers of messages are in the order in which they were
 * published. Without a store nothing is written and everything is durable at once.
 */
final class Records {
    static final int SESSION = 1;
    static final int MESSAGE = 2;
    static final int RECEIVED = 3;
    static final int SUBSCRIPTION = 4;

    private static final int RELEASED = 1;
    private static final int GRANTED = 1;
    private static final int LEAVING = 2;
    private static final int IDENTIFIED = 4;

    private @Nullable ClientStore store;
    private final ByteBuilder scratch = new ByteBuilder(128);
    private long next = 1;
    private boolean dirty;
    private long asked;
    private long stored;
    private long session;

    Records(@Nullable ClientStore store) {
        this.store = store;
    }

    boolean isKept() {
        return store != null;
    }

    long number() {
        return next++;
    }

    // ---- writing

    void session(String clientIdentifier) {
        if (session == 0) session = number();
        scratch.clear();
        scratch.u8(SESSION).utf8(clientIdentifier);
        put(session);
    }

    /** @param packetIdentifier 0: it waits */
    void message(long number, int packetIdentifier, boolean released, ApplicationMessage message) {
        if (store == null) return;
        scratch.clear();
        scratch.u8(MESSAGE).u8(released ? RELEASED : 0).u16(packetIdentifier);
        StoredMessages.write(message, scratch);
        put(number);
    }

    /** A Packet Identifier of QoS 2 that was received; gives the number of its record. */
    long received(int packetIdentifier) {
        long number = number();
        scratch.clear();
        scratch.u8(RECEIVED).u16(packetIdentifier);
        put(number);
        return number;
    }

    void subscription(long number, Subscription subscription, boolean leaving) {
        if (store == null) return;
        scratch.clear();
        scratch.u8(SUBSCRIPTION);
        scratch.u8((subscription.granted ? GRANTED : 0)
                | (leaving ? LEAVING : 0)
                | (subscription.identifier == subscription.number ? 0 : IDENTIFIED));
        scratch.u32(subscription.number).u32(subscription.identifier);
        scratch.u16(subscription.requests.size());
        for (Subscribe.Request request : subscription.requests) {
            SubscriptionOptions options = request.options();
            scratch.utf8(request.topicFilter())
                    .u8(options.maximumQoS().value()
                            | (options.noLocal() ? 4 : 0)
                            | (options.retainAsPublished() ? 8 : 0)
                            | options.retainHandling().value() << 4);
        }
        put(number);
    }

    private void put(long number) {
        ClientStore to = store;
        if (to == null) return;
        to.put(number, Arrays.copyOf(scratch.array(), scratch.length()));
        dirty = true;
    }

    void delete(long number) {
        ClientStore to = store;
        if (to == null || number == 0) return;
        to.delete(number);
        dirty = true;
    }

    // ---- when it is durable

    /** Ends a turn. What the turn promised may be said when this ticket is {@link #isStored}. */
    long endTurn() {
        ClientStore to = store;
        if (dirty && to != null) {
            dirty = false;
            to.commit(++asked);
        }
        return asked;
    }

    void stored(long ticket) {
        stored = Math.max(stored, Math.min(ticket, asked));
    }

    boolean isStored(long ticket) {
        return store == null || ticket <= stored;
    }

    /** The store is no more. */
    void lose() {
        store = null;
    }

    // ---- reading

    /** Reads what was written, into whoever it is of. @throws MalformedPacketException where it is no record */
    void read(long number, byte[] record, Reader to) {
        next = Math.max(next, number + 1);
        if (record.length == 0) throw new MalformedPacketException("an empty record");
        switch (record[0]) {
            case SESSION -> {
                session = number;
                to.session(text(record, 3, u16(record, 1)));
            }
            case MESSAGE ->
                to.message(
                        number,
                        u16(record, 2),
                        (at(record, 1) & RELEASED) != 0,
                        StoredMessages.read(record, 4, record.length - 4, null));
            case RECEIVED -> to.received(number, u16(record, 1));
            case SUBSCRIPTION -> readSubscription(number, record, to);
            default -> throw new MalformedPacketException("a record of kind " + record[0]);
        }
    }

    private static void readSubscription(long number, byte[] record, Reader to) {
        int flags = at(record, 1);
        int of = u16(record, 2) << 16 | u16(record, 4);
        int identifier = u16(record, 6) << 16 | u16(record, 8);
        int count = u16(record, 10);
        int at = 12;
        List<Subscribe.Request> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = u16(record, at);
            String filter = text(record, at + 2, length);
            at += 2 + length;
            int bits = at(record, at++);
            if ((bits & 3) == 3 || (bits >> 4 & 3) == 3) throw new MalformedPacketException("subscription options");
            requests.add(new Subscribe.Request(
                    filter,
                    new SubscriptionOptions(
                            QoS.of(bits & 3), (bits & 4) != 0, (bits & 8) != 0, RetainHandling.of(bits >> 4 & 3))));
        }
        Properties properties = (flags & IDENTIFIED) == 0
                ? Properties.NONE
                : Properties.builder()
                        .set(Property.SUBSCRIPTION_IDENTIFIER, identifier)
                        .build();
        Subscription subscription = new Subscription(of, requests, properties, Reply.NONE);
        subscription.record = number;
        subscription.granted = (flags & GRANTED) != 0;
        subscription.restored = true;
        to.subscription(subscription, (flags & LEAVING) != 0);
    }

    private static int at(byte[] record, int at) {
        if (at >= record.length) throw new MalformedPacketException("ends too early");
        return record[at] & 0xFF;
    }

    private static int u16(byte[] record, int at) {
        return at(record, at) << 8 | at(record, at + 1);
    }

    private static String text(byte[] record, int at, int length) {
        if (length > record.length - at) throw new MalformedPacketException("ends too early");
        String text = Utf8.decode(record, at, length);
        if (text == null) throw new MalformedPacketException("not UTF-8");
        return text;
    }

    /** Takes what is read. */
    interface Reader {
        void session(String clientIdentifier);

        void message(long number, int packetIdentifier, boolean released, ApplicationMessage message);

        void received(long number, int packetIdentifier);

        void subscription(Subscription subscription, boolean leaving);
    }
}
