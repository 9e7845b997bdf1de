// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.api.Explanation;
import io.courtier.core.CoreEvents.Drop;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the broker keeps for a client, connected or not: its subscriptions, what is under way to it and what waits for it.
 * Belongs to one shard, that of its client identifier. [MQTT-4.1.0-1]
 *
 * <p>Everything that most sessions never need is made when it is needed: an idle client is small.
 */
final class Session {
    /** The Session Expiry Interval that means never. */
    static final long NEVER = 0xFFFF_FFFFL;

    /** What is read from the store in one go. */
    private static final int FETCH_MESSAGES = 512;

    private static final long FETCH_BYTES = 1 << 20;

    final Shard shard;
    final String clientIdentifier;
    /** How the store names it; {@link DurableLog#NOWHERE}: it ends with the broker. */
    private final long id;
    /** The position of the last record about it. */
    private long writtenAt;
    /** Of the last message that was queued or sent, and of the last that was sent. */
    private long lastNumber;

    private long sentThrough;
    private boolean fetching;
    private boolean awaiting;
    private boolean restored;

    // Valid for the session.
    Principal principal = Principal.ANONYMOUS;
    Permissions permissions = Permissions.NONE;
    String listener = "";
    long expirySeconds;
    long droppedMessages;

    @Nullable
    Will will;

    /** Whose place it takes. */
    Users.User user = Users.NOBODY;
    /** Made when a limit first asks. */
    @Nullable
    Allowance allowance;

    private @Nullable Map<String, Subscription> subscriptions;
    private @Nullable Inflight inflight;
    private @Nullable InboundPacketIdentifiers received;
    private @Nullable OutboundQueue queue;
    /** While its queue is too full: the filters whose publishers are told so. */
    private @Nullable List<TopicFilter> turnedAway;

    private @Nullable Timer expiryTimer;
    private @Nullable Timer willTimer;
    private boolean ended;

    // Valid for the connection.
    private @Nullable ClientConnection connection;
    /** How many of those in flight were sent on this connection and are unanswered: the rest of the send quota is free. */
    private int onWire;
    /** Identifiers that are to be sent again, from a position on; null when all were. */
    private int @Nullable [] resend;

    private int resendAt;
    /** By filter: a client that subscribes again and again to much, and takes little, has it under way once. */
    private @Nullable Map<String, RetainedDelivery> retained;

    /** Scratch of SubscriptionTree.match. */
    int stamp;

    int stampedAt;

    Session(Shard shard, String clientIdentifier, long id) {
        this.shard = shard;
        this.clientIdentifier = clientIdentifier;
        this.id = id;
        writtenAt = id;
    }

    // ---- what a store keeps of it

    /** Whether it outlives the broker. */
    boolean isKept() {
        return id != DurableLog.NOWHERE;
    }

    /** How the store names it. */
    long id() {
        return id;
    }

    /** Where the store has the last that is known of it; 0: nowhere. */
    long writtenAt() {
        return writtenAt;
    }

    private void write(SessionRecord record) {
        writtenAt = shard.log().append(record);
    }

    /** It was in the store when the broker began, and its client has not come yet. */
    boolean isRestored() {
        return restored;
    }

    /** Takes up what a store kept. Nothing of it is written again. */
    void restore(SessionImage.Kept kept) {
        restored = true;
        principal = new Principal(kept.userName(), Set.of(), "store");
        shard.turnstile().restored(this);
        // Whoever comes for it is asked what it may; it may keep what it was allowed.
        permissions = Permissions.ALL;
        expirySeconds = kept.expirySeconds();
        will = kept.will();
        for (int identifier : kept.received()) received().add(identifier);
        sentThrough = kept.sentThrough();
        lastNumber = kept.waiting().lastNumber();
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
                    entry.subscriptionIdentifiers(),
                    entry.number(),
                    entry.message(),
                    DurableLog.NOWHERE,
                    entry.number() <= sentThrough));
            shard.queued(1, 0);
        });
        for (SessionRecord.Subscribed subscribed : kept.subscriptions()) {
            TopicFilter filter = TopicFilter.parse(subscribed.topicFilter());
            if (filter == null) continue;
            add(new Subscription(this, filter, subscribed.options(), subscribed.subscriptionIdentifier()));
        }
    }

    /** The client took it up: with this user, expiry and will from now on. */
    void taken() {
        restored = false;
        if (isKept()) write(new SessionRecord.Connected(id, principal.userName(), expirySeconds, will));
    }

    /** The client wants no will to be sent. */
    void discardWill() {
        if (will != null && isKept()) write(new SessionRecord.WillDone(id));
        will = null;
    }

    /**
     * A QoS 2 message came; gives the position that says so.
     *
     * @param storedAt where the message was stored itself, or 0
     */
    long receivedAt(int identifier, long storedAt) {
        received().add(identifier);
        if (!isKept()) return storedAt;
        if (storedAt == DurableLog.NOWHERE) write(new SessionRecord.Received(id, identifier));
        else writtenAt = storedAt;
        return writtenAt;
    }

    /** PUBREL came for a QoS 2 message, or it was refused. False: none came under that identifier. */
    boolean releasedInbound(int identifier) {
        boolean known = received != null && received.remove(identifier);
        if (isKept()) write(new SessionRecord.Completed(id, identifier));
        return known;
    }

    @Nullable
    ClientConnection connection() {
        return connection;
    }

    Collection<Subscription> subscriptions() {
        return subscriptions == null ? List.of() : subscriptions.values();
    }

    int queued() {
        return queue == null ? 0 : queue.size();
    }

    int inflight() {
        return inflight == null ? 0 : inflight.size();
    }

    /** Identifiers of QoS 2 messages that came and were not released. */
    InboundPacketIdentifiers received() {
        InboundPacketIdentifiers made = received;
        if (made == null) received = made = new InboundPacketIdentifiers();
        return made;
    }

    // ---- coming and going

    /** A session with a user is that user's: nobody else may read its queue, nor end it. */
    boolean mayBeTakenOverBy(Principal other) {
        return principal.userName() == null || principal.userName().equals(other.userName());
    }

    /** A client takes it up. What is owed to it is sent after CONNACK, by {@link #resume}. */
    void connected(ClientConnection by) {
        connection = by;
        onWire = 0;
        if (expiryTimer != null) shard.timers().cancel(expiryTimer);
        if (willTimer != null) shard.timers().cancel(willTimer);
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
        ClientConnection to = connection;
        if (flight == null || to == null) return;
        for (int i = resendAt; i < again.length; i++) {
            if (flight.state(again[i]) != Inflight.AWAITING_PUBCOMP) continue;
            onWire++;
            to.sendPubRel(again[i]);
            // Done: no identifier is 0.
            again[i] = 0;
        }
    }

    /**
     * The connection is gone. The will is sent now or after its delay, whichever comes first: its delay or the end of the
     * session. [MQTT-3.1.2-8] [MQTT-3.1.3-9]
     */
    void disconnected() {
        connection = null;
        resend = null;
        keepRetained();
        if (isKept() && expirySeconds > 0) {
            long nowMillis = shard.turn().epochMillis();
            write(new SessionRecord.Disconnected(id, expirySeconds, nowMillis, sentThrough));
        }
        away(0);
    }

    /** It has had no connection for so long: what was to happen meanwhile happens, what is still to come is awaited. */
    void away(long seconds) {
        long willDelay = will == null ? -1 : WillMessage.delaySeconds(will);
        if (will != null && (willDelay <= seconds || expirySeconds == 0)) sendWill();
        if (expirySeconds == 0 || expirySeconds != NEVER && expirySeconds <= seconds) {
            end();
            return;
        }
        if (will != null && willDelay < expirySeconds) {
            if (willTimer == null) willTimer = new Timer(this::sendWill);
            shard.timers().set(willTimer, shard.turn().nowNanos() + (willDelay - seconds) * 1_000_000_000L);
        }
        if (expirySeconds != NEVER) {
            if (expiryTimer == null) expiryTimer = new Timer(this::end);
            shard.timers().set(expiryTimer, shard.turn().nowNanos() + (expirySeconds - seconds) * 1_000_000_000L);
        }
    }

    /** Ends the session. A will that is still to come is sent first: ending discards it. [MQTT-3.1.2-8] */
    void end() {
        ended = true;
        sendWill();
        if (expiryTimer != null) shard.timers().cancel(expiryTimer);
        for (Subscription subscription : subscriptions()) shard.tree().remove(subscription);
        shard.counters().subscriptions -= subscriptions().size();
        subscriptions = null;
        if (queue != null) shard.unqueued(queue.size(), queue.residentBytes());
        queue = null;
        welcomePublishers();
        inflight = null;
        received = null;
        if (isKept()) write(new SessionRecord.Ended(id));
        shard.ended(this);
    }

    private void sendWill() {
        Will last = will;
        will = null;
        if (willTimer != null) shard.timers().cancel(willTimer);
        if (last == null) return;
        shard.router().publishWill(this, last);
        if (isKept()) write(new SessionRecord.WillDone(id));
    }

    // ---- subscriptions

    /** Subscribes; gives the subscription that was there before, if any. [MQTT-3.8.4-3] */
    @Nullable
    Subscription subscribe(Subscription subscription) {
        if (isKept()) {
            write(new SessionRecord.Subscribed(
                    id, subscription.filter.toString(), subscription.options, subscription.identifier));
        }
        return add(subscription);
    }

    private @Nullable Subscription add(Subscription subscription) {
        Map<String, Subscription> all = subscriptions;
        if (all == null) subscriptions = all = new HashMap<>(4);
        Subscription before = all.put(subscription.filter.toString(), subscription);
        if (before == null) shard.counters().subscriptions++;
        shard.tree().add(subscription);
        return before;
    }

    boolean isSubscribed(TopicFilter filter) {
        return subscriptions != null && subscriptions.containsKey(filter.toString());
    }

    /** False: there was no such subscription. */
    boolean unsubscribe(String filter) {
        Subscription gone = subscriptions == null ? null : subscriptions.remove(filter);
        if (gone == null) return false;
        shard.counters().subscriptions--;
        shard.tree().remove(gone);
        if (isKept()) write(new SessionRecord.Unsubscribed(id, filter));
        // What has not begun to leave is not to be sent any more. [MQTT-3.10.4-2]
        if (retained != null) retained.remove(filter);
        return true;
    }

    /**
     * Other permissions from now on: subscriptions that they do not allow end at once. The client is not told, since MQTT
     * has no word for it; what it had under way still reaches it.
     */
    void permit(Permissions now) {
        permissions = now;
        if (subscriptions == null) return;
        for (Subscription subscription : List.copyOf(subscriptions.values())) {
            TopicFilter filter = subscription.filter;
            if (permissions.maySubscribe(filter, subscription.options.maximumQoS())) continue;
            unsubscribe(filter.toString());
            shard.counters().subscriptionsRevoked++;
            shard.events().revoked(clientIdentifier, filter.toString());
        }
    }

    Explanation explain(TopicName topic, QoS qos, boolean retain) {
        TopicFilter filter = TopicFilter.parse(topic.toString());
        List<String> matching = new ArrayList<>();
        for (Subscription subscription : subscriptions()) {
            if (subscription.filter.matches(topic)) matching.add(subscription.filter.toString());
        }
        boolean maySubscribe = filter != null && permissions.maySubscribe(filter, qos);
        return new Explanation(
                clientIdentifier,
                principal.userName(),
                principal.roles(),
                principal.authenticator(),
                principal.attributes(),
                listener,
                connection != null,
                new Explanation.Decision(
                        permissions.mayPublish(topic, qos, retain), permissions.whyPublish(topic, qos, retain)),
                new Explanation.Decision(maySubscribe, filter == null ? null : permissions.whySubscribe(filter, qos)),
                new Explanation.Decision(
                        !permissions.limitsReceiving() || permissions.mayReceive(topic), permissions.whyReceive(topic)),
                matching);
    }

    // ---- messages to the client

    /** Whether a message could leave at once. */
    boolean canTakeNow(ApplicationMessage message, int qos) {
        ClientConnection to = connection;
        if (to == null || !to.isWritable() || !mayReceive(message)) return false;
        return qos == 0 || hasQuota(to) && isQueueEmpty();
    }

    /** Whether a message would wait for the client, if it cannot leave at once. */
    boolean canKeep(ApplicationMessage message, int qos) {
        return qos > 0 && hasRoom(message) && mayReceive(message);
    }

    boolean mayReceive(ApplicationMessage message) {
        return !permissions.limitsReceiving() || permissions.mayReceive(message.topic());
    }

    private boolean hasQuota(ClientConnection to) {
        return onWire < to.sendQuota() && (inflight == null || inflight.size() < 65_535);
    }

    private boolean isQueueEmpty() {
        return resend == null && (queue == null || queue.isEmpty());
    }

    /** Hands the message that the layouts are of to the client: sends it, keeps it for later, or drops it and says why. */
    void deliver(
            ApplicationMessage message, int qos, boolean retain, int @Nullable [] subscriptionIds, Layouts layouts) {
        ClientConnection to = connection;
        if (qos == 0) {
            // QoS 0 is for those who are there. [MQTT-3.1.2-5] leaves it to us.
            if (to == null) return;
            if (to.isWritable()) to.send(message, 0, false, retain, 0, subscriptionIds, layouts);
            else dropped(Drop.SLOW_CONSUMER);
        } else if (isKept()) {
            deliverKept(message, qos, retain, subscriptionIds, layouts);
        } else if (to != null && to.isWritable() && hasQuota(to) && isQueueEmpty()) {
            sendFirst(to, message, qos, retain, subscriptionIds, layouts);
        } else {
            enqueue(message, qos, retain, subscriptionIds);
        }
    }

    private void sendFirst(
            ClientConnection to,
            ApplicationMessage message,
            int qos,
            boolean retain,
            int @Nullable [] subscriptionIds,
            Layouts layouts) {
        Inflight flight = inflight;
        if (flight == null) inflight = flight = new Inflight();
        int identifier = flight.add(message, qos, retain, subscriptionIds);
        if (to.send(message, qos, false, retain, identifier, subscriptionIds, layouts)) onWire++;
        else flight.remove(identifier);
    }

    /** The store is told first. A QoS 2 message waits until it is durable: sent again after a restart it must be the same. */
    private void deliverKept(
            ApplicationMessage message, int qos, boolean retain, int @Nullable [] subscriptionIds, Layouts layouts) {
        if (ended) return;
        ClientConnection to = connection;
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
        write(new SessionRecord.Queued(id, position, number, message.weight(), qos, retain, subscriptionIds));
        if (leaves && to != null) {
            sendKept(to, message, number, qos, false, retain, subscriptionIds, layouts);
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
                subscriptionIds,
                number,
                position,
                writtenAt,
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
            int @Nullable [] subscriptionIds,
            Layouts layouts) {
        Inflight flight = inflight;
        if (flight == null) inflight = flight = new Inflight();
        int identifier = flight.add(number, message, qos, retain, subscriptionIds);
        if (to.send(message, qos, dup, retain, identifier, subscriptionIds, layouts)) {
            onWire++;
            sentThrough = Math.max(sentThrough, number);
        } else {
            remove(flight, identifier);
        }
    }

    private void remove(Inflight flight, int identifier) {
        long number = flight.number(identifier);
        flight.remove(identifier);
        if (isKept()) write(new SessionRecord.Finished(id, number));
    }

    /** Whether the first in the queue may leave; where not, what it needs is under way. */
    private boolean isReady(OutboundQueue.Entry first, OutboundQueue waiting) {
        if (!isKept() || first.lost) return true;
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
            goOn();
        });
    }

    private void enqueue(ApplicationMessage message, int qos, boolean retain, int @Nullable [] subscriptionIds) {
        // A fan-out that had begun before still has it among its recipients; nobody would ever empty the queue.
        if (ended) return;
        OutboundQueue waiting = queue;
        if (waiting == null) queue = waiting = new OutboundQueue();
        if (!findRoom(message)) return;
        waiting.add(new OutboundQueue.Entry(message, qos, retain, subscriptionIds));
        shard.queued(1, message.weight());
    }

    private boolean hasRoom(ApplicationMessage message) {
        return isKept() ? shard.mayKeep(queue, message) : shard.mayQueue(queue, message);
    }

    /** Finds room in the queue for a message, or makes it. False: it was dropped. */
    private boolean findRoom(ApplicationMessage message) {
        if (hasRoom(message)) return true;
        Limits.QueueFull then = shard.limits().queueFull();
        if (then == Limits.QueueFull.REFUSE) {
            turnPublishersAway();
            return true;
        }
        while (then == Limits.QueueFull.DROP_OLDEST && queue != null && !queue.isEmpty()) {
            OutboundQueue.Entry first = queue.poll();
            if (first == null) break;
            shard.unqueued(1, first.resident);
            if (isKept()) write(new SessionRecord.Finished(id, first.number));
            dropped(Drop.QUEUE_FULL);
            if (hasRoom(message)) return true;
        }
        dropped(Drop.QUEUE_FULL);
        return false;
    }

    private void turnPublishersAway() {
        if (turnedAway != null) return;
        List<TopicFilter> filters = new ArrayList<>();
        for (Subscription subscription : subscriptions()) {
            if (!subscription.filter.isShared()) filters.add(subscription.filter);
        }
        turnedAway = filters;
        for (TopicFilter filter : filters) shard.routes().full(filter, 1);
    }

    /** Publishers may come again, once half of the room is free. */
    private void welcomePublishers() {
        List<TopicFilter> filters = turnedAway;
        if (filters == null) return;
        Limits limits = shard.limits();
        boolean still = queue != null
                && (queue.size() > limits.queueMessagesMax() / 2 || queue.bytes() > limits.queueBytesMax() / 2);
        if (still && limits.queueFull() == Limits.QueueFull.REFUSE) return;
        turnedAway = null;
        for (TopicFilter filter : filters) shard.routes().full(filter, -1);
    }

    void dropped(Drop drop) {
        droppedMessages++;
        shard.dropped(clientIdentifier, drop);
    }

    /** Sends what can leave now: first again what is unanswered, then what waits, then retained messages. */
    void pump() {
        ClientConnection to = connection;
        if (to == null) return;
        if (resend != null) resend(to);
        if (resend != null) return;
        OutboundQueue waiting = queue;
        while (waiting != null && to.isWritable() && hasQuota(to)) {
            OutboundQueue.Entry next = waiting.peek();
            if (next == null || !isReady(next, waiting)) break;
            waiting.poll();
            shard.unqueued(1, next.resident);
            ApplicationMessage message = next.message;
            boolean expired = message != null
                    && !next.dup
                    && message.isExpired(shard.turn().epochMillis());
            if (message == null || expired) {
                if (isKept()) write(new SessionRecord.Finished(id, next.number));
                dropped(expired ? Drop.EXPIRED : Drop.STORE);
                continue;
            }
            Layouts layouts = shard.layouts(message);
            int[] identifiers = next.subscriptionIdentifiers;
            if (isKept()) sendKept(to, message, next.number, next.qos, next.dup, next.retain, identifiers, layouts);
            else sendFirst(to, message, next.qos, next.retain, identifiers, layouts);
        }
        if (waiting != null && waiting.isEmpty()) queue = null;
        welcomePublishers();
        if (retained != null) pumpRetained(to, retained);
    }

    private void goOn() {
        try {
            pump();
        } catch (RuntimeException bug) {
            broken(bug);
        }
    }

    /**
     * Handing it a message failed through no fault of the client: its connection ends, at the end of the turn, since its will
     * must not come between the recipients of another message.
     */
    void broken(RuntimeException bug) {
        shard.events().broken(clientIdentifier, bug);
        ClientConnection to = connection;
        if (to != null) {
            shard.later(() -> to.disconnect(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, "internal error"));
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
                            flight.subscriptionIdentifiers(identifier),
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
            if (isKept()) write(new SessionRecord.Released(id, flight.number(identifier)));
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

    /** Sends the retained messages that a new subscription matches, as fast as the client takes them. */
    void deliverRetained(Subscription subscription) {
        RetainedDelivery delivery =
                new RetainedDelivery(subscription, shard.retained().match(subscription.filter));
        String filter = subscription.filter.toString();
        Map<String, RetainedDelivery> deliveries = retained;
        if (deliveries != null) deliveries.remove(filter);
        if (delivery.isDone()) return;
        if (deliveries == null) retained = deliveries = new LinkedHashMap<>(4);
        deliveries.put(filter, delivery);
        pump();
    }

    private void pumpRetained(ClientConnection to, Map<String, RetainedDelivery> deliveries) {
        int slice = shard.limits().fanOutSlice();
        Iterator<RetainedDelivery> all = deliveries.values().iterator();
        while (all.hasNext() && isQueueEmpty()) {
            RetainedDelivery delivery = all.next();
            while (!delivery.isDone()) {
                if (!to.isWritable() || delivery.nextQoS() > 0 && !hasQuota(to)) return;
                if (slice-- == 0) {
                    shard.later(this::goOn);
                    return;
                }
                delivery.deliverNext();
            }
            all.remove();
        }
        if (deliveries.isEmpty()) retained = null;
    }

    /** Retained messages of QoS 1 and 2 that did not leave yet wait for the client's return like any other. */
    private void keepRetained() {
        Map<String, RetainedDelivery> deliveries = retained;
        retained = null;
        if (deliveries == null || expirySeconds == 0) return;
        for (RetainedDelivery delivery : deliveries.values()) {
            while (!delivery.isDone()) delivery.deliverNext();
        }
    }
}
