// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import io.courtier.spi.store.DurableLog;
import java.util.ArrayList;
import java.util.List;

/** Decides what each filter of a SUBSCRIBE or UNSUBSCRIBE gets. The answer leaves before any retained message. */
final class SubscribeFlow {
    private SubscribeFlow() {}

    static void subscribe(ClientConnection connection, Subscribe packet) {
        Limits limits = connection.shard.limits();
        Session session = connection.session();
        int identifier = (int) packet.properties().integer(Property.SUBSCRIPTION_IDENTIFIER, 0);
        List<ReasonCode> reasons = new ArrayList<>(packet.requests().size());
        List<Subscription> wantRetained = new ArrayList<>(packet.requests().size());
        History history = connection.shard.history();
        ReplayWish wish = history == null ? null : ReplayWish.of(packet.properties());
        List<Subscription> wantReplay = new ArrayList<>(0);
        for (Subscribe.Request request : packet.requests()) {
            TopicFilter filter = TopicFilter.parse(request.topicFilter());
            QoS granted = QoS.min(request.options().maximumQoS(), QoS.of(limits.maximumQoS())); // [MQTT-3.8.4-8]
            ReasonCode refusal =
                    filter == null ? ReasonCode.TOPIC_FILTER_INVALID : refusal(connection, filter, granted, identifier);
            if (filter == null || refusal != ReasonCode.SUCCESS) {
                reasons.add(refusal);
                continue;
            }
            if (wish != null && wish.isBroken()) {
                reasons.add(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
                continue;
            }
            SubscriptionOptions asked = request.options();
            SubscriptionOptions options = new SubscriptionOptions(
                    granted, asked.noLocal(), asked.retainAsPublished(), asked.retainHandling());
            Subscription subscription = new Subscription(session, filter, options, identifier);
            boolean isNew = session.subscribe(subscription) == null;
            reasons.add(ReasonCode.granted(granted));
            if (wish != null && !filter.isShared()) wantReplay.add(subscription);
            RetainHandling handling = options.retainHandling();
            // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]; a shared subscription gets none.
            if (!filter.isShared()
                    && (handling == RetainHandling.SEND || handling == RetainHandling.SEND_IF_NEW && isNew)) {
                wantRetained.add(subscription);
            }
        }
        connection.answer(new SubAck(packet.packetIdentifier(), reasons, Properties.NONE)); // [MQTT-3.8.4-1]
        Replay replay = history == null || wish == null ? null : new Replay(history, wish);
        if (replay != null) for (Subscription subscription : wantReplay) replay.send(subscription);
        for (Subscription subscription : wantRetained) session.outbox.deliverRetained(subscription, replay);
    }

    /** SUCCESS where nothing speaks against it. */
    private static ReasonCode refusal(ClientConnection connection, TopicFilter filter, QoS qos, int identifier) {
        Limits limits = connection.shard.limits();
        Session session = connection.session();
        if (filter.levels().length > limits.topicLevelsMax()) return ReasonCode.TOPIC_FILTER_INVALID;
        if (filter.isShared() && !limits.sharedSubscriptionAvailable()) {
            return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        if (filter.hasWildcards() && !limits.wildcardSubscriptionAvailable()) {
            return ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        if (identifier != 0 && !limits.subscriptionIdentifierAvailable()) {
            return ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED;
        }
        DurableLog.Trouble trouble = session.isKept() ? connection.shard.log().trouble() : null;
        if (trouble != null) return trouble.reason();
        if (!session.permissions.maySubscribe(filter, qos)) return limits.notAuthorized();
        if (session.subscriptions().size() >= limits.subscriptionsPerSessionMax() && !session.isSubscribed(filter)) {
            return ReasonCode.QUOTA_EXCEEDED;
        }
        return ReasonCode.SUCCESS;
    }

    static void unsubscribe(ClientConnection connection, Unsubscribe packet) {
        List<ReasonCode> reasons = new ArrayList<>(packet.topicFilters().size());
        for (String filter : packet.topicFilters()) {
            if (TopicFilter.parse(filter) == null) reasons.add(ReasonCode.TOPIC_FILTER_INVALID);
            else if (connection.session().unsubscribe(filter)) reasons.add(ReasonCode.SUCCESS);
            else reasons.add(ReasonCode.NO_SUBSCRIPTION_EXISTED);
        }
        connection.answer(new UnsubAck(packet.packetIdentifier(), reasons, Properties.NONE)); // [MQTT-3.10.4-4]
    }
}
