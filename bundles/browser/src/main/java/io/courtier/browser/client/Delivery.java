// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import java.util.List;
import java.util.function.Consumer;

/**
 * A message that came. With QoS 1 and 2 it is owed an answer, which leaves when it and all that came before it on the
 * connection are done. [MQTT-4.6.0-2] [MQTT-4.6.0-3]
 */
public final class Delivery {
    private final Consumer<Delivery> handled;
    private final Publish publish;
    private final List<Integer> subscriptions;
    private boolean done;
    private ReasonCode reason = ReasonCode.SUCCESS;
    /** Of the record that says that it was received; 0: none. */
    long record;

    /** @param handled told when it is done */
    Delivery(Consumer<Delivery> handled, Publish publish, List<Integer> subscriptions) {
        this.handled = handled;
        this.publish = publish;
        this.subscriptions = subscriptions;
    }

    /** One of QoS 2 that was handled by a page before this one: a record says so. */
    static Delivery handledBefore(long record, int packetIdentifier) {
        Publish publish = new Publish(
                false, QoS.EXACTLY_ONCE, false, packetIdentifier, TopicName.NONE, new byte[0], Properties.NONE);
        Delivery delivery = new Delivery(done -> {}, publish, List.of());
        delivery.record = record;
        delivery.done();
        return delivery;
    }

    /** With its whole Topic Name, whatever alias stood for it. */
    public Publish publish() {
        return publish;
    }

    /** The numbers of the subscriptions that it came for, as far as that can be told. */
    public List<Integer> subscriptions() {
        return subscriptions;
    }

    /** It was handled. */
    public void done() {
        done(ReasonCode.SUCCESS);
    }

    /** It was handled, or refused with an error that PUBACK and PUBREC may carry. Only the first call counts. */
    public void done(ReasonCode reason) {
        if (done) return;
        done = true;
        this.reason = reason;
        handled.accept(this);
    }

    boolean isDone() {
        return done;
    }

    ReasonCode reason() {
        return reason;
    }
}
