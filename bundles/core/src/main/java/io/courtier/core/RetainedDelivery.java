// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    ApplicationMessage message() {
        return messages.get(at);
    }

    int nextQoS() {
        return Math.min(
                message().qos().value(), subscription.options.maximumQoS().value());
    }

    int @Nullable [] subscriptionIdentifiers() {
        return subscription.recipient.subscriptionIdentifiers();
    }

    void skip() {
        at++;
    }

    /** Sends the next one, unless it expired or another has taken its place: that one was delivered when it came. */
    void sendNext(Session session) {
        Shard shard = session.shard;
        ApplicationMessage message = message();
        int qos = nextQoS();
        at++;
        if (message.isExpired(shard.turn().epochMillis())) {
            shard.retained().remove(message);
        } else if (shard.retained().get(message.topic()) == message) {
            session.deliver(message, qos, true, subscriptionIdentifiers(), shard.layouts(message));
        }
    }
}
