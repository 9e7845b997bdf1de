// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Permissions;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** How a connection lives and ends when the broker is what is slow or broken. */
class ClientConnectionTest {
    private static final Permissions BROKEN = new Permissions() {
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
            throw new IllegalStateException("a mistake");
        }
    };

    private final TestHost host = new TestHost(2, Limits.DEFAULT);
    private final Shard shard = host.shards[0];

    private void at(double seconds) {
        long nanos = (long) (seconds * 1e9);
        shard.beginTurn(nanos, 1_000_000 + nanos / 1_000_000);
        shard.tick();
        shard.endTurn();
    }

    @Test
    void aSlowAuthenticatorIsNotTheClientsSilence() {
        host.answers = new ArrayDeque<>();
        TestClient client = new TestClient(shard, "c").connect(2, 0);
        at(9);
        host.answers.remove().run();
        at(9.5);
        assertThat(client.closed).as("it could not say anything for 9 s").isFalse();
        at(12.5);
        assertThat(client.closed).isTrue();
    }

    @Test
    void aPausedPublisherIsNotSilent() {
        new TestClient(host.shards[1], "far").connect(0, 0).subscribe("t", QoS.AT_MOST_ONCE);
        TestClient publisher = new TestClient(shard, "p").connect(2, 0);
        host.congested = 1L << 1;
        publisher.publish("t", "a", QoS.AT_MOST_ONCE);
        at(0.1);
        publisher.publish("t", "b", QoS.AT_MOST_ONCE);
        at(0.2);
        assertThat(publisher.readable).isFalse();
        for (double t = 1; t < 9; t++) at(t);
        assertThat(publisher.closed).as("its PINGREQ would not be read").isFalse();
        shard.roomIn(1);
        at(10.5);
        assertThat(publisher.closed).isFalse();
        for (double t = 11; t < 15; t++) at(t);
        assertThat(publisher.closed).isTrue();
    }

    @Test
    void oneThatBreaksWhileItsSessionResumesIsGone() {
        TestClient first = new TestClient(shard, "c").connect(0, 100).subscribe("t", QoS.AT_LEAST_ONCE);
        first.lost();
        new TestClient(shard, "p").connect(0, 0).publish("t", "x", QoS.AT_LEAST_ONCE);
        host.permissions = client -> BROKEN;
        TestClient again = new TestClient(shard, "c").connect(0, 100);
        assertThat(again.closed).isTrue();
        assertThat(again.packets()).hasSize(2);
        assertThat(again.packets().get(0)).isInstanceOf(ConnAck.class);
        assertThat(again.packets().get(1)).isInstanceOf(Disconnect.class);
        assertThat(shard.counters().clientsConnected).as("the publisher").isEqualTo(1);
        at(90);
        assertThat(shard.counters().sessions).isEqualTo(2);
        at(101);
        assertThat(shard.counters().sessions).as("it expires like any other").isEqualTo(1);
    }

    @Test
    void oneThatBreaksInAFanOutBreaksNobodyElse() {
        TestClient one = new TestClient(shard, "one").connect(0, 0).subscribe("t", QoS.AT_MOST_ONCE);
        host.permissions = client -> BROKEN;
        TestClient bad = new TestClient(shard, "bad").connect(0, 0).subscribe("t", QoS.AT_MOST_ONCE);
        host.permissions = client -> Permissions.ALL;
        TestClient two = new TestClient(shard, "two").connect(0, 0).subscribe("t", QoS.AT_MOST_ONCE);
        TestClient publisher = new TestClient(shard, "p").connect(0, 0);
        publisher.publish("t", "x", QoS.AT_MOST_ONCE);
        shard.endTurn();
        assertThat(one.payloads()).containsExactly("x");
        assertThat(two.payloads()).containsExactly("x");
        assertThat(publisher.closed).isFalse();
        assertThat(bad.closed).isTrue();
    }

    @Test
    void oneThatDoesNotReadItsAnswersIsNotReadEither() {
        TestClient client = new TestClient(shard, "c").connect(0, 0);
        byte[] pings = new byte[64 * 1024];
        for (int i = 0; i < pings.length; i += 2) pings[i] = (byte) 0xC0;
        client.writable = false;
        for (int i = 0; i < 100 && client.readable; i++) client.connection.received(pings, 0, pings.length);
        assertThat(client.readable).isFalse();
        assertThat(client.writtenBytes()).isBetween(1 << 20, 2 << 20);
        client.writable = true;
        client.connection.writable();
        assertThat(client.readable).isTrue();
        client.connection.received(pings, 0, pings.length);
        assertThat(client.readable).isTrue();
    }

    @Test
    void oneThatIsStillAuthenticatingIsToldThatTheServerGoes() {
        host.answers = new ArrayDeque<>();
        TestClient client = new TestClient(shard, "c").connect(0, 0);
        client.connection.closing();
        assertThat(client.packets()).singleElement().isInstanceOfSatisfying(ConnAck.class, ack -> assertThat(
                        ack.reason())
                .isEqualTo(ReasonCode.SERVER_UNAVAILABLE));
        assertThat(client.closed).isTrue();
        host.answers.remove().run();
        assertThat(client.packets()).hasSize(1);
        assertThat(shard.counters().sessions).isZero();
    }
}
