// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import java.util.List;

/** The retained messages that one new subscription matched, and how far their delivery has come. [MQTT-3.3.1-9] */
final class RetainedDelivery {
    private final Subscription subscription;
    private final List<ApplicationMessage> messages;
    private int at;

    RetainedDelivery(Subscription subscription, List<ApplicationMessage> messages) {
        this.subscription = subscription;
        this.messages = messages;
    }

    boolean isDone() {
        return at == messages.size();
    }

    int nextQoS() {
        return Math.min(
                messages.get(at).qos().value(),
                subscription.options.maximumQoS().value());
    }

    /** Delivers the next one, or keeps it for the client's return, unless it is not to be sent any more. */
    void deliverNext() {
        Session session = subscription.session;
        ApplicationMessage message = messages.get(at);
        int qos = nextQoS();
        at++;
        if (isDue(message)) {
            session.outbox.deliver(
                    message, qos, true, subscription.recipient.matched(), session.shard.layouts(message));
        }
    }

    /** Unless it expired, or another has taken its place: that one was delivered when it came. */
    private boolean isDue(ApplicationMessage message) {
        Session session = subscription.session;
        Shard shard = session.shard;
        if (message.isExpired(shard.turn().epochMillis())) {
            shard.retained().remove(message);
            return false;
        }
        // [MQTT-3.8.3-3] speaks of all messages, not only of those that are published now.
        boolean own = subscription.options.noLocal() && session.clientIdentifier.equals(message.publisher());
        return !own && shard.retained().get(message.topic()) == message;
    }
}
