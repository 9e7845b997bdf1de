// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V3_1_1;
import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.core.Limits;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.PingReq;
import io.courtier.protocol.PingResp;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.PubComp;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import io.courtier.spi.store.DurableLog;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What leaves before and after the stores say that something is durable, and what their trouble does to clients. */
class DurabilityTest {
    private final MemoryStores memory = new MemoryStores();
    private final MemoryDoor door = new MemoryDoor(2, Limits.DEFAULT, memory);

    private Client lasting(ProtocolVersion version, String name) {
        Client client = new Client(door, version);
        client.connect(name, version == V5, null, version == V5 ? Scenarios.expiry(3_600) : Properties.NONE);
        return client;
    }

    private Client passing(String name) {
        Client client = new Client(door, V5);
        client.connect(name, true);
        return client;
    }

    /** The answer comes when it is durable, and not before. */
    private <T extends ControlPacket> T promised(Client client, Class<T> type) {
        assertThat(client.poll()).as("before it is durable").isNull();
        door.sync();
        return client.expect(type);
    }

    private void holdBack() {
        door.syncsItself(false);
    }

    @Test
    void connAckSaysThatALastingSessionIsThere() {
        holdBack();
        Client client = new Client(door, V5);
        client.send(new Connect(V5, "a", true, 0, null, null, null, Scenarios.expiry(60)));
        client.send(new PingReq());
        assertThat(promised(client, ConnAck.class).sessionPresent()).isFalse();
        client.expect(PingResp.class);
    }

    @Test
    void aSessionThatPassesWaitsForNothing() {
        holdBack();
        Client client = passing("a");
        client.subscribe("t", QoS.EXACTLY_ONCE);
        passing("p").publishAndWait("t", "x", QoS.EXACTLY_ONCE, false);
        assertThat(Client.payload(client.expect(Publish.class))).isEqualTo("x");
    }

    @Test
    void aCleanStartIsToldWhenTheOldSessionIsGoneForGood() {
        lasting(V5, "a").disconnect();
        holdBack();
        Client client = new Client(door, V5);
        client.send(new Connect(V5, "a", true, 0, null, null, null, Properties.NONE));
        promised(client, ConnAck.class);
    }

    @Test
    void subAckAndUnsubAckSayThatItOutlivesTheBroker() {
        Client client = lasting(V5, "a");
        holdBack();
        client.send(new Subscribe(
                1, List.of(new Subscribe.Request("t", SubscriptionOptions.of(QoS.AT_LEAST_ONCE))), Properties.NONE));
        promised(client, SubAck.class);
        client.send(new Unsubscribe(2, List.of("t"), Properties.NONE));
        promised(client, UnsubAck.class);
    }

    @Test
    void pubAckSaysThatTheMessageIsSafeWhereALastingSessionIsToHaveIt() {
        lasting(V5, "away").subscribe("t", QoS.AT_LEAST_ONCE);
        Client publisher = passing("p");
        holdBack();
        publisher.publish("t", "x", QoS.AT_LEAST_ONCE);
        promised(publisher, PubAck.class);
        publisher.publish("nobody", "x", QoS.AT_LEAST_ONCE);
        publisher.expect(PubAck.class);
    }

    @Test
    void answersKeepTheOrderOfWhatTheyAnswer() {
        lasting(V5, "away").subscribe("t", QoS.AT_LEAST_ONCE);
        Client publisher = passing("p");
        holdBack();
        int first = publisher.publish("t", "x", QoS.AT_LEAST_ONCE);
        int second = publisher.publish("nobody", "y", QoS.AT_LEAST_ONCE);
        assertThat(promised(publisher, PubAck.class).packetIdentifier()).isEqualTo(first);
        assertThat(publisher.expect(PubAck.class).packetIdentifier()).isEqualTo(second);
    }

    @Test
    void aRetainedMessageIsSafeBeforeItIsAcknowledged() {
        Client publisher = passing("p");
        holdBack();
        publisher.publish("t", "x", QoS.AT_LEAST_ONCE, true, Properties.NONE);
        promised(publisher, PubAck.class);
    }

    @Test
    void everyStepOfQoS2WaitsWhereItMust() {
        Client publisher = lasting(V5, "p");
        Client subscriber = lasting(V5, "s");
        subscriber.subscribe("t", QoS.EXACTLY_ONCE);
        holdBack();
        int identifier = publisher.publish("t", "x", QoS.EXACTLY_ONCE);
        assertThat(subscriber.poll()).as("a message that may be forgotten").isNull();
        promised(publisher, PubRec.class);
        publisher.send(new PubRel(identifier, ReasonCode.SUCCESS, Properties.NONE));
        Publish publish = subscriber.expect(Publish.class);
        promised(publisher, PubComp.class);
        subscriber.send(new PubRec(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        promised(subscriber, PubRel.class);
    }

    @Test
    void aDiskThatIsFullIsToldToThoseWhoWantMoreKept() {
        Client away = lasting(V5, "away");
        away.subscribe("t", QoS.AT_LEAST_ONCE);
        Client publisher = passing("p");
        memory.trouble(new DurableLog.Trouble(ReasonCode.QUOTA_EXCEEDED, "full"));
        assertThat(publisher.publishAndWait("t", "1", QoS.AT_LEAST_ONCE, false)).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(publisher.publishAndWait("t", "2", QoS.EXACTLY_ONCE, false)).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(publisher.publishAndWait("r", "3", QoS.AT_LEAST_ONCE, true)).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(away.subscribe("u", QoS.AT_LEAST_ONCE).reasons()).containsExactly(ReasonCode.QUOTA_EXCEEDED);
        Client newcomer = new Client(door, V5);
        assertThat(newcomer.connect("new", true, null, Scenarios.expiry(60)).reason())
                .isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        // Whoever wants nothing kept is served.
        assertThat(passing("other").subscribe("t", QoS.AT_LEAST_ONCE).reasons())
                .containsExactly(ReasonCode.GRANTED_QOS_1);
        assertThat(publisher.publishAndWait("nobody", "x", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        memory.trouble(null);
        assertThat(publisher.publishAndWait("t", "4", QoS.AT_LEAST_ONCE, false)).isEqualTo(ReasonCode.SUCCESS);
        assertThat(away.expectPayload()).isEqualTo("4");
    }

    @Test
    void aDiskThatFailsIsToldWithItsOwnReason() {
        lasting(V5, "away").subscribe("t", QoS.AT_LEAST_ONCE);
        Client publisher = passing("p");
        memory.trouble(new DurableLog.Trouble(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, "broken"));
        assertThat(publisher.publishAndWait("t", "1", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
    }

    @Test
    void beforeMqtt5APublisherInTroubleIsDisconnectedRatherThanToldALie() {
        lasting(V5, "away").subscribe("t", QoS.AT_LEAST_ONCE);
        Client old = new Client(door, V3_1_1);
        old.connect("old", true);
        memory.trouble(new DurableLog.Trouble(ReasonCode.QUOTA_EXCEEDED, "full"));
        old.publish("t", "1", QoS.AT_LEAST_ONCE);
        old.expectClosed();
    }

    @Test
    void whoHasManyAnswersWaitingForTheDiskIsReadNoFurther() {
        lasting(V5, "away").subscribe("t", QoS.AT_LEAST_ONCE);
        Client publisher = passing("p");
        holdBack();
        for (int i = 0; i < 3_000; i++) publisher.publish("t", "" + i, QoS.AT_LEAST_ONCE);
        assertThat(publisher.poll()).isNull();
        // One sync makes durable what was read, and no more was.
        memory.sync();
        door.durable();
        int answered = 0;
        while (publisher.poll() instanceof PubAck) answered++;
        assertThat(answered).isBetween(1_000, 1_100);
        for (int i = 0; i < 10; i++) {
            door.sync();
            while (publisher.poll() instanceof PubAck) answered++;
        }
        assertThat(answered).isEqualTo(3_000);
    }
}
