// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
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

    /** A message for one member of a shared group. Tried: how many shards could not take it at once. */
    record SharedDelivery(ApplicationMessage message, SharedRoute route, int tried) {}

    private final Shard shard;
    private final long own;
    private final Object[][] batches;
    private final int[] lengths;
    private final long[] bytes;
    private long waiting;
    private int turnOfGroups;

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
        // First stored, then the routes are read; a subscriber makes its route, then reads what is stored. So one of
        // the
        // two sees the other.
        boolean kept = !message.retain() || shard.retained().put(message);
        TopicCache.Entry entry = shard.topics().entry(message.topic());
        Routes.Match to = routes(entry);
        long shards = to.shards();
        if ((shards & own) != 0) {
            shard.fanOut().deliver(message, recipients(entry));
            shards &= ~own;
        }
        while (shards != 0) {
            int target = Long.numberOfTrailingZeros(shards);
            post(target, message, message.weight());
            shards &= shards - 1;
        }
        for (SharedRoute group : to.groups()) {
            int target = group.shardOf(turnOfGroups++);
            if (target >= 0) deliverShared(target, new SharedDelivery(message, group, 0));
        }
        if (publisher != null) shard.pauseIfCongested(publisher);
        if (!kept) return ReasonCode.QUOTA_EXCEEDED;
        return to.shards() == 0 && to.groups().length == 0 ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS;
    }

    /** Publishes a will, if its session may. [MQTT-3.1.2-8] */
    void publishWill(Session session, Will will) {
        if (!session.permissions.mayPublish(will.topic(), will.qos(), will.retain())) {
            session.dropped(CoreEvents.Drop.NOT_AUTHORIZED);
            return;
        }
        publish(WillMessage.message(will, session.clientIdentifier, shard.turn().epochMillis()), null);
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
        if (member != null) shard.fanOut().deliver(message, new Recipient[] {member.recipient});
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
            deliverShared(route.after(shard.index()), new SharedDelivery(message, route, tried));
            return null;
        }
        // Whoever it is drops it, and is counted.
        return group == null ? null : group.next();
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
