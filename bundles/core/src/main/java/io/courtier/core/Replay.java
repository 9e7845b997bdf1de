// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.TopicName;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Hands the past to the subscriptions of one SUBSCRIBE, before anything that is published after it: each message once,
 * whatever filters match it, marked by the user properties {@code replayed} and {@code published-at}.
 */
final class Replay {
    private final History history;
    private final ReplayWish wish;
    private final Set<ApplicationMessage> sent = Collections.newSetFromMap(new IdentityHashMap<>());
    /** The last of each topic that was published to be retained. */
    private final Map<TopicName, ApplicationMessage> retained = new HashMap<>();

    Replay(History history, ReplayWish wish) {
        this.history = history;
        this.wish = wish;
    }

    void send(Subscription subscription) {
        Session session = subscription.session;
        long now = session.shard.turn().epochMillis();
        List<History.Past> past = history.recall(subscription.filter, wish.last(), wish.sinceMillis(), now);
        for (History.Past each : past) {
            ApplicationMessage message = each.message();
            boolean own = subscription.options.noLocal() && session.clientIdentifier.equals(message.publisher());
            if (own || !session.mayReceive(message) || !sent.add(message)) continue;
            if (message.retain()) retained.put(message.topic(), message);
            int qos = Math.min(
                    message.qos().value(), subscription.options.maximumQoS().value());
            boolean retain = message.retain() && subscription.options.retainAsPublished();
            session.outbox.replay(marked(each), qos, retain, subscription.recipient.matched());
        }
    }

    /** Whether a retained message was among them; also after a restart, when it is another object. */
    boolean has(ApplicationMessage message) {
        ApplicationMessage last = retained.get(message.topic());
        return last != null && Arrays.equals(last.payload(), message.payload());
    }

    private static ApplicationMessage marked(History.Past past) {
        ApplicationMessage message = past.message();
        Properties properties = message.properties().toBuilder()
                .userProperty("replayed", "true")
                .userProperty("published-at", Long.toString(past.publishedAtMillis()))
                .build();
        return new ApplicationMessage(
                message.topic(),
                message.payload(),
                message.qos(),
                message.retain(),
                properties,
                message.publisher(),
                message.expiresAtMillis());
    }
}
