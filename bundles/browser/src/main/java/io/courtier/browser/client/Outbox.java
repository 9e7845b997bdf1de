// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages of the application, until the server has them, within {@link ClientOptions.Bounds}. They go in the order in
 * which they were published; what was under way at the last connection goes first, and as new where the session is gone.
 */
final class Outbox {
    private final ClientOptions.Bounds bounds;
    private final Records records;
    private final Turn turn;
    private final Inflight inflight;
    private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
    private int waitingQoS0;
    private long bytes;

    Outbox(ClientOptions.Bounds bounds, Records records, PacketIdentifiers identifiers, Turn turn) {
        this.bounds = bounds;
        this.records = records;
        this.turn = turn;
        inflight = new Inflight(bounds.inflightMax(), records, identifiers);
    }

    int count() {
        return waiting.size() + inflight.count();
    }

    long bytes() {
        return bytes;
    }

    /** In the order of their numbers. */
    void restore(long number, int packetIdentifier, boolean released, ApplicationMessage message) {
        Pending restored = new Pending(number, message, Reply.NONE);
        bytes += message.weight();
        if (packetIdentifier == 0) enqueue(restored);
        else inflight.restore(restored, packetIdentifier, released);
    }

    private void enqueue(Pending message) {
        waiting.add(message);
        if (message.qos() == QoS.AT_MOST_ONCE) waitingQoS0++;
    }

    /** @param link null: there is no connection */
    void publish(ApplicationMessage message, Reply reply, boolean queueQoS0, @Nullable Link link, long epochMillis) {
        boolean once = message.qos() == QoS.AT_MOST_ONCE;
        if (once && link != null && waitingQoS0 == 0) {
            Failure failure = link.publish(message, false, 0, epochMillis);
            turn.tell(() -> {
                if (failure != null) reply.failed(failure);
                else reply.done(List.of(ReasonCode.SUCCESS), Properties.NONE);
            });
            return;
        }
        Failure failure = once && !queueQoS0
                ? Failure.of(Failure.Kind.OFFLINE, "not connected, and messages of QoS 0 do not wait")
                : full(message.weight());
        if (failure != null) {
            turn.tell(() -> reply.failed(failure));
            return;
        }
        Pending added = new Pending(records.number(), message, reply);
        bytes += message.weight();
        enqueue(added);
        // Where it leaves in this turn, one record is enough.
        if (link != null) pump(link, epochMillis);
        if (waiting.peekLast() == added) records.message(added.number, 0, false, message);
    }

    boolean hasRoom(int weight) {
        return count() < bounds.messagesMax() && bytes + weight <= bounds.bytesMax();
    }

    private @Nullable Failure full(int weight) {
        if (hasRoom(weight)) return null;
        return Failure.of(
                Failure.Kind.FULL,
                ReasonCode.QUOTA_EXCEEDED,
                count() + " messages of " + bytes + " bytes wait, and no more than " + bounds.messagesMax() + " of "
                        + bounds.bytesMax() + " may");
    }

    /** Sends what may leave. */
    void pump(Link link, long epochMillis) {
        for (Pending next = inflight.nextAgain(link); next != null; next = inflight.nextAgain(link)) {
            Failure failure = inflight.sendAgain(next, link, epochMillis);
            if (failure != null) fail(next, failure);
        }
        while (!waiting.isEmpty()) {
            Pending next = waiting.getFirst();
            boolean once = next.qos() == QoS.AT_MOST_ONCE;
            boolean expired = next.message.isExpired(epochMillis);
            if (!expired && !once && !inflight.hasRoom(link)) return;
            waiting.removeFirst();
            if (once) waitingQoS0--;
            if (expired) {
                fail(next, expired());
                continue;
            }
            Failure failure =
                    once ? link.publish(next.message, false, 0, epochMillis) : inflight.send(next, link, epochMillis);
            if (failure != null) fail(next, failure);
            else if (once) finish(next);
        }
    }

    // ---- answers

    void acknowledged(int packetIdentifier, ReasonCode reason, Properties properties, Link link) {
        answered(inflight.acknowledged(packetIdentifier, reason, properties, link));
    }

    void received(int packetIdentifier, ReasonCode reason, Properties properties, Link link) {
        answered(inflight.received(packetIdentifier, reason, properties, link));
    }

    void completed(int packetIdentifier, Link link) {
        answered(inflight.completed(packetIdentifier, link));
    }

    private void answered(@Nullable Pending message) {
        if (message == null) return;
        if (message.answer.isError()) {
            fail(message, new Failure(Failure.Kind.REFUSED, message.answer, text(message), message.answered));
        } else {
            finish(message);
        }
    }

    private static String text(Pending message) {
        String said = message.answered.string(Property.REASON_STRING);
        return said == null ? message.answer.text() : said;
    }

    private void finish(Pending message) {
        forget(message);
        turn.tell(() -> message.reply.done(List.of(message.answer), message.answered));
    }

    private void fail(Pending message, Failure why) {
        forget(message);
        turn.tell(() -> message.reply.failed(why));
    }

    private void forget(Pending message) {
        bytes -= message.message.weight();
        records.delete(message.number);
    }

    private static Failure expired() {
        return Failure.of(Failure.Kind.EXPIRED, "its Message Expiry Interval passed while it waited");
    }

    // ---- connections

    void connected(Link link, boolean sessionPresent) {
        if (sessionPresent) inflight.resume(link);
        else restart();
    }

    /** The session is gone: what was under way is new again, but for what PUBREC had taken over. */
    private void restart() {
        List<Pending> lost = inflight.abandon();
        for (int i = lost.size() - 1; i >= 0; i--) {
            Pending each = lost.get(i);
            if (each.released) {
                finish(each);
            } else {
                waiting.addFirst(each);
                records.message(each.number, 0, false, each.message);
            }
        }
    }

    /** Lets go of what has expired while it waited. */
    void expire(long epochMillis) {
        for (Iterator<Pending> each = waiting.iterator(); each.hasNext(); ) {
            Pending message = each.next();
            if (!message.message.isExpired(epochMillis)) continue;
            each.remove();
            if (message.qos() == QoS.AT_MOST_ONCE) waitingQoS0--;
            fail(message, expired());
        }
    }

    /** Nobody will be answered any more. Records stay: another client may go on with them. */
    void end(Failure why) {
        for (Pending each : inflight.abandon()) turn.tell(() -> each.reply.failed(why));
        for (Pending each : waiting) turn.tell(() -> each.reply.failed(why));
        waiting.clear();
        bytes = 0;
        waitingQoS0 = 0;
    }
}
