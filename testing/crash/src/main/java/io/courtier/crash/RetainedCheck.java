// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A visitor who asks for all retained messages when all is quiet: each topic has what was last sent, or nothing. */
final class RetainedCheck implements Client.Owner {
    final Client client;
    private final Faults faults;
    private final Map<String, byte[]> found = new HashMap<>();

    RetainedCheck(Faults faults) {
        this.faults = faults;
        client = new Client("visitor", ProtocolVersion.V5, 0, faults);
    }

    @Override
    public void connected(boolean sessionPresent) {
        client.send(new Subscribe(
                1, List.of(new Subscribe.Request("r/#", SubscriptionOptions.of(QoS.AT_LEAST_ONCE))), Properties.NONE));
    }

    @Override
    public void take(ControlPacket packet) {
        if (!(packet instanceof Publish publish)) return;
        client.send(new PubAck(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        if (found.put(publish.topic().toString(), publish.payload()) != null) {
            faults.found(Faults.Kind.WRONG, "two retained messages for " + publish.topic());
        }
    }

    void check(List<Publisher> publishers) {
        for (Publisher publisher : publishers) {
            publisher.retained().forEach((topic, payload) -> {
                byte[] there = found.remove(topic);
                boolean right = there == null ? payload.length == 0 : Arrays.equals(there, payload);
                if (right) return;
                faults.found(
                        Faults.Kind.LOST,
                        "the retained message of " + topic + " is "
                                + (there == null ? "gone" : "number " + Message.number(there)) + ", and should be "
                                + (payload.length == 0 ? "gone" : "number " + Message.number(payload)));
            });
        }
        for (String topic : found.keySet()) faults.found(Faults.Kind.UNDUE, "nobody retained what " + topic + " has");
    }
}
