// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.Publish;
import io.courtier.protocol.ReasonCode;
import java.util.List;

/**
 * A message that came. With QoS 1 and 2 it is owed an answer, which leaves when it and all that came before it on the
 * connection are done. [MQTT-4.6.0-2] [MQTT-4.6.0-3]
 */
public final class Delivery {
    private final Client client;
    private final Publish publish;
    private final List<Integer> subscriptions;
    private boolean done;
    private ReasonCode reason = ReasonCode.SUCCESS;
    /** Of the record that says that it was received; 0: none. */
    long record;

    Delivery(Client client, Publish publish, List<Integer> subscriptions) {
        this.client = client;
        this.publish = publish;
        this.subscriptions = subscriptions;
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
        client.handled(this);
    }

    boolean isDone() {
        return done;
    }

    ReasonCode reason() {
        return reason;
    }
}
