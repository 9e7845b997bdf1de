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
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the broker keeps for a client, connected or not: who it is, what it subscribed to, its will.
 * Belongs to one shard, that of its client identifier. [MQTT-4.1.0-1]
 *
 * <p>Everything that most sessions never need is made when it is needed: an idle client is small.
 */
final class Session {
    /** The Session Expiry Interval that means never. */
    static final long NEVER = 0xFFFF_FFFFL;

    final Shard shard;
    final String clientIdentifier;
    /** What is under way to the client, and what waits for it. */
    final Outbox outbox;
    /** How the store names it; {@link DurableLog#NOWHERE}: it ends with the broker. */
    private final long id;
    /** The position of the last record about it. */
    private long writtenAt;

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
    private @Nullable InboundPacketIdentifiers received;
    private @Nullable Timer expiryTimer;
    private @Nullable Timer willTimer;

    // Valid for the connection.
    private @Nullable ClientConnection connection;

    /** Scratch of SubscriptionTree.match. */
    int stamp;

    int stampedAt;

    Session(Shard shard, String clientIdentifier, long id) {
        this.shard = shard;
        this.clientIdentifier = clientIdentifier;
        this.id = id;
        writtenAt = id;
        outbox = new Outbox(this);
    }

    // ---- what a store keeps of it

    /** Whether it outlives the broker. */
    boolean isKept() {
        return id != DurableLog.NOWHERE;
    }

    /** Whether the broker stops, and this does not outlive it. */
    boolean endsWithTheBroker() {
        return shard.isClosing() && !isKept();
    }

    /** How the store names it. */
    long id() {
        return id;
    }

    /** Where the store has the last that is known of it; 0: nowhere. */
    long writtenAt() {
        return writtenAt;
    }

    /** Tells the store what happened. Only for one that {@link #isKept}. */
    void write(SessionRecord record) {
        writtenAt = shard.log().append(record);
    }

    /** It was in the store when the broker began, and its client has not come yet. */
    boolean isRestored() {
        return restored;
    }

    /** Takes up what a store kept. Nothing of it is written again. */
    void restore(SessionImage.Kept kept) {
        begin(kept);
        will = kept.will();
        for (int identifier : kept.received()) received().add(identifier);
        outbox.restore(kept);
        for (Subscription subscription : subscriptions(kept)) add(subscription);
    }

    /** Takes up what was kept elsewhere, but for its will. */
    void adopt(SessionImage.Kept kept, Map<Long, ApplicationMessage> messages) {
        begin(kept);
        if (isKept()) write(new SessionRecord.Connected(id, principal.userName(), expirySeconds, null));
        for (int identifier : kept.received()) receivedAt(identifier, DurableLog.NOWHERE);
        for (Subscription subscription : subscriptions(kept)) subscribe(subscription);
        outbox.adopt(kept, messages);
        disconnected();
    }

    private void begin(SessionImage.Kept kept) {
        restored = true;
        principal = new Principal(kept.userName(), Set.of(), "store");
        shard.turnstile().restored(this);
        // Whoever comes for it is asked what it may; it may keep what it was allowed.
        permissions = Permissions.ALL;
        expirySeconds = kept.expirySeconds();
    }

    private List<Subscription> subscriptions(SessionImage.Kept kept) {
        List<Subscription> found = new ArrayList<>();
        for (SessionRecord.Subscribed each : kept.subscriptions()) {
            TopicFilter filter = TopicFilter.parse(each.topicFilter());
            if (filter != null)
                found.add(new Subscription(this, filter, each.options(), each.subscriptionIdentifier()));
        }
        return found;
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

    /** A client takes it up. What is owed to it is sent after CONNACK, by {@link Outbox#resume}. */
    void connected(ClientConnection by) {
        connection = by;
        outbox.connected();
        if (expiryTimer != null) shard.timers().cancel(expiryTimer);
        if (willTimer != null) shard.timers().cancel(willTimer);
    }

    /**
     * The connection is gone. The will is sent now or after its delay, whichever comes first: its delay or the end of the
     * session. [MQTT-3.1.2-8] [MQTT-3.1.3-9]
     */
    void disconnected() {
        connection = null;
        outbox.disconnected(expirySeconds > 0);
        if (isKept() && expirySeconds > 0) {
            long nowMillis = shard.turn().epochMillis();
            write(new SessionRecord.Disconnected(id, expirySeconds, nowMillis, outbox.sentThrough()));
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
        sendWill();
        if (expiryTimer != null) shard.timers().cancel(expiryTimer);
        for (Subscription subscription : subscriptions()) shard.tree().remove(subscription);
        shard.counters().subscriptions -= subscriptions().size();
        subscriptions = null;
        outbox.end();
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
        outbox.forgetRetained(filter);
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

    // ---- what becomes of messages

    boolean mayReceive(ApplicationMessage message) {
        return !permissions.limitsReceiving() || permissions.mayReceive(message.topic());
    }

    void dropped(Drop drop) {
        droppedMessages++;
        shard.dropped(clientIdentifier, drop);
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
}
