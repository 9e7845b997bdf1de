// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

import io.courtier.browser.client.Client;
import io.courtier.browser.client.Failure;
import io.courtier.browser.client.Publication;
import io.courtier.browser.client.Reply;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is carried to one side, in its order. What the client of that side has no room for waits here, unacknowledged: the
 * Receive Maximum of the other side bounds it. QoS 0 does not wait.
 */
final class Lane {
    /** What becomes of a message. Neither is told where the bridge stops: the message stays where it came from. */
    interface Outcome {
        void carried();

        /** The side does not take it. */
        void dropped();
    }

    private record Load(Publication publication, Outcome outcome) {}

    private final Client client;
    private final ArrayDeque<Load> waiting = new ArrayDeque<>();
    private int underWay;

    Lane(Client client) {
        this.client = client;
    }

    void carry(Publication publication, Outcome outcome) {
        Load load = new Load(publication, outcome);
        boolean waits = publication.qos() != QoS.AT_MOST_ONCE && (!waiting.isEmpty() || !hasRoom(publication));
        if (waits) waiting.add(load);
        else publish(load);
    }

    /** One that would have no room alone is refused, and not waited with. */
    private boolean hasRoom(Publication publication) {
        return underWay == 0 || client.hasRoom(publication);
    }

    private void publish(Load load) {
        underWay++;
        client.publish(load.publication(), new Reply() {
            @Override
            public void done(List<ReasonCode> reasons, Properties properties) {
                underWay--;
                load.outcome().carried();
                goOn();
            }

            @Override
            public void failed(Failure failure) {
                underWay--;
                if (failure.kind() == Failure.Kind.ENDED) return;
                Publication less = less(load.publication(), failure.reason());
                if (less != null) {
                    publish(new Load(less, load.outcome()));
                    return;
                }
                load.outcome().dropped();
                goOn();
            }
        });
    }

    private void goOn() {
        while (!waiting.isEmpty() && hasRoom(waiting.getFirst().publication())) publish(waiting.remove());
    }

    /** The same as a server takes it that has no such QoS, or no retained messages. */
    private static @Nullable Publication less(Publication refused, @Nullable ReasonCode reason) {
        QoS qos = refused.qos();
        if (reason == ReasonCode.QOS_NOT_SUPPORTED && qos != QoS.AT_MOST_ONCE) {
            return new Publication(
                    refused.topic(),
                    refused.payload(),
                    QoS.of(qos.value() - 1),
                    refused.retain(),
                    refused.properties());
        }
        if (reason == ReasonCode.RETAIN_NOT_SUPPORTED && refused.retain()) {
            return new Publication(refused.topic(), refused.payload(), qos, false, refused.properties());
        }
        return null;
    }
}
