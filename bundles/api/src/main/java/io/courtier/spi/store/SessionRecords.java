// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import io.courtier.protocol.QoS;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.Utf8;
import io.courtier.protocol.Will;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.MalformedPacketException;
import io.courtier.protocol.codec.StoredMessages;

/**
 * Session records as bytes: a byte that says which it is, then its parts in order; numbers in as few bytes as they need, seven
 * bits each, lowest first. A later version adds kinds and never changes what one means; whoever meets a kind that it does not
 * know must not go on, for it would forget what that stands for.
 */
public final class SessionRecords {
    private static final int STARTED = 1;
    private static final int CONNECTED = 2;
    private static final int DISCONNECTED = 3;
    private static final int WILL_DONE = 4;
    private static final int ENDED = 5;
    private static final int SUBSCRIBED = 6;
    private static final int UNSUBSCRIBED = 7;
    private static final int STORED = 8;
    private static final int ROUTED = 9;
    private static final int RECEIVED = 10;
    private static final int COMPLETED = 11;
    private static final int QUEUED = 12;
    private static final int RELEASED = 13;
    private static final int FINISHED = 14;
    private static final int IN_DOUBT = 15;

    private SessionRecords() {}

    public static void write(SessionRecord record, ByteBuilder to) {
        if (record instanceof SessionRecord.Queued queued) {
            to.u8(QUEUED);
            number(queued.session(), to);
            number(queued.message(), to);
            number(queued.number(), to);
            number(queued.weight(), to);
            int[] identifiers = queued.subscriptionIdentifiers();
            int count = identifiers == null ? 0 : identifiers.length;
            String shared = queued.sharedFilter();
            to.u8(queued.qos() | (queued.retain() ? 4 : 0) | (count > 0 ? 8 : 0) | (shared == null ? 0 : 16));
            if (identifiers != null && count > 0) {
                number(count, to);
                for (int identifier : identifiers) number(identifier, to);
            }
            if (shared != null) text(shared, to);
        } else if (record instanceof SessionRecord.Finished finished) {
            number(finished.number(), number(finished.session(), to.u8(FINISHED)));
        } else if (record instanceof SessionRecord.Stored stored) {
            to.u8(STORED).u8(stored.shard());
            number(stored.packetIdentifier(), number(stored.session(), to));
            number(stored.retainedAt(), to);
            StoredMessages.write(stored.message(), to);
        } else if (record instanceof SessionRecord.Routed routed) {
            number(routed.upTo(), to.u8(ROUTED).u8(routed.shard()));
        } else if (record instanceof SessionRecord.Released released) {
            number(released.number(), number(released.session(), to.u8(RELEASED)));
        } else if (record instanceof SessionRecord.Received received) {
            number(received.packetIdentifier(), number(received.session(), to.u8(RECEIVED)));
        } else if (record instanceof SessionRecord.Completed completed) {
            number(completed.packetIdentifier(), number(completed.session(), to.u8(COMPLETED)));
        } else {
            writeRare(record, to);
        }
    }

    private static void writeRare(SessionRecord record, ByteBuilder to) {
        if (record instanceof SessionRecord.Started started) {
            to.u8(STARTED);
            text(started.clientIdentifier(), to);
        } else if (record instanceof SessionRecord.Connected connected) {
            number(connected.expirySeconds(), number(connected.session(), to.u8(CONNECTED)));
            String userName = connected.userName();
            Will will = connected.will();
            to.u8((userName == null ? 0 : 1) | (will == null ? 0 : 2));
            if (userName != null) text(userName, to);
            if (will != null) StoredMessages.write(will, to);
        } else if (record instanceof SessionRecord.Disconnected disconnected) {
            number(disconnected.session(), to.u8(DISCONNECTED));
            number(disconnected.epochMillis(), number(disconnected.expirySeconds(), to));
            number(disconnected.sentThrough(), to);
        } else if (record instanceof SessionRecord.WillDone done) {
            number(done.session(), to.u8(WILL_DONE));
        } else if (record instanceof SessionRecord.Ended ended) {
            number(ended.session(), to.u8(ENDED));
        } else if (record instanceof SessionRecord.Subscribed subscribed) {
            number(subscribed.subscriptionIdentifier(), number(subscribed.session(), to.u8(SUBSCRIBED)));
            SubscriptionOptions options = subscribed.options();
            to.u8(options.maximumQoS().value()
                    | (options.noLocal() ? 4 : 0)
                    | (options.retainAsPublished() ? 8 : 0)
                    | options.retainHandling().ordinal() << 4);
            text(subscribed.topicFilter(), to);
        } else if (record instanceof SessionRecord.Unsubscribed unsubscribed) {
            number(unsubscribed.session(), to.u8(UNSUBSCRIBED));
            text(unsubscribed.topicFilter(), to);
        } else if (record instanceof SessionRecord.InDoubt inDoubt) {
            number(inDoubt.message(), to.u8(IN_DOUBT).u8(inDoubt.shard()));
            number(inDoubt.given().length, number(inDoubt.retainedAt(), to));
            for (long session : inDoubt.given()) number(session, to);
        } else {
            throw new IllegalArgumentException("no form for " + record);
        }
    }

    /** @throws MalformedPacketException where it is no record, or of a kind that this version does not know */
    public static SessionRecord read(byte[] bytes, int offset, int length) {
        Reader in = new Reader(bytes, offset, offset + length);
        int kind = in.u8();
        return switch (kind) {
            case STARTED -> new SessionRecord.Started(in.text());
            case CONNECTED -> connected(in);
            case DISCONNECTED -> new SessionRecord.Disconnected(in.number(), in.number(), in.number(), in.number());
            case WILL_DONE -> new SessionRecord.WillDone(in.number());
            case ENDED -> new SessionRecord.Ended(in.number());
            case SUBSCRIBED -> subscribed(in);
            case UNSUBSCRIBED -> new SessionRecord.Unsubscribed(in.number(), in.text());
            case STORED -> {
                int shard = (byte) in.u8();
                long session = in.number();
                int identifier = (int) in.number();
                long retainedAt = in.number();
                yield new SessionRecord.Stored(
                        shard, session, identifier, retainedAt, StoredMessages.read(bytes, in.at, in.to - in.at, null));
            }
            case ROUTED -> new SessionRecord.Routed((byte) in.u8(), in.number());
            case RECEIVED -> new SessionRecord.Received(in.number(), (int) in.number());
            case COMPLETED -> new SessionRecord.Completed(in.number(), (int) in.number());
            case QUEUED -> queued(in);
            case RELEASED -> new SessionRecord.Released(in.number(), in.number());
            case FINISHED -> new SessionRecord.Finished(in.number(), in.number());
            case IN_DOUBT -> inDoubt(in);
            default -> throw new MalformedPacketException("session record of kind " + kind);
        };
    }

    private static SessionRecord connected(Reader in) {
        long session = in.number();
        long expirySeconds = in.number();
        int flags = in.u8();
        String userName = (flags & 1) != 0 ? in.text() : null;
        Will will = (flags & 2) != 0 ? StoredMessages.readWill(in.bytes, in.at, in.to - in.at) : null;
        return new SessionRecord.Connected(session, userName, expirySeconds, will);
    }

    private static SessionRecord subscribed(Reader in) {
        long session = in.number();
        int identifier = (int) in.number();
        int flags = in.u8();
        SubscriptionOptions options = new SubscriptionOptions(
                QoS.of(flags & 3), (flags & 4) != 0, (flags & 8) != 0, RetainHandling.values()[flags >> 4 & 3]);
        return new SessionRecord.Subscribed(session, in.text(), options, identifier);
    }

    private static SessionRecord queued(Reader in) {
        long session = in.number();
        long message = in.number();
        long number = in.number();
        int weight = (int) in.number();
        int flags = in.u8();
        int[] identifiers = null;
        if ((flags & 8) != 0) {
            identifiers = new int[in.count()];
            for (int i = 0; i < identifiers.length; i++) identifiers[i] = (int) in.number();
        }
        String shared = (flags & 16) != 0 ? in.text() : null;
        return new SessionRecord.Queued(
                session, message, number, weight, flags & 3, (flags & 4) != 0, identifiers, shared);
    }

    private static SessionRecord inDoubt(Reader in) {
        int shard = in.u8();
        long message = in.number();
        long retainedAt = in.number();
        long[] given = new long[in.count()];
        for (int i = 0; i < given.length; i++) given[i] = in.number();
        return new SessionRecord.InDoubt(message, shard, retainedAt, given);
    }

    private static ByteBuilder number(long value, ByteBuilder to) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            to.u8((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        return to.u8((int) rest);
    }

    /** Longer than a UTF-8 Encoded String of MQTT may be: the filter of a shared subscription. */
    private static void text(String text, ByteBuilder to) {
        byte[] utf8 = Utf8.encode(text);
        number(utf8.length, to).raw(utf8, 0, utf8.length);
    }

    private static final class Reader {
        final byte[] bytes;
        final int to;
        int at;

        Reader(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.at = from;
            this.to = to;
        }

        int u8() {
            if (at >= to) throw new MalformedPacketException("ends too early");
            return bytes[at++] & 0xFF;
        }

        long number() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                int b = u8();
                value |= (b & 0x7FL) << shift;
                if (b < 0x80) return value;
            }
            throw new MalformedPacketException("a number of more than 64 bits");
        }

        /** How many parts follow, each of a byte at least. */
        int count() {
            long count = number();
            if (count < 0 || count > to - at) throw new MalformedPacketException("ends too early");
            return (int) count;
        }

        String text() {
            int length = count();
            String text = length == 0 ? "" : Utf8.decode(bytes, at, length);
            if (text == null) throw new MalformedPacketException("not UTF-8");
            at += length;
            return text;
        }
    }
}
