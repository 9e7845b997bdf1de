// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.EncodedPublish;
import io.courtier.protocol.codec.ProtocolException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of the application, until the server has them. They go in the order in which they were published; of QoS 1 and
 * 2 as many are under way as both sides take. [MQTT-3.3.4-9] At a new connection those that were under way go first, with DUP
 * and their identifiers where the session is still there [MQTT-4.4.0-1], and as new ones where it is not.
 */
final class Outbox {
    private static final class Item {
        final long number;
        final ApplicationMessage message;
        final Reply reply;
        /** 0: it waits. */
        int packetIdentifier;
        /** PUBREC came. */
        boolean released;

        ReasonCode answer = ReasonCode.SUCCESS;
        Properties answered = Properties.NONE;
        /** The connection that it counts for. */
        int connection;

        Item(long number, ApplicationMessage message, Reply reply) {
            this.number = number;
            this.message = message;
            this.reply = reply;
        }
    }

    private final ClientOptions.Bounds bounds;
    private final Records records;
    private final PacketIdentifiers identifiers;
    private final Consumer<Runnable> tell;
    private final ArrayDeque<Item> waiting = new ArrayDeque<>();
    private final ArrayDeque<Item> again = new ArrayDeque<>();
    private final Map<Integer, Item> inflight = new LinkedHashMap<>();
    private int waitingQoS0;
    private int underWay;
    private long bytes;

    Outbox(ClientOptions.Bounds bounds, Records records, PacketIdentifiers identifiers, Consumer<Runnable> tell) {
        this.bounds = bounds;
        this.records = records;
        this.identifiers = identifiers;
        this.tell = tell;
    }

    int count() {
        return waiting.size() + inflight.size();
    }

    long bytes() {
        return bytes;
    }

    /** In the order of their numbers. */
    void restore(long number, int packetIdentifier, boolean released, ApplicationMessage message) {
        Item item = new Item(number, message, Reply.NONE);
        bytes += message.weight();
        if (packetIdentifier == 0) {
            enqueue(item);
            return;
        }
        item.packetIdentifier = packetIdentifier;
        item.released = released;
        identifiers.use(packetIdentifier);
        inflight.put(packetIdentifier, item);
    }

    private void enqueue(Item item) {
        waiting.add(item);
        if (item.message.qos() == QoS.AT_MOST_ONCE) waitingQoS0++;
    }

    /** @param link null: there is no connection */
    void publish(ApplicationMessage message, Reply reply, boolean queueQoS0, @Nullable Link link, long epochMillis) {
        boolean once = message.qos() == QoS.AT_MOST_ONCE;
        if (once && link != null && waitingQoS0 == 0) {
            Failure failure = send(message, QoS.AT_MOST_ONCE, false, 0, link, epochMillis);
            tell.accept(() -> {
                if (failure != null) reply.failed(failure);
                else reply.done(List.of(ReasonCode.SUCCESS), Properties.NONE);
            });
            return;
        }
        Failure failure = once && !queueQoS0
                ? Failure.of(Failure.Kind.OFFLINE, "not connected, and messages of QoS 0 do not wait")
                : full(message.weight());
        if (failure != null) {
            tell.accept(() -> reply.failed(failure));
            return;
        }
        Item item = new Item(records.number(), message, reply);
        bytes += message.weight();
        enqueue(item);
        // Where it leaves in this turn, one record is enough.
        if (link != null) pump(link, epochMillis);
        if (waiting.peekLast() == item) records.message(item.number, 0, false, message);
    }

    private @Nullable Failure full(int weight) {
        if (count() < bounds.messagesMax() && bytes + weight <= bounds.bytesMax()) return null;
        return Failure.of(
                Failure.Kind.FULL,
                ReasonCode.QUOTA_EXCEEDED,
                count() + " messages of " + bytes + " bytes wait, and no more than " + bounds.messagesMax() + " of "
                        + bounds.bytesMax() + " may");
    }

    /** Sends what may leave. */
    void pump(Link link, long epochMillis) {
        int quota = Math.min(bounds.inflightMax(), link.limits().receiveMaximum());
        while (!again.isEmpty() && underWay < quota) {
            Item item = again.remove();
            if (inflight.get(item.packetIdentifier) != item) continue;
            transmit(item, true, link, epochMillis);
        }
        while (!waiting.isEmpty()) {
            Item item = waiting.getFirst();
            boolean once = item.message.qos() == QoS.AT_MOST_ONCE;
            boolean expired = item.message.isExpired(epochMillis);
            if (!expired && !once && (underWay >= quota || !again.isEmpty())) return;
            waiting.removeFirst();
            if (once) waitingQoS0--;
            if (expired) {
                fail(item, expired());
            } else if (once) {
                Failure failure = send(item.message, QoS.AT_MOST_ONCE, false, 0, link, epochMillis);
                if (failure != null) fail(item, failure);
                else finish(item);
            } else {
                item.packetIdentifier = identifiers.take();
                inflight.put(item.packetIdentifier, item);
                records.message(item.number, item.packetIdentifier, false, item.message);
                transmit(item, false, link, epochMillis);
            }
        }
    }

    private void transmit(Item item, boolean dup, Link link, long epochMillis) {
        Failure failure = send(item.message, item.message.qos(), dup, item.packetIdentifier, link, epochMillis);
        if (failure != null) {
            inflight.remove(item.packetIdentifier);
            identifiers.free(item.packetIdentifier);
            fail(item, failure);
            return;
        }
        item.connection = link.number();
        underWay++;
    }

    private static @Nullable Failure send(
            ApplicationMessage message, QoS qos, boolean dup, int packetIdentifier, Link link, long epochMillis) {
        ReasonCode refused = link.limits().refuses(qos, message.retain());
        if (refused != null) return Failure.of(Failure.Kind.INVALID, refused, "the server says: " + refused.text());
        long remaining = message.expiresAtMillis() == ApplicationMessage.NEVER
                ? -1
                : Math.max(0, (message.expiresAtMillis() - epochMillis + 999) / 1_000);
        int alias = link.aliases().known(message.topic());
        boolean withTopic = alias == 0;
        long size = EncodedPublish.size(message, link.v5(), qos, remaining, alias, withTopic, null);
        if (size > link.limits().maximumPacketSize()) {
            return Failure.of(
                    Failure.Kind.TOO_LARGE,
                    ReasonCode.PACKET_TOO_LARGE,
                    size + " bytes, and the server takes " + link.limits().maximumPacketSize());
        }
        // Setting an alias may cost some bytes.
        if (withTopic && size + 8 <= link.limits().maximumPacketSize())
            alias = link.aliases().assign(message.topic());
        EncodedPublish.encodeOnce(
                message,
                link.v5(),
                qos,
                message.retain(),
                dup,
                packetIdentifier,
                remaining,
                alias,
                withTopic,
                null,
                link.out());
        return null;
    }

    // ---- answers

    void acknowledged(int packetIdentifier, ReasonCode reason, Properties properties, Link link) {
        Item item = inflight.get(packetIdentifier);
        if (item == null) return;
        if (item.message.qos() != QoS.AT_LEAST_ONCE) throw refuse("PUBACK", packetIdentifier);
        item.answer = reason;
        item.answered = properties;
        leave(item, link);
    }

    void received(int packetIdentifier, ReasonCode reason, Properties properties, Link link) {
        Item item = inflight.get(packetIdentifier);
        if (item == null) {
            link.acknowledge(PacketType.PUBREL, packetIdentifier, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
            return;
        }
        if (item.message.qos() != QoS.EXACTLY_ONCE) throw refuse("PUBREC", packetIdentifier);
        if (reason.isError() && !item.released) {
            item.answer = reason;
            item.answered = properties;
            leave(item, link);
            return;
        }
        if (!item.released) {
            item.released = true;
            item.answer = reason;
            item.answered = properties;
            records.message(item.number, packetIdentifier, true, item.message);
        }
        link.acknowledge(PacketType.PUBREL, packetIdentifier, ReasonCode.SUCCESS);
    }

    void completed(int packetIdentifier, Link link) {
        Item item = inflight.get(packetIdentifier);
        if (item == null) return;
        if (!item.released) throw refuse("PUBCOMP", packetIdentifier);
        leave(item, link);
    }

    private static ProtocolException refuse(String packet, int packetIdentifier) {
        return new ProtocolException(
                ReasonCode.PROTOCOL_ERROR, packet + " for a message that waits for another: " + packetIdentifier);
    }

    private void leave(Item item, Link link) {
        inflight.remove(item.packetIdentifier);
        identifiers.free(item.packetIdentifier);
        if (item.connection == link.number()) underWay--;
        if (item.answer.isError()) {
            fail(item, new Failure(Failure.Kind.REFUSED, item.answer, text(item), item.answered));
        } else {
            finish(item);
        }
    }

    private static String text(Item item) {
        String said = item.answered.string(Property.REASON_STRING);
        return said == null ? item.answer.text() : said;
    }

    private void finish(Item item) {
        bytes -= item.message.weight();
        records.delete(item.number);
        tell.accept(() -> item.reply.done(List.of(item.answer), item.answered));
    }

    private void fail(Item item, Failure why) {
        bytes -= item.message.weight();
        records.delete(item.number);
        tell.accept(() -> item.reply.failed(why));
    }

    private static Failure expired() {
        return Failure.of(Failure.Kind.EXPIRED, "its Message Expiry Interval passed while it waited");
    }

    // ---- connections

    void connected(Link link, boolean sessionPresent) {
        again.clear();
        underWay = 0;
        if (!sessionPresent) {
            restart();
            return;
        }
        for (Item item : inflight.values()) {
            if (!item.released) {
                again.add(item);
                continue;
            }
            link.acknowledge(PacketType.PUBREL, item.packetIdentifier, ReasonCode.SUCCESS);
            item.connection = link.number();
            underWay++;
        }
    }

    /** The session is gone: what was under way is new again, but for what PUBREC had taken over. */
    private void restart() {
        List<Item> lost = new ArrayList<>(inflight.values());
        inflight.clear();
        for (int i = lost.size() - 1; i >= 0; i--) {
            Item item = lost.get(i);
            identifiers.free(item.packetIdentifier);
            item.packetIdentifier = 0;
            if (item.released) {
                finish(item);
            } else {
                waiting.addFirst(item);
                records.message(item.number, 0, false, item.message);
            }
        }
    }

    /** Lets go of what has expired while it waited. */
    void expire(long epochMillis) {
        for (Iterator<Item> each = waiting.iterator(); each.hasNext(); ) {
            Item item = each.next();
            if (!item.message.isExpired(epochMillis)) continue;
            each.remove();
            if (item.message.qos() == QoS.AT_MOST_ONCE) waitingQoS0--;
            fail(item, expired());
        }
    }

    /** Nobody will be answered any more. Records stay: another client may go on with them. */
    void end(Failure why) {
        for (Item item : inflight.values()) tell.accept(() -> item.reply.failed(why));
        for (Item item : waiting) tell.accept(() -> item.reply.failed(why));
        inflight.clear();
        waiting.clear();
        again.clear();
        bytes = 0;
        waitingQoS0 = 0;
    }
}
