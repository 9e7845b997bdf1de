// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V3_1_1;
import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.PubComp;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Flow control, redelivery, queues, aliases, expiry. */
public class FlowTest extends Scenarios {
    private static void acknowledge(Client client, Publish publish) {
        client.send(new PubAck(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
    }

    private Client window(String name, int receiveMaximum) {
        Client client = client(V5);
        Properties properties = Properties.builder()
                .set(Property.RECEIVE_MAXIMUM, receiveMaximum)
                .set(Property.SESSION_EXPIRY_INTERVAL, 3_600)
                .build();
        client.connect(my(name), false, null, properties);
        return client;
    }

    @Test
    @Spec({"MQTT-3.3.4-9", "MQTT-4.9.0-1", "MQTT-4.9.0-2"})
    void holdsBackTheThirdPublishWhenReceiveMaximumIsTwo() {
        Client subscriber = window("s", 2);
        subscriber.subscribe(topic("a"), QoS.EXACTLY_ONCE);
        Client publisher = connected("p");
        for (int i = 0; i < 4; i++) publisher.publishAndWait(topic("a"), "" + i, QoS.AT_LEAST_ONCE, false);
        Publish first = subscriber.expect(Publish.class);
        subscriber.expect(Publish.class);
        subscriber.expectNothing();
        acknowledge(subscriber, first);
        assertThat(Client.payload(subscriber.expect(Publish.class))).isEqualTo("2");
        subscriber.expectNothing();
    }

    @Test
    void qos0IsNotHeldBack() {
        Client subscriber = window("s", 1);
        subscriber.subscribe(topic("a"), QoS.EXACTLY_ONCE);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("a"), "one", QoS.AT_LEAST_ONCE, false);
        publisher.publishAndWait(topic("a"), "zero", QoS.AT_MOST_ONCE, false);
        subscriber.expect(Publish.class);
        assertThat(subscriber.expectPayload()).isEqualTo("zero");
    }

    @Test
    @Spec({"MQTT-3.3.4-7"})
    void disconnectsAClientThatExceedsOurReceiveMaximum() {
        door(LimitsOf.with(Map.of("receiveMaximum", 3)));
        Client client = connected("p");
        for (int i = 0; i < 3; i++) {
            client.publish(topic("a"), "x", QoS.EXACTLY_ONCE);
            client.expect(PubRec.class);
        }
        client.publish(topic("a"), "x", QoS.EXACTLY_ONCE);
        client.expectDisconnected(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
    }

    @Test
    @Spec({"MQTT-4.4.0-1", "MQTT-4.6.0-1", "MQTT-3.3.1-1"})
    void sendsAgainInOrderWithDupAfterAReconnect() {
        Client first = lasting("s", true);
        first.subscribe(topic("a"), QoS.EXACTLY_ONCE);
        Client publisher = connected("p");
        for (int i = 0; i < 5; i++) {
            publisher.publishAndWait(topic("a"), "" + i, i % 2 == 0 ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE, false);
        }
        Publish[] sent = new Publish[5];
        for (int i = 0; i < 5; i++) sent[i] = first.expect(Publish.class);
        acknowledge(first, sent[2]);
        first.send(new PubRec(sent[1].packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        first.expect(PubRel.class);
        first.disconnect();
        publisher.publishAndWait(topic("a"), "later", QoS.AT_LEAST_ONCE, false);

        Client again = lasting("s", false);
        Publish zero = again.expect(Publish.class);
        assertThat(zero.packetIdentifier()).isEqualTo(sent[0].packetIdentifier());
        assertThat(zero.dup()).isTrue();
        assertThat(again.expect(PubRel.class).packetIdentifier()).isEqualTo(sent[1].packetIdentifier());
        for (int i = 3; i < 5; i++) {
            Publish repeated = again.expect(Publish.class);
            assertThat(repeated.packetIdentifier()).isEqualTo(sent[i].packetIdentifier());
            assertThat(repeated.dup()).isTrue();
        }
        Publish later = again.expect(Publish.class);
        assertThat(Client.payload(later)).isEqualTo("later");
        assertThat(later.dup()).isFalse();
        again.send(new PubComp(sent[1].packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        again.expectNothing();
    }

    @Test
    @Spec({"MQTT-4.4.0-1", "MQTT-3.3.4-9"})
    void aSmallerWindowAfterAReconnectHoldsForWhatIsSentAgain() {
        Client first = window("s", 10);
        first.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        Client publisher = connected("p");
        for (int i = 0; i < 6; i++) publisher.publishAndWait(topic("a"), "" + i, QoS.AT_LEAST_ONCE, false);
        for (int i = 0; i < 6; i++) first.expect(Publish.class);
        first.wire().close();
        Client again = window("s", 2);
        for (int i = 0; i < 6; i += 2) {
            Publish a = again.expect(Publish.class);
            Publish b = again.expect(Publish.class);
            again.expectNothing();
            assertThat(List.of(Client.payload(a), Client.payload(b))).containsExactly("" + i, "" + (i + 1));
            acknowledge(again, a);
            acknowledge(again, b);
        }
        again.expectNothing();
    }

    @Test
    void neverReusesAnIdentifierThatIsUnanswered() {
        Client subscriber = connected(V3_1_1, "s");
        subscriber.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("a"), "stuck", QoS.AT_LEAST_ONCE, false);
        int stuck = subscriber.expect(Publish.class).packetIdentifier();
        for (int i = 0; i < 200; i++) {
            publisher.publishAndWait(topic("a"), "" + i, QoS.AT_LEAST_ONCE, false);
            Publish came = subscriber.expect(Publish.class);
            assertThat(came.packetIdentifier()).isNotEqualTo(stuck);
            acknowledge(subscriber, came);
        }
    }

    @Test
    void aFullQueueDropsTheNewestAndTheRestArrives() {
        door(LimitsOf.with(Map.of("queueMessagesMax", 3)));
        Client away = lasting("s", true);
        away.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        away.disconnect();
        Client publisher = connected("p");
        for (int i = 0; i < 5; i++) publisher.publishAndWait(topic("a"), "" + i, QoS.AT_LEAST_ONCE, false);
        Client back = lasting("s", false);
        for (int i = 0; i < 3; i++) assertThat(back.expectPayload()).isEqualTo("" + i);
        back.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.3.2-5", "MQTT-3.3.2-6"})
    void aQueuedMessageExpires() {
        Door door = doorOfTime();
        Client away = lasting("s", true);
        away.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        away.disconnect();
        Client publisher = connected("p");
        publisher.publish(topic("a"), "short", QoS.AT_LEAST_ONCE, false, with(Property.MESSAGE_EXPIRY_INTERVAL, 5));
        publisher.publish(topic("a"), "long", QoS.AT_LEAST_ONCE, false, with(Property.MESSAGE_EXPIRY_INTERVAL, 60));
        door.advance(Duration.ofSeconds(20));
        Client back = lasting("s", false);
        Publish came = back.expectMessage();
        assertThat(Client.payload(came)).isEqualTo("long");
        assertThat(came.properties().integer(Property.MESSAGE_EXPIRY_INTERVAL, 0))
                .isEqualTo(40);
        back.expectNothing();
    }

    @Test
    void aClientThatDoesNotReadLosesQoS0AndNothingElse() {
        Door door = doorOfTime();
        Client slow = lasting("slow", true);
        slow.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        Client quick = connected("quick");
        quick.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        slow.wire().reading(false);
        Client publisher = connected("p");
        String big = "x".repeat(10_000);
        for (int i = 0; i < 20; i++) {
            publisher.publishAndWait(topic("a"), big, QoS.AT_MOST_ONCE, false);
            publisher.publishAndWait(topic("a"), "" + i, QoS.AT_LEAST_ONCE, false);
            assertThat(quick.expectPayload()).isEqualTo(big);
            assertThat(quick.expectPayload()).isEqualTo("" + i);
        }
        slow.wire().reading(true);
        int qos0 = 0;
        int qos1 = 0;
        while (qos1 < 20) {
            Publish came = slow.expectMessage();
            if (came.qos() == QoS.AT_MOST_ONCE) qos0++;
            else assertThat(Client.payload(came)).isEqualTo("" + qos1++);
        }
        assertThat(qos0).isBetween(1, 12);
        assertThat(door.movesTime()).isTrue();
    }

    @Test
    @Spec({"MQTT-3.3.2-8", "MQTT-3.3.2-12", "MQTT-3.3.2-7"})
    void aClientMayUseAliases() {
        Client subscriber = connected("s");
        subscriber.subscribe(topic("#"), QoS.AT_MOST_ONCE);
        Client publisher = connected("p");
        publisher.publish(topic("a"), "1", QoS.AT_MOST_ONCE, false, with(Property.TOPIC_ALIAS, 5));
        publisher.send(new Publish(
                false, QoS.AT_MOST_ONCE, false, 0, TopicName.NONE, new byte[] {'2'}, with(Property.TOPIC_ALIAS, 5)));
        publisher.publish(topic("b"), "3", QoS.AT_MOST_ONCE, false, with(Property.TOPIC_ALIAS, 5));
        publisher.send(new Publish(
                false, QoS.AT_MOST_ONCE, false, 0, TopicName.NONE, new byte[] {'4'}, with(Property.TOPIC_ALIAS, 5)));
        for (String topic : List.of("a", "a", "b", "b")) {
            Publish came = subscriber.expectMessage();
            assertThat(came.topic().toString()).isEqualTo(topic(topic));
            assertThat(came.properties().has(Property.TOPIC_ALIAS)).isFalse();
        }
    }

    @Test
    @Spec({"MQTT-3.3.2-9"})
    void refusesAnAliasAboveTheMaximum() {
        Client client = connected("p");
        client.publish(topic("a"), "x", QoS.AT_MOST_ONCE, false, with(Property.TOPIC_ALIAS, 33));
        client.expectDisconnected(ReasonCode.TOPIC_ALIAS_INVALID);
    }

    @Test
    void refusesAnAliasThatWasNeverSet() {
        Client client = connected("p");
        client.send(new Publish(
                false, QoS.AT_MOST_ONCE, false, 0, TopicName.NONE, new byte[0], with(Property.TOPIC_ALIAS, 5)));
        client.expectDisconnected(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Spec({"MQTT-3.1.2-26", "MQTT-3.1.2-27", "MQTT-3.3.2-10", "MQTT-3.3.2-11"})
    void usesAliasesForAClientThatTakesThem() {
        Client subscriber = client(V5);
        subscriber.connect(my("s"), true, null, with(Property.TOPIC_ALIAS_MAXIMUM, 2));
        subscriber.subscribe(topic("+"), QoS.AT_MOST_ONCE);
        Client publisher = connected("p");
        for (int round = 0; round < 2; round++) {
            for (String name : List.of("a", "b", "c")) publisher.publish(topic(name), "x", QoS.AT_MOST_ONCE);
        }
        publisher.barrier();
        for (String name : List.of("a", "b", "c")) {
            Publish first = subscriber.expectMessage();
            assertThat(first.topic().toString()).isEqualTo(topic(name));
            assertThat(first.properties().has(Property.TOPIC_ALIAS)).isEqualTo(!name.equals("c"));
        }
        assertThat(subscriber.expectMessage().topic().length()).isZero();
        assertThat(subscriber.expectMessage().topic().length()).isZero();
        assertThat(subscriber.expectMessage().topic().toString()).isEqualTo(topic("c"));
    }

    @Test
    @Spec({"MQTT-4.3.3-10"})
    void remembersQoS2IdentifiersOverAReconnect() {
        Client subscriber = connected("s");
        subscriber.subscribe(topic("a"), QoS.EXACTLY_ONCE);
        Client first = lasting("p", true);
        Publish message = new Publish(
                false, QoS.EXACTLY_ONCE, false, 11, TopicName.of(topic("a")), new byte[] {'x'}, Properties.NONE);
        first.send(message);
        first.expect(PubRec.class);
        first.wire().close();
        Client again = lasting("p", false);
        again.send(new Publish(true, QoS.EXACTLY_ONCE, false, 11, message.topic(), message.payload(), Properties.NONE));
        again.expect(PubRec.class);
        again.send(new PubRel(11, ReasonCode.SUCCESS, Properties.NONE));
        again.expect(PubComp.class);
        assertThat(subscriber.expectPayload()).isEqualTo("x");
        subscriber.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.3.4-10", "MQTT-3.3.4-9"})
    void aSmallerWindowHoldsBackNoPubRel() {
        Client first = window("s", 10);
        first.subscribe(topic("a"), QoS.EXACTLY_ONCE);
        Client publisher = connected("p");
        Publish[] sent = new Publish[3];
        for (int i = 0; i < 3; i++) {
            publisher.publishAndWait(topic("a"), "" + i, QoS.EXACTLY_ONCE, false);
            sent[i] = first.expect(Publish.class);
        }
        first.send(new PubRec(sent[2].packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        first.expect(PubRel.class);
        first.wire().close();
        Client again = window("s", 1);
        assertThat(again.expect(Publish.class).packetIdentifier()).isEqualTo(sent[0].packetIdentifier());
        assertThat(again.expect(PubRel.class).packetIdentifier()).isEqualTo(sent[2].packetIdentifier());
        again.expectNothing();
        again.send(new PubComp(sent[2].packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        again.expectNothing();
        again.answer(sent[0]);
        assertThat(again.expect(Publish.class).packetIdentifier()).isEqualTo(sent[1].packetIdentifier());
        again.answer(sent[1]);
        again.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.1.2-24", "MQTT-3.1.2-25"})
    void aMessageThatFitsOnlyWithoutAnAliasGoesWithoutOne() {
        Client subscriber = client(V5);
        // 1 type, 1 length, 2 and topic, 1 no properties, payload
        int fits = 1 + 1 + 2 + topic("a").length() + 1 + 40;
        Properties properties = Properties.builder()
                .set(Property.MAXIMUM_PACKET_SIZE, fits)
                .set(Property.TOPIC_ALIAS_MAXIMUM, 5)
                .build();
        subscriber.connect(my("s"), true, null, properties);
        subscriber.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("a"), "x".repeat(41), QoS.AT_MOST_ONCE, false);
        publisher.publishAndWait(topic("a"), "y".repeat(40), QoS.AT_MOST_ONCE, false);
        publisher.publishAndWait(topic("a"), "z", QoS.AT_MOST_ONCE, false);
        assertThat(subscriber.expectPayload()).startsWith("y");
        Publish last = subscriber.expectMessage();
        assertThat(Client.payload(last)).isEqualTo("z");
        assertThat(last.topic().toString()).isEqualTo(topic("a"));
        assertThat(last.properties().has(Property.TOPIC_ALIAS)).isTrue();
        subscriber.expectNothing();
    }
}
