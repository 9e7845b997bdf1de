// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Unsubscribe;
import io.courtier.spi.auth.Permissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who of a shared group has a message when some of it cannot. */
class SharedGroupTest {
    private static final String SHARED = "$share/g/t";
    private static final Permissions DEAF = new Permissions() {
        @Override
        public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
            return true;
        }

        @Override
        public boolean maySubscribe(TopicFilter filter, QoS qos) {
            return true;
        }

        @Override
        public boolean limitsReceiving() {
            return true;
        }

        @Override
        public boolean mayReceive(TopicName topic) {
            return false;
        }
    };

    private final TestHost host = new TestHost(2, Limits.DEFAULT);

    private void settle() {
        do {
            for (Shard shard : host.shards) shard.endTurn();
            host.deliverMail();
            for (Shard shard : host.shards) shard.endTurn();
        } while (!host.mail.isEmpty());
    }

    private TestClient member(int shard, String name, QoS qos) {
        return new TestClient(host.shards[shard], name).connect(0, 100).subscribe(SHARED, qos);
    }

    @Test
    void aMessageForOneThatLeftWaitsForOneThatIsAway() {
        member(1, "away", QoS.AT_LEAST_ONCE).lost();
        TestClient leaver = member(0, "leaver", QoS.AT_LEAST_ONCE);
        Routes.Match before = host.routes.match(TopicName.of("t"));
        leaver.send(new Unsubscribe(2, List.of(SHARED), Properties.NONE));
        ApplicationMessage message = new ApplicationMessage(
                TopicName.of("t"),
                new byte[] {'x'},
                QoS.AT_LEAST_ONCE,
                false,
                Properties.NONE,
                null,
                ApplicationMessage.NEVER);
        // A publisher's shard picked shard 0 before it heard that its member is gone.
        host.shards[0].receive(new Object[] {new Router.SharedDelivery(message, before.groups()[0], 0, null)}, 1);
        settle();
        assertThat(new TestClient(host.shards[1], "away").connect(0, 100).payloads())
                .containsExactly("x");
    }

    @Test
    void oneThatMayNotReceiveIsPassedOver() {
        host.permissions = client -> client.startsWith("deaf") ? DEAF : Permissions.ALL;
        member(0, "deaf-here", QoS.AT_LEAST_ONCE);
        member(1, "deaf-there", QoS.AT_LEAST_ONCE);
        TestClient hears = member(0, "hears", QoS.AT_LEAST_ONCE);
        TestClient publisher = new TestClient(host.shards[0], "p").connect(0, 0);
        for (int i = 0; i < 6; i++) {
            publisher.publish("t", "" + i, QoS.AT_LEAST_ONCE);
            settle();
        }
        assertThat(hears.payloads()).containsExactly("0", "1", "2", "3", "4", "5");
    }

    @Test
    void whatWaitsWaitsForOneThatKeepsIt() {
        member(0, "qos0-here", QoS.AT_MOST_ONCE).lost();
        member(1, "qos0-there", QoS.AT_MOST_ONCE).lost();
        member(1, "qos1", QoS.AT_LEAST_ONCE).lost();
        TestClient publisher = new TestClient(host.shards[0], "p").connect(0, 0);
        for (int i = 0; i < 6; i++) publisher.publish("t", "" + i, QoS.AT_LEAST_ONCE);
        settle();
        assertThat(new TestClient(host.shards[1], "qos1").connect(0, 100).payloads())
                .containsExactlyInAnyOrder("0", "1", "2", "3", "4", "5");
    }
}
