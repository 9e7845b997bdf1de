// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.Auth;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PingReq;
import io.courtier.protocol.PingResp;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketEncoder;
import io.courtier.spi.auth.Principal;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How a client that publishes too fast is held to its rate, and what becomes of what it had sent. */
class ThrottleTest {
    private final ToldEvents events = new ToldEvents();
    private TestHost host = new TestHost(2, Limits.DEFAULT);
    private double now;

    private void limits(Map<String, Object> changes) {
        host = new TestHost(2, FairUses.with(changes), events);
        host.principals = client -> new Principal(client.startsWith("other") ? "bo" : "al", Set.of(), "test");
    }

    private void at(double seconds) {
        now = seconds;
        long nanos = (long) (seconds * 1e9);
        for (Shard shard : host.shards) {
            shard.beginTurn(nanos, 1_000_000 + nanos / 1_000_000);
            shard.tick();
            shard.endTurn();
        }
        host.deliverMail();
    }

    private void until(double seconds) {
        while (now < seconds) at(now + 0.1);
    }

    private TestClient subscriber() {
        return new TestClient(host.shards[0], "sub").connect(0, 0).subscribe("t", QoS.AT_MOST_ONCE);
    }

    private static void publish(TestClient publisher, int count, int payloadBytes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) add(all, payloadBytes);
        publisher.connection.received(all.toByteArray(), 0, all.size());
    }

    private static void add(ByteArrayOutputStream all, int payloadBytes) {
        ByteBuilder bytes = new ByteBuilder(64);
        PacketEncoder.encode(
                new Publish(
                        false, QoS.AT_MOST_ONCE, false, 0, TopicName.of("t"), new byte[payloadBytes], Properties.NONE),
                ProtocolVersion.V5,
                bytes);
        all.write(bytes.array(), 0, bytes.length());
    }

    @Test
    void aBatchOfPacketsComesAtTheRateAndWhole() {
        limits(Map.of("clientMessagesPerSecond", 10));
        TestClient subscriber = subscriber();
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 100, 1);
        at(0.01);
        assertThat(subscriber.payloads()).as("a second's worth at once").hasSize(10);
        assertThat(publisher.readable).isFalse();
        until(5);
        assertThat(subscriber.payloads().size()).isBetween(57, 60);
        assertThat(publisher.readable).isFalse();
        until(9.5);
        assertThat(subscriber.payloads()).hasSize(100);
        assertThat(publisher.readable).isTrue();
        assertThat(publisher.closed).isFalse();
        assertThat(host.shards[0].counters().messageRateExceeded).isEqualTo(1);
        assertThat(events.told)
                .containsExactly(
                        "paused: it is read more slowly, for it publishes more than client.messages.per.second=10");
    }

    @Test
    void bytesAreLimitedByTheSizeOfThePackets() {
        limits(Map.of("clientBytesPerSecond", 1_000L));
        TestClient subscriber = subscriber();
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 2, 3_994);
        at(0.01);
        assertThat(subscriber.payloads()).as("the second has to wait").hasSize(1);
        until(2.8);
        assertThat(subscriber.payloads()).hasSize(1);
        until(3.5);
        assertThat(subscriber.payloads()).hasSize(2);
    }

    @Test
    void aClientThatLivesAtItsLimitMakesOneLine() {
        limits(Map.of("clientMessagesPerSecond", 10));
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        for (int i = 0; i < 1_000; i++) {
            at(now + 0.1);
            if (publisher.readable) publish(publisher, 2, 1);
        }
        assertThat(host.shards[0].counters().messageRateExceeded).isGreaterThan(100);
        assertThat(events.told).hasSize(1);
        until(now + 70);
        publish(publisher, 20, 1);
        assertThat(events.told).as("another time").hasSize(2);
        host.shards[0].forEachConnected(client -> assertThat(client.pauses()).isGreaterThan(100));
    }

    @Test
    void whatComesBehindAPauseKeepsItsOrder() {
        limits(Map.of("clientMessagesPerSecond", 1));
        TestClient subscriber = subscriber();
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        for (int i = 0; i < 5; i++) publisher.publish("t", "" + i, QoS.AT_MOST_ONCE);
        publisher.send(new PingReq());
        at(0.01);
        assertThat(subscriber.payloads()).containsExactly("0");
        assertThat(publisher.packets()).as("PINGREQ is behind them").hasSize(1);
        until(6);
        assertThat(subscriber.payloads()).containsExactly("0", "1", "2", "3", "4");
        assertThat(publisher.packets().get(1)).isInstanceOf(PingResp.class);
    }

    @Test
    void aPausedClientIsNotSilent() {
        limits(Map.of("clientBytesPerSecond", 100L));
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(2, 0);
        publish(publisher, 1, 2_000);
        until(18.5);
        assertThat(publisher.closed).as("its PINGREQ would not be read").isFalse();
        until(19.5);
        assertThat(publisher.readable).isTrue();
        until(24);
        assertThat(publisher.closed).as("now it is silent").isTrue();
    }

    @Test
    void oneThatDoesNotReadItsAnswersEitherStaysUnread() {
        limits(Map.of("clientMessagesPerSecond", 1));
        TestClient client = new TestClient(host.shards[0], "pub").connect(0, 0);
        client.writable = false;
        byte[] pings = new byte[64 * 1024];
        for (int i = 0; i < pings.length; i += 2) pings[i] = (byte) 0xC0;
        for (int i = 0; i < 100 && client.readable; i++) client.connection.received(pings, 0, pings.length);
        publish(client, 2, 1);
        until(5);
        assertThat(client.readable).isFalse();
        client.writable = true;
        client.connection.writable();
        assertThat(client.readable).isTrue();
    }

    @Test
    void aClientThatIsClosedWhilePausedIsGone() {
        limits(Map.of("clientMessagesPerSecond", 1));
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 1, 1);
        assertThat(publisher.readable).isFalse();
        publisher.lost();
        assertThat(host.shards[0].counters().clientsConnected).isZero();
        until(3);
        assertThat(host.shards[0].counters().sessions).isZero();
    }

    @Test
    void whatWasSentBeforeTheNetworkClosedStillComesAtTheRate() {
        limits(Map.of("clientMessagesPerSecond", 2));
        TestClient subscriber = subscriber();
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 10, 1);
        publisher.send(new Disconnect(ReasonCode.SUCCESS, Properties.NONE));
        publisher.lost();
        assertThat(host.shards[0].counters().clientsConnected).isEqualTo(2);
        until(2);
        assertThat(subscriber.payloads().size()).isBetween(5, 6);
        until(6);
        assertThat(subscriber.payloads()).hasSize(10);
        assertThat(host.shards[0].counters().clientsConnected).isEqualTo(1);
    }

    @Test
    void afterAMinuteTheEndOfTheNetworkIsTheEnd() {
        limits(Map.of("clientMessagesPerSecond", 1));
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 1_000, 1);
        publisher.lost();
        until(59);
        assertThat(host.shards[0].counters().clientsConnected).isEqualTo(1);
        until(63);
        assertThat(host.shards[0].counters().clientsConnected).isZero();
        assertThat(host.shards[0].counters().messagesReceived).isBetween(50L, 63L);
    }

    @Test
    void whatIsNotDueWithinAMinuteDoesNotOutliveTheNetwork() {
        limits(Map.of("clientBytesPerSecond", 100L));
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 2, 100_000);
        publisher.lost();
        assertThat(host.shards[0].counters().clientsConnected)
                .as("its second message is due in a quarter of an hour")
                .isZero();
        assertThat(host.shards[0].counters().messagesReceived).isEqualTo(1);
    }

    @Test
    void aTransportThatGoesOnWhilePausedFillsNoMemory() {
        limits(Map.of("clientMessagesPerSecond", 1));
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        for (int i = 0; i < 200 && !publisher.closed; i++) publish(publisher, 1, 10_000);
        assertThat(publisher.closed).isTrue();
        assertThat(publisher.packets().get(1))
                .isInstanceOfSatisfying(Disconnect.class, told -> assertThat(told.reason())
                        .isEqualTo(ReasonCode.MESSAGE_RATE_TOO_HIGH));
    }

    @Test
    void comingBackDoesNotPayWhatIsOwed() {
        limits(Map.of("clientBytesPerSecond", 1_000L));
        TestClient subscriber = subscriber();
        for (int i = 0; i < 5; i++) {
            TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
            // Told to stop reading at once, a real transport delivers nothing.
            if (publisher.readable) publish(publisher, 1, 10_000);
            publisher.lost();
            at(now + 0.1);
        }
        assertThat(subscriber.payloads()).hasSize(1);
        assertThat(host.shards[0].turnstile().remembered()).isEqualTo(1);
        until(120);
        assertThat(host.shards[0].turnstile().remembered())
                .as("it is forgotten when nothing is owed")
                .isZero();
    }

    @Test
    void allClientsOfAUserShareItsRate() {
        limits(Map.of("userMessagesPerSecond", 10));
        TestClient subscriber = subscriber();
        TestClient one = new TestClient(host.shards[0], "one").connect(0, 0);
        TestClient two = new TestClient(host.shards[1], "two").connect(0, 0);
        TestClient other = new TestClient(host.shards[1], "other").connect(0, 0);
        publish(one, 50, 1);
        publish(two, 50, 1);
        assertThat(one.readable).isFalse();
        assertThat(two.readable).isFalse();
        publish(other, 5, 1);
        assertThat(other.readable).isTrue();
        at(0.01);
        assertThat(subscriber.payloads().size()).isBetween(15, 16);
        until(5);
        assertThat(subscriber.payloads().size()).isBetween(63, 66);
        until(12);
        assertThat(subscriber.payloads()).hasSize(105);
        assertThat(events.told).anyMatch(each -> each.contains("user.messages.per.second=10"));
    }

    @Test
    void oneIsDisconnectedWhereTheLimitsSaySo() {
        limits(Map.of("clientMessagesPerSecond", 5, "excess", FairUse.Excess.DISCONNECT));
        TestClient subscriber = subscriber();
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 20, 1);
        assertThat(subscriber.payloads()).hasSize(5);
        assertThat(publisher.closed).isTrue();
        assertThat(publisher.packets().get(1))
                .isInstanceOfSatisfying(Disconnect.class, told -> assertThat(told.reason())
                        .isEqualTo(ReasonCode.MESSAGE_RATE_TOO_HIGH));
        assertThat(events.told).containsExactly("disconnected: it publishes more than client.messages.per.second=5");
        assertThat(host.shards[0].counters().messageRateExceeded).isEqualTo(1);
        assertThat(host.shards[0].counters().protocolErrors).isZero();
    }

    @Test
    void aLimitThatIsTakenAwayLetsThePausedGoOnAtOnce() {
        limits(Map.of("clientMessagesPerSecond", 1));
        TestClient subscriber = subscriber();
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 100, 1);
        assertThat(subscriber.payloads()).hasSize(1);
        host.shards[0].limits(Limits.DEFAULT);
        assertThat(subscriber.payloads()).hasSize(100);
        assertThat(publisher.readable).isTrue();
    }

    @Test
    void whatIsOwedUnderALimitThatWasTooLowIsOwedNoMore() {
        Map<String, Object> mistake = Map.of("clientBytesPerSecond", 1L, "userBytesPerSecond", 1L);
        limits(mistake);
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 1, 100_000);
        assertThat(publisher.readable).isFalse();
        host.shards[0].limits(FairUses.with(Map.of("clientBytesPerSecond", 100_000L, "userBytesPerSecond", 100_000L)));
        assertThat(publisher.readable).isTrue();
        publish(publisher, 1, 1_000);
        assertThat(publisher.readable).isTrue();
    }

    @Test
    void aLimitThatIsSetMeetsClientsThatAreThere() {
        limits(Map.of());
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 100, 1);
        assertThat(publisher.readable).isTrue();
        host.shards[0].limits(FairUses.with(Map.of("clientMessagesPerSecond", 1)));
        publish(publisher, 100, 1);
        assertThat(publisher.readable).isFalse();
    }

    @Test
    void authOutOfTurnBehindAPauseEndsItWhenItIsReached() {
        limits(Map.of("clientMessagesPerSecond", 1));
        TestClient publisher = new TestClient(host.shards[0], "pub").connect(0, 0);
        publish(publisher, 2, 1);
        publisher.send(new Auth(ReasonCode.REAUTHENTICATE, Properties.NONE));
        assertThat(publisher.closed).isFalse();
        until(3);
        assertThat(publisher.closed).isTrue();
    }
}
