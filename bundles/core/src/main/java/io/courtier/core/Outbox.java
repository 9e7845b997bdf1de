// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.core.CoreEvents.Drop;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.TopicFilter;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is under way to the client of one session, and what waits for it: in order, never more than the client may have
 * under way. [MQTT-4.6.0-6] [MQTT-3.3.4-9]
 */
final class Outbox {
    /** What is read from the store in one go. */
    private static final int FETCH_MESSAGES = 512;

    private static final long FETCH_BYTES = 1 << 20;

    private final Session session;
    private final Shard shard;

    // Valid for the session.
    private @Nullable Inflight inflight;
    private @Nullable OutboundQueue queue;
    /** While the queue is too full. */
    private @Nullable TurnedAway turnedAway;
    /** Of messages that a store keeps: the number of the last that came, and of the last that was sent. */
    private long lastNumber;

    private long sentThrough;
    /** Messages that only the store has are being read. */
    private boolean fetching;
    /** It will be told when more is durable. */
    private boolean awaiting;

    private boolean ended;

    // Valid for the connection.
    /** How many of those in flight were sent on this connection and are unanswered: the rest of the send quota is free. */
    private int onWire;
    /** Identifiers that are to be sent again, from a position on; null when all were. */
    private int @Nullable [] resend;

    private int resendAt;
    private @Nullable RetainedDeliveries retained;

    Outbox(Session session) {
        this.session = session;
        this.shard = session.shard;
    }

    int queued() {
        return queue == null ? 0 : queue.size();
    }

    int inflight() {
        return inflight == null ? 0 : inflight.size();
    }

    /** The last number that was sent. */
    long sentThrough() {
        return sentThrough;
    }

    // ---- coming and going

    /** Takes up what a store kept: only what PUBREL is owed for is in flight, all else waits to be sent (again). */
    void restore(SessionImage.Kept kept) {
        lastNumber = kept.waiting().lastNumber();
        sentThrough = Math.min(kept.sentThrough(), lastNumber);
        Matched.Restored matched = new Matched.Restored();
        kept.waiting().forEach(entry -> {
            if (entry.released()) {
                if (inflight == null) inflight = new Inflight();
                int identifier = inflight.add(entry.number(), null, 2, false, null);
                inflight.released(identifier);
                return;
            }
            if (queue == null) queue = new OutboundQueue();
            queue.add(new OutboundQueue.Entry(
                    null,
                    entry.weight(),
                    false,
                    entry.qos(),
                    entry.retain(),
                    matched.of(entry.subscriptionIdentifiers(), entry.sharedFilter()),
                    entry.number(),
                    entry.message(),
                    DurableLog.NOWHERE,
                    entry.number() <= sentThrough));
            shard.queued(1, 0);
        });
    }

    /** Takes up what waited elsewhere. What only PUBREL was owed for, the client has. */
    void adopt(SessionImage.Kept kept, Map<Long, ApplicationMessage> messages) {
        Matched.Restored matched = new Matched.Restored();
        kept.waiting().forEach(entry -> {
            ApplicationMessage message = messages.get(entry.message());
            if (message == null || entry.released()) return;
            Matched by = matched.of(entry.subscriptionIdentifiers(), entry.sharedFilter());
            deliver(message, entry.qos(), entry.retain(), by, shard.layouts(message));
        });
    }

    void connected() {
        onWire = 0;
    }

    /** Sends again, in their order, what is unanswered; then what waits. [MQTT-4.4.0-1] [MQTT-4.6.0-1] */
    void resume() {
        if (inflight != null && inflight.size() > 0) {
            resend = inflight.inOrder();
            resendAt = 0;
        }
        pump();
        if (resend != null) sendPubRels(resend);
    }

    /** The window holds back messages, but no PUBREL. [MQTT-3.3.4-10] */
    private void sendPubRels(int[] again) {
        Inflight flight = inflight;
        ClientConnection to = session.connection();
        if (flight == null || to == null) return;
        for (int i = resendAt; i < again.length; i++) {
            if (flight.state(again[i]) != Inflight.AWAITING_PUBCOMP) continue;
            onWire++;
            to.sendPubRel(again[i]);
            // Done: no identifier is 0.
            again[i] = 0;
        }
    }

    /** @param lasts the session goes on without a connection */
    void disconnected(boolean lasts) {
        resend = null;
        if (lasts) keepRetained();
        retained = null;
    }

    /**
     * The session ends, and its subscriptions have. What a shared group has through it, and it did not acknowledge, is for
     * another member; but for what was sent at QoS 2. [MQTT-4.8.2-5]
     */
    void end() {
        ended = true;
        handOnSent();
        handOnWaiting();
        inflight = null;
        welcomePublishers();
    }

    private void handOnSent() {
        Inflight flight = inflight;
        if (flight == null || !flight.hasMatched()) return;
        for (int identifier : flight.inOrder()) {
            if (flight.state(identifier) != Inflight.AWAITING_PUBACK) continue;
            handOn(flight.message(identifier), Matched.sharedOf(flight.matched(identifier)));
        }
    }

    /** A turn hands on no more than a slice. */
    private void handOnWaiting() {
        OutboundQueue waiting = queue;
        if (waiting == null) return;
        for (int slice = shard.limits().fanOutSlice(); waiting.holdsShared(); slice--) {
            OutboundQueue.Entry next = waiting.element();
            boolean sent = next.qos == 2 && next.dup;
            TopicFilter shared = sent ? null : Matched.sharedOf(next.matched);
            if (slice == 0) {
                shard.later(this::handOnWaiting);
                return;
            }
            if (shared != null && next.message == null && !next.lost) {
                fetch(waiting);
                return;
            }
            waiting.poll();
            shard.unqueued(1, next.resident);
            handOn(next.message, shared);
        }
        shard.unqueued(waiting.size(), waiting.residentBytes());
        queue = null;
    }

    private void handOn(@Nullable ApplicationMessage message, @Nullable TopicFilter shared) {
        if (shared == null) return;
        if (message == null) session.dropped(Drop.STORE);
        else if (message.isExpired(shard.turn().epochMillis())) session.dropped(Drop.EXPIRED);
        // Of the one who has it next nothing is stored yet.
        else shard.router().publishTo(shared, message.at(DurableLog.NOWHERE));
    }

    // ---- messages to the client

    /** Whether a message could leave at once. */
    boolean canTakeNow(ApplicationMessage message, int qos) {
        ClientConnection to = session.connection();
        if (to == null || !to.isWritable() || !session.mayReceive(message) || session.endsWithTheBroker()) return false;
        return qos == 0 || hasQuota(to) && isQueueEmpty();
    }

    /** Whether a message would wait for the client, if it cannot leave at once. */
    boolean canKeep(ApplicationMessage message, int qos) {
        return qos > 0 && hasRoom(message) && session.mayReceive(message) && !session.endsWithTheBroker();
    }

    private boolean hasQuota(ClientConnection to) {
        return onWire < to.sendQuota() && (inflight == null || inflight.size() < 65_535);
    }

    private boolean isQueueEmpty() {
        return resend == null && (queue == null || queue.isEmpty());
    }

    /** Hands the message that the layouts are of to the client: sends it, keeps it for later, or drops it and says why. */
    void deliver(ApplicationMessage message, int qos, boolean retain, @Nullable Matched matched, Layouts layouts) {
        ClientConnection to = session.connection();
        if (qos == 0) {
            // QoS 0 is for those who are there. [MQTT-3.1.2-5] leaves it to us.
            if (to == null) return;
            if (queue != null && queue.holdsQoS0()) enqueueQoS0(message, retain, matched);
            else if (to.isWritable()) to.send(message, 0, false, retain, 0, Matched.identifiersOf(matched), layouts);
            else session.dropped(Drop.SLOW_CONSUMER);
        } else if (session.isKept()) {
            deliverKept(message, qos, retain, matched, layouts);
        } else if (to != null && to.isWritable() && hasQuota(to) && isQueueEmpty()) {
            sendFirst(to, message, qos, retain, matched, layouts);
        } else {
            enqueue(message, qos, retain, matched);
        }
    }

    /** The same with one of the past. Whatever is delivered later leaves later. */
    void replay(ApplicationMessage message, int qos, boolean retain, @Nullable Matched matched) {
        ClientConnection to = session.connection();
        Layouts layouts = shard.layouts(message);
        if (qos > 0) deliver(message, qos, retain, matched, layouts);
        else if (to != null && to.isWritable() && isQueueEmpty())
            to.send(message, 0, false, retain, 0, Matched.identifiersOf(matched), layouts);
        else enqueueQoS0(message, retain, matched);
        if (queue != null) queue.markPast();
    }

    private void enqueueQoS0(ApplicationMessage message, boolean retain, @Nullable Matched matched) {
        if (!shard.mayQueue(queue, message)) {
            session.dropped(Drop.QUEUE_FULL);
            return;
        }
        OutboundQueue waiting = queue;
        if (waiting == null) queue = waiting = new OutboundQueue();
        waiting.add(new OutboundQueue.Entry(message, 0, retain, matched));
        shard.queued(1, message.weight());
    }

    private void sendFirst(
            ClientConnection to,
            ApplicationMessage message,
            int qos,
            boolean retain,
            @Nullable Matched matched,
            Layouts layouts) {
        Inflight flight = inflight;
        if (flight == null) inflight = flight = new Inflight();
        int identifier = flight.add(message, qos, retain, matched);
        if (to.send(message, qos, false, retain, identifier, Matched.identifiersOf(matched), layouts)) onWire++;
        else flight.remove(identifier);
    }

    /** The store is told first. A QoS 2 message waits until it is durable: sent again after a restart it must be the same. */
    private void deliverKept(
            ApplicationMessage message, int qos, boolean retain, @Nullable Matched matched, Layouts layouts) {
        if (ended) return;
        ClientConnection to = session.connection();
        boolean leaves = qos == 1
                && to != null
                && to.isWritable()
                && hasQuota(to)
                && isQueueEmpty()
                && (inflight == null || inflight.isFree(lastNumber + 1));
        if (!leaves && !findRoom(message)) return;
        long position = message.position();
        if (position == DurableLog.NOWHERE) {
            position = shard.log().append(new SessionRecord.Stored(-1, 0, 0, DurableLog.NOWHERE, message));
        }
        long number = ++lastNumber;
        TopicFilter shared = Matched.sharedOf(matched);
        session.write(new SessionRecord.Queued(
                session.id(),
                position,
                number,
                message.weight(),
                qos,
                retain,
                Matched.identifiersOf(matched),
                shared == null ? null : shared.toString()));
        if (leaves && to != null) {
            sendKept(to, message, number, qos, false, retain, matched, layouts);
            return;
        }
        OutboundQueue waiting = queue;
        if (waiting == null) queue = waiting = new OutboundQueue();
        OutboundQueue.Entry entry = new OutboundQueue.Entry(
                message,
                message.weight(),
                shard.hasMemoryFor(message),
                qos,
                retain,
                matched,
                number,
                position,
                session.writtenAt(),
                false);
        waiting.add(entry);
        shard.queued(1, entry.resident);
        if (to != null && qos == 2) awaitDurable();
    }

    private void sendKept(
            ClientConnection to,
            ApplicationMessage message,
            long number,
            int qos,
            boolean dup,
            boolean retain,
            @Nullable Matched matched,
            Layouts layouts) {
        Inflight flight = inflight;
        if (flight == null) inflight = flight = new Inflight();
        int identifier = flight.add(number, message, qos, retain, matched);
        if (to.send(message, qos, dup, retain, identifier, Matched.identifiersOf(matched), layouts)) {
            onWire++;
            sentThrough = Math.max(sentThrough, number);
        } else {
            remove(flight, identifier);
        }
    }

    private void remove(Inflight flight, int identifier) {
        long number = flight.number(identifier);
        flight.remove(identifier);
        if (session.isKept()) session.write(new SessionRecord.Finished(session.id(), number));
    }

    /** Whether the first in the queue may leave; where not, what it needs is under way. */
    private boolean isReady(OutboundQueue.Entry first, OutboundQueue waiting) {
        if (!session.isKept() || first.qos == 0 || first.lost) return true;
        if (first.message == null) {
            fetch(waiting);
            return false;
        }
        if (first.qos == 2 && !shard.log().isDurable(first.queuedAt, 0)) {
            awaitDurable();
            return false;
        }
        return inflight == null || inflight.isFree(first.number);
    }

    private void awaitDurable() {
        if (awaiting) return;
        awaiting = true;
        shard.log().await(this);
    }

    void durable() {
        awaiting = false;
        goOn();
    }

    private void fetch(OutboundQueue waiting) {
        if (fetching) return;
        fetching = true;
        OutboundQueue.Entry[] entries = waiting.toFetch(FETCH_MESSAGES, FETCH_BYTES);
        long[] positions = new long[entries.length];
        for (int i = 0; i < entries.length; i++) positions[i] = entries[i].position;
        shard.log().read(positions, found -> {
            fetching = false;
            for (int i = 0; i < entries.length; i++) {
                entries[i].message = found[i];
                entries[i].lost = found[i] == null;
            }
            if (ended) handOnWaiting();
            else goOn();
        });
    }

    private void enqueue(ApplicationMessage message, int qos, boolean retain, @Nullable Matched matched) {
        // A fan-out that had begun before still has it among its recipients; nobody would ever empty the queue.
        if (ended) return;
        OutboundQueue waiting = queue;
        if (waiting == null) queue = waiting = new OutboundQueue();
        if (!findRoom(message)) return;
        waiting.add(new OutboundQueue.Entry(message, qos, retain, matched));
        shard.queued(1, message.weight());
    }

    private boolean hasRoom(ApplicationMessage message) {
        return session.isKept() ? shard.mayKeep(queue, message) : shard.mayQueue(queue, message);
    }

    /** Finds room in the queue for a message, or makes it. False: it was dropped. */
    private boolean findRoom(ApplicationMessage message) {
        if (hasRoom(message)) return true;
        Limits.QueueFull then = shard.limits().queueFull();
        if (then == Limits.QueueFull.REFUSE) {
            if (turnedAway == null) turnedAway = new TurnedAway(session);
            return true;
        }
        while (then == Limits.QueueFull.DROP_OLDEST && queue != null && !queue.isEmpty()) {
            OutboundQueue.Entry first = queue.poll();
            if (first == null) break;
            shard.unqueued(1, first.resident);
            finished(first);
            session.dropped(Drop.QUEUE_FULL);
            if (hasRoom(message)) return true;
        }
        session.dropped(Drop.QUEUE_FULL);
        return false;
    }

    /** Publishers may come again, once half of the room is free. */
    private void welcomePublishers() {
        TurnedAway away = turnedAway;
        if (away == null) return;
        Limits limits = shard.limits();
        boolean still = !ended
                && queue != null
                && (queue.size() > limits.queueMessagesMax() / 2 || queue.bytes() > limits.queueBytesMax() / 2);
        if (still && limits.queueFull() == Limits.QueueFull.REFUSE) return;
        turnedAway = null;
        away.welcome();
    }

    /** Sends what can leave now: first again what is unanswered, then what waits, then retained messages. */
    void pump() {
        ClientConnection to = session.connection();
        if (to == null) return;
        if (resend != null) resend(to);
        if (resend != null) return;
        OutboundQueue waiting = queue;
        while (waiting != null && to.isWritable()) {
            OutboundQueue.Entry next = waiting.peek();
            if (next == null || next.qos > 0 && !hasQuota(to) || !isReady(next, waiting)) break;
            waiting.poll();
            shard.unqueued(1, next.resident);
            ApplicationMessage message = next.message;
            boolean expired = message != null
                    && !next.dup
                    && message.isExpired(shard.turn().epochMillis());
            if (message == null || expired) {
                finished(next);
                session.dropped(expired ? Drop.EXPIRED : Drop.STORE);
                continue;
            }
            Layouts layouts = shard.layouts(message);
            Matched matched = next.matched;
            if (next.qos == 0) to.send(message, 0, false, next.retain, 0, Matched.identifiersOf(matched), layouts);
            else if (session.isKept())
                sendKept(to, message, next.number, next.qos, next.dup, next.retain, matched, layouts);
            else sendFirst(to, message, next.qos, next.retain, matched, layouts);
        }
        if (waiting != null && waiting.isEmpty()) queue = null;
        welcomePublishers();
        if (retained != null) pumpRetained(to, retained);
    }

    /** What waited is not to be sent any more. */
    private void finished(OutboundQueue.Entry entry) {
        if (session.isKept() && entry.qos > 0) {
            session.write(new SessionRecord.Finished(session.id(), entry.number));
        }
    }

    private void goOn() {
        try {
            pump();
        } catch (RuntimeException bug) {
            session.broken(bug);
        }
    }

    private void resend(ClientConnection to) {
        int[] again = resend;
        Inflight flight = inflight;
        if (again == null || flight == null) {
            resend = null;
            return;
        }
        while (resendAt < again.length && to.isWritable() && onWire < to.sendQuota()) {
            int identifier = again[resendAt++];
            switch (flight.state(identifier)) {
                case Inflight.AWAITING_PUBACK, Inflight.AWAITING_PUBREC -> {
                    ApplicationMessage message = flight.message(identifier);
                    if (message == null) throw new IllegalStateException("in flight without a message");
                    int qos = flight.state(identifier) == Inflight.AWAITING_PUBACK ? 1 : 2;
                    if (to.send(
                            message,
                            qos,
                            true,
                            flight.retain(identifier),
                            identifier,
                            Matched.identifiersOf(flight.matched(identifier)),
                            shard.layouts(message))) onWire++;
                    else remove(flight, identifier);
                }
                case Inflight.AWAITING_PUBCOMP -> {
                    onWire++;
                    to.sendPubRel(identifier);
                }
                default -> {
                    // Answered since: nothing is owed.
                }
            }
        }
        if (resendAt == again.length) resend = null;
    }

    // ---- answers from the client

    /** PUBACK: the message is the client's. False: no such message. [MQTT-4.3.2-4] */
    boolean acknowledged(int identifier) {
        Inflight flight = inflight;
        if (flight == null || flight.state(identifier) != Inflight.AWAITING_PUBACK) return false;
        finish(flight, identifier);
        return true;
    }

    /** PUBREC without an error: PUBREL is owed now. False: no such message. [MQTT-4.3.3-4] */
    boolean releasable(int identifier) {
        Inflight flight = inflight;
        if (flight == null) return false;
        byte state = flight.state(identifier);
        if (state == Inflight.AWAITING_PUBREC) {
            if (session.isKept()) session.write(new SessionRecord.Released(session.id(), flight.number(identifier)));
            flight.released(identifier);
        }
        return state == Inflight.AWAITING_PUBREC || state == Inflight.AWAITING_PUBCOMP;
    }

    /** PUBREC with an error: the message was refused and is finished. */
    boolean refused(int identifier) {
        Inflight flight = inflight;
        if (flight == null || flight.state(identifier) != Inflight.AWAITING_PUBREC) return false;
        finish(flight, identifier);
        return true;
    }

    /** PUBCOMP: finished. False: no such message. */
    boolean completed(int identifier) {
        Inflight flight = inflight;
        if (flight == null || flight.state(identifier) != Inflight.AWAITING_PUBCOMP) return false;
        finish(flight, identifier);
        return true;
    }

    private void finish(Inflight flight, int identifier) {
        remove(flight, identifier);
        // It may answer what was sent on the connection before, and is then not on this one.
        if (onWire > 0) onWire--;
        if (resend != null || queue != null || retained != null) pump();
    }

    // ---- retained messages

    /** What has not begun to leave is not to be sent any more. */
    void forgetRetained(String filter) {
        if (retained != null) retained.forget(filter);
    }

    /** Sends the retained messages that a new subscription matches, as fast as the client takes them. */
    void deliverRetained(Subscription subscription, @Nullable Replay replay) {
        RetainedDeliveries deliveries = retained;
        if (deliveries == null) retained = deliveries = new RetainedDeliveries();
        deliveries.add(subscription, replay);
        pump();
    }

    private void pumpRetained(ClientConnection to, RetainedDeliveries deliveries) {
        for (int slice = shard.limits().fanOutSlice(); isQueueEmpty() && !deliveries.isEmpty(); slice--) {
            if (!to.isWritable() || deliveries.nextQoS() > 0 && !hasQuota(to)) return;
            if (slice == 0) {
                shard.later(this::goOn);
                return;
            }
            deliveries.deliverNext();
        }
        if (deliveries.isEmpty()) retained = null;
    }

    /** Retained messages of QoS 1 and 2 that did not leave yet wait for the client's return like any other. */
    private void keepRetained() {
        RetainedDeliveries deliveries = retained;
        retained = null;
        while (deliveries != null && !deliveries.isEmpty()) deliveries.deliverNext();
    }
}
