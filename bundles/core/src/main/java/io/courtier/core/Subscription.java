// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.QoS;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicFilter;

/** One session's subscription to one filter. Replaced, never changed, when the client subscribes again. [MQTT-3.8.4-3] */
final class Subscription {
    final Session session;
    final TopicFilter filter;
    final SubscriptionOptions options;
    /** 0: none. */
    final int identifier;
    /** How the session has its messages where no other of its subscriptions matches. */
    final Recipient recipient;

    Subscription(Session session, TopicFilter filter, SubscriptionOptions options, int identifier) {
        this.session = session;
        this.filter = filter;
        this.options = options;
        this.identifier = identifier;
        this.recipient = new Recipient(
                session,
                options.maximumQoS().value(),
                options.retainAsPublished(),
                Matched.of(identifier == 0 ? null : new int[] {identifier}, filter.isShared() ? filter : null),
                options.noLocal(),
                null);
    }

    /** Whether messages that it matches are to outlive the broker. */
    boolean isKept() {
        return session.isKept() && options.maximumQoS() != QoS.AT_MOST_ONCE;
    }
}
