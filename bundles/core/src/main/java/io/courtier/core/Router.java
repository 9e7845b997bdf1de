// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import io.courtier.spi.store.DurableLog;
import org.jspecify.annotations.Nullable;

/**
 * Takes a message to whom it concerns: the retained messages, the subscribers of this shard, and the mailboxes of the
 * shards that have others (once for each shard, however many subscribers it has).
 *
 * <p>What is for another shard is gathered until the end of the turn and handed over as one batch.
 */
final class Router {
    /** No message at all. */
    static final ApplicationMessage NOTHING = new ApplicationMessage(
            TopicName.NONE, new byte[0], QoS.AT_MOST_ONCE, false, Properties.NONE, null, ApplicationMessage.NEVER);

    private static final int BATCH = 64;
    private static final DurableLog.Trouble FULL =
            new DurableLog.Trouble(ReasonCode.QUOTA_EXCEEDED, "the queue of a client that subscribed is full");

    /** A message for one member of a shared group. Tried: how many shards could not take it at once. */
    record SharedDelivery(ApplicationMessage message, SharedRoute route, int tried, @Nullable Receipt receipt) {}

    /**
     * Follows messages that were stored: when it arrives they have, and the shard they came from is told.
     *
     * @param arrived runs there
     */
    record Receipt(int from, Runnable arrived) {}

    private final Shard shard;
    private final long own;
    private final Object[][] batches;
    private final int[] lengths;
    private final long[] bytes;
    private long waiting;
    private int turnOfGroups;
    private long storedAt;
    private long retainedAt;

    Router(Shard shard) {
        this.shard = shard;
        this.own = 1L << shard.index();
        batches = new Object[shard.peers().count()][];
        lengths = new int[shard.peers().count()];
        bytes = new long[shard.peers().count()];
        // Shards do not begin at the same member.
        turnOfGroups = shard.index() * 7;
    }

    /**
     * Routes a message. Gives SUCCESS, NO_MATCHING_SUBSCRIBERS or QUOTA_EXCEEDED (it was to be retained, and there are too
     * many); it was routed in any case.
     */
    ReasonCode publish(ApplicationMessage message, @Nullable ClientConnection publisher) {
        // First retained, then the routes are read; a subscriber makes its route, then reads what is retained. So one
        // of
        // the two sees the other.
        storedAt = DurableLog.NOWHERE;
        retainedAt = message.retain() ? shard.retained().put(message) : DurableLog.NOWHERE;
        TopicCache.Entry entry = shard.topics().entry(message.topic());
        Routes.Match to = routes(entry);
        boolean stored = message.qos() != QoS.AT_MOST_ONCE && mustStore(message, to, publisher);
        ApplicationMessage timely = expiring(message);
        History history = shard.history();
        if (history != null) history.published(timely, shard.turn().epochMillis());
        ApplicationMessage routed = stored ? stored(timely, publisher) : timely;
        long shards = to.shards();
        if ((shards & own) != 0) {
            shard.fanOut().deliver(routed, recipients(entry));
            shards &= ~own;
            if (stored) shard.log().goesTo(shard.index());
        }
        while (shards != 0) {
            int target = Long.numberOfTrailingZeros(shards);
            post(target, routed, message.weight());
            if (stored) shard.log().goesTo(target);
            shards &= shards - 1;
        }
        for (SharedRoute group : to.groups()) {
            int target = group.shardOf(turnOfGroups++);
            Receipt receipt = stored && target >= 0 ? shard.log().goesToGroup() : null;
            if (target >= 0) deliverShared(target, new SharedDelivery(routed, group, 0, receipt));
        }
        if (publisher != null) shard.pauseIfCongested(publisher);
        if (retainedAt < 0) return ReasonCode.QUOTA_EXCEEDED;
        return to.shards() == 0 && to.groups().length == 0 ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS;
    }

    /** A message that is for no longer than the limits allow. */
    private ApplicationMessage expiring(ApplicationMessage message) {
        long seconds = shard.limits().messageSecondsMax();
        if (seconds == 0) return message;
        long latest = shard.turn().epochMillis() + seconds * 1_000;
        return message.expiresAtMillis() <= latest ? message : message.expiringAt(latest);
    }

    /** Whether what becomes of a message is to outlive the broker. */
    private boolean mustStore(ApplicationMessage message, Routes.Match to, @Nullable ClientConnection publisher) {
        if (!shard.log().keepsSessions()) return false;
        // That it came, and that it is retained, must not become durable one without the other.
        return to.kept() || message.retain() && receivedBy(message, publisher) != null;
    }

    /** The session that is to remember a QoS 2 message as received beyond the broker's end, or null. */
    private static @Nullable Session receivedBy(ApplicationMessage message, @Nullable ClientConnection publisher) {
        if (publisher == null || message.qos() != QoS.EXACTLY_ONCE) return null;
        Session session = publisher.session();
        return session.isKept() ? session : null;
    }

    private ApplicationMessage stored(ApplicationMessage message, @Nullable ClientConnection publisher) {
        Session receiver = receivedBy(message, publisher);
        long session = receiver == null ? 0 : receiver.id();
        int identifier = receiver == null || publisher == null ? 0 : publisher.decoder.packetIdentifier();
        ApplicationMessage stored = shard.log().stored(message, session, identifier, retainedAt());
        storedAt = stored.position();
        return stored;
    }

    /** Another message comes: nothing is known of it. */
    void begin() {
        storedAt = DurableLog.NOWHERE;
        retainedAt = DurableLog.NOWHERE;
    }

    /** Where the message that was published last was stored for sessions; 0: nowhere. */
    long storedAt() {
        return storedAt;
    }

    /** Where it was stored as a retained message; 0: nowhere. */
    long retainedAt() {
        return Math.max(retainedAt, DurableLog.NOWHERE);
    }

    /** Why a message cannot be accepted now; null: it can. */
    DurableLog.@Nullable Trouble trouble(ApplicationMessage message, ClientConnection publisher) {
        boolean refuses = shard.limits().queueFull() == Limits.QueueFull.REFUSE;
        if (refuses && routes(shard.topics().entry(message.topic())).full()) return FULL;
        DurableLog.Trouble retained = message.retain() ? shard.log().retainedTrouble() : null;
        if (retained != null) return retained;
        DurableLog.Trouble sessions = shard.log().trouble();
        if (sessions == null) return null;
        boolean concerns = publisher.session().isKept()
                || mustStore(message, routes(shard.topics().entry(message.topic())), publisher);
        return concerns ? sessions : null;
    }

    /** Publishes a will, if its session may. [MQTT-3.1.2-8] */
    void publishWill(Session session, Will will) {
        if (!session.permissions.mayPublish(will.topic(), will.qos(), will.retain())) {
            session.dropped(CoreEvents.Drop.NOT_AUTHORIZED);
            return;
        }
        publish(WillMessage.message(will, session.clientIdentifier, shard.turn().epochMillis()), null);
    }

    /** Routes a message to a shared group anew: who had it from the group has gone. Where nobody is left, nobody has it. */
    void publishTo(TopicFilter shared, ApplicationMessage message) {
        for (SharedRoute group : routes(shard.topics().entry(message.topic())).groups()) {
            if (!group.filter().equals(shared)) continue;
            // In a broker that stops only for those who come back to it.
            if (shard.isClosing() && !group.kept()) return;
            deliverShared(group.shardOf(turnOfGroups++), new SharedDelivery(message, group, 0, null));
        }
    }

    /** A message that another shard routed here. */
    void arrived(ApplicationMessage message) {
        shard.fanOut().deliver(message, recipients(shard.topics().entry(message.topic())));
    }

    /** A message for a shared group of which this shard was picked. */
    void arrived(SharedDelivery delivery) {
        SharedGroup group =
                shard.tree().group(delivery.route().filter(), delivery.route().shareName());
        ApplicationMessage message = delivery.message();
        Subscription member = group == null ? null : group.pick(message);
        if (member == null) member = pickAfterAll(delivery, group);
        if (member == null) return;
        shard.fanOut().deliver(message, new Recipient[] {member.recipient});
        if (delivery.receipt() != null) arrived(delivery.receipt());
    }

    /** What came before it has arrived here, as soon as it is handed out. */
    void arrived(Receipt receipt) {
        shard.fanOut().after(() -> {
            if (receipt.from() == shard.index()) receipt.arrived().run();
            else post(receipt.from(), receipt.arrived(), 0);
        });
    }

    /**
     * Nobody here can take it now. First all shards are asked for somebody who can, then for somebody who keeps it; what the
     * route says may be old, and a shard of it be without a member. Null: it went on to the next shard, or nobody is left.
     */
    private @Nullable Subscription pickAfterAll(SharedDelivery delivery, @Nullable SharedGroup group) {
        SharedRoute route = delivery.route();
        ApplicationMessage message = delivery.message();
        int tried = delivery.tried() + 1;
        int shards = route.shards();
        Subscription member = group == null || tried < shards ? null : group.pickForQueue(message);
        if (member != null) return member;
        if (tried < (message.qos() == QoS.AT_MOST_ONCE ? shards : 2 * shards)) {
            deliverShared(route.after(shard.index()), new SharedDelivery(message, route, tried, delivery.receipt()));
            return null;
        }
        // Whoever it is drops it, and is counted.
        if (group != null && !shard.isClosing()) return group.next();
        if (delivery.receipt() != null) arrived(delivery.receipt());
        return null;
    }

    private void deliverShared(int target, SharedDelivery delivery) {
        if (target == shard.index()) arrived(delivery);
        else post(target, delivery, delivery.message().weight());
    }

    private Routes.Match routes(TopicCache.Entry entry) {
        Routes routes = shard.routes();
        long version = routes.version();
        if (entry.routesVersion != version) {
            entry.routes = routes.match(entry.topic);
            entry.routesVersion = version;
        }
        return entry.routes;
    }

    private Recipient[] recipients(TopicCache.Entry entry) {
        SubscriptionTree tree = shard.tree();
        if (entry.treeVersion != tree.version()) {
            shard.topics().matched(entry, tree.match(entry.topic), tree.version());
        }
        return entry.recipients;
    }

    /** Sends a receipt after what went to a shard. */
    void follow(int target, Receipt receipt) {
        if (target == shard.index()) arrived(receipt);
        else post(target, receipt, 0);
    }

    private void post(int target, Object item, int weight) {
        Object[] batch = batches[target];
        if (batch == null) batches[target] = batch = new Object[BATCH];
        int length = lengths[target];
        batch[length++] = item;
        lengths[target] = length;
        bytes[target] += weight;
        waiting |= 1L << target;
        if (length == batch.length) hand(target);
    }

    /** Hands over what was gathered in this turn. */
    void post() {
        shard.log().endTurn();
        while (waiting != 0) hand(Long.numberOfTrailingZeros(waiting));
    }

    @SuppressWarnings("NullAway") // A target that waits has a batch; the place is filled again by post.
    private void hand(int target) {
        Object[] batch = batches[target];
        int length = lengths[target];
        long weight = bytes[target];
        batches[target] = null;
        lengths[target] = 0;
        bytes[target] = 0;
        waiting &= ~(1L << target);
        shard.peers().post(target, batch, length, weight);
        if (shard.peers().isCongested(target)) shard.congested(target);
    }
}
