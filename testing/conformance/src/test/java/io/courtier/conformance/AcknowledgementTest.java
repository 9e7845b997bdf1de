// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
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
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who owes what to whom, packet by packet. */
public class AcknowledgementTest extends Scenarios {
    private static Publish message(int identifier, QoS qos, boolean dup, String topic, String payload) {
        return new Publish(
                dup,
                qos,
                false,
                identifier,
                TopicName.of(topic),
                payload.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                Properties.NONE);
    }

    private Client subscriber(String name, QoS qos) {
        Client client = lasting(name, true);
        client.subscribe(topic("a"), qos);
        return client;
    }

    @Test
    @Spec({"MQTT-3.3.4-1", "MQTT-4.3.2-4", "MQTT-4.3.3-8", "MQTT-4.3.3-11"})
    void theAnswerFitsTheQoSAndCarriesTheIdentifier() {
        Client client = connected("p");
        client.send(message(40_000, QoS.AT_LEAST_ONCE, false, topic("a"), "x"));
        assertThat(client.expect(PubAck.class).packetIdentifier()).isEqualTo(40_000);
        client.send(message(50_000, QoS.EXACTLY_ONCE, false, topic("a"), "x"));
        assertThat(client.expect(PubRec.class).packetIdentifier()).isEqualTo(50_000);
        client.send(new PubRel(50_000, ReasonCode.SUCCESS, Properties.NONE));
        assertThat(client.expect(PubComp.class).packetIdentifier()).isEqualTo(50_000);
        client.send(message(0, QoS.AT_MOST_ONCE, false, topic("a"), "x"));
        client.expectNothing();
    }

    @Test
    @Spec({"MQTT-4.3.2-2", "MQTT-4.3.3-2", "MQTT-2.2.1-4", "MQTT-3.3.1-3"})
    void aFirstDeliveryHasNoDupWhateverThePublisherSaid() {
        Client subscriber = subscriber("s", QoS.EXACTLY_ONCE);
        Client publisher = connected("p");
        publisher.send(message(1, QoS.AT_LEAST_ONCE, true, topic("a"), "1"));
        publisher.send(message(2, QoS.EXACTLY_ONCE, true, topic("a"), "2"));
        Publish first = subscriber.expect(Publish.class);
        Publish second = subscriber.expect(Publish.class);
        assertThat(first.dup()).isFalse();
        assertThat(second.dup()).isFalse();
        assertThat(first.packetIdentifier()).isPositive().isNotEqualTo(second.packetIdentifier());
    }

    @Test
    @Spec({"MQTT-4.3.2-5"})
    void afterAPubAckTheSameIdentifierIsANewMessage() {
        Client subscriber = subscriber("s", QoS.AT_MOST_ONCE);
        Client publisher = connected("p");
        for (int i = 0; i < 2; i++) {
            publisher.send(message(9, QoS.AT_LEAST_ONCE, i == 1, topic("a"), "" + i));
            publisher.expect(PubAck.class);
            assertThat(subscriber.expectPayload()).isEqualTo("" + i);
        }
    }

    @Test
    @Spec({"MQTT-4.3.2-3", "MQTT-4.3.3-3", "MQTT-4.3.3-5", "MQTT-4.1.0-1"})
    void whatIsNotAnsweredIsOwedAgainAfterEveryReconnect() {
        Client subscriber = subscriber("s", QoS.EXACTLY_ONCE);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("a"), "one", QoS.AT_LEAST_ONCE, false);
        publisher.publishAndWait(topic("a"), "two", QoS.EXACTLY_ONCE, false);
        subscriber.expect(Publish.class);
        subscriber.expect(Publish.class);
        for (int i = 0; i < 3; i++) {
            subscriber.wire().close();
            subscriber = lasting("s", false);
            assertThat(Client.payload(subscriber.expect(Publish.class))).isEqualTo("one");
            assertThat(Client.payload(subscriber.expect(Publish.class))).isEqualTo("two");
            subscriber.expectNothing();
        }
    }

    @Test
    @Spec({"MQTT-4.3.3-5"})
    void aReleaseIsOwedUntilItIsComplete() {
        Client subscriber = subscriber("s", QoS.EXACTLY_ONCE);
        connected("p").publishAndWait(topic("a"), "x", QoS.EXACTLY_ONCE, false);
        int identifier = subscriber.expect(Publish.class).packetIdentifier();
        subscriber.send(new PubRec(identifier, ReasonCode.SUCCESS, Properties.NONE));
        subscriber.expect(PubRel.class);
        for (int i = 0; i < 3; i++) {
            subscriber.wire().close();
            subscriber = lasting("s", false);
            assertThat(subscriber.expect(PubRel.class).packetIdentifier()).isEqualTo(identifier);
            subscriber.expectNothing();
        }
        subscriber.send(new PubComp(identifier, ReasonCode.SUCCESS, Properties.NONE));
        subscriber.disconnect();
        lasting("s", false).expectNothing();
    }

    @Test
    @Spec({"MQTT-4.3.3-7", "MQTT-4.3.3-13"})
    void whatWasSentOnceDoesNotExpireAnyMore() {
        Door door = doorOfTime();
        Client subscriber = subscriber("s", QoS.EXACTLY_ONCE);
        Client publisher = connected("p");
        publisher.publish(topic("a"), "x", QoS.EXACTLY_ONCE, false, with(Property.MESSAGE_EXPIRY_INTERVAL, 5));
        publisher.expect(PubRec.class);
        subscriber.expect(Publish.class);
        subscriber.wire().close();
        door.advance(Duration.ofSeconds(60));
        Client again = lasting("s", false);
        Publish repeated = again.expect(Publish.class);
        assertThat(repeated.dup()).isTrue();
        again.answer(repeated);
        publisher.send(new PubRel(1, ReasonCode.SUCCESS, Properties.NONE));
        publisher.expect(PubComp.class);
    }

    @Test
    @Spec({"MQTT-4.3.3-9"})
    void afterARefusedPubRecTheSameIdentifierIsANewMessage() {
        Client publisher = connected("p");
        publisher.send(message(3, QoS.EXACTLY_ONCE, false, "forbidden/" + my("a"), "x"));
        assertThat(publisher.expect(PubRec.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        Client subscriber = subscriber("s", QoS.EXACTLY_ONCE);
        publisher.send(message(3, QoS.EXACTLY_ONCE, false, topic("a"), "y"));
        assertThat(publisher.expect(PubRec.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(subscriber.expectPayload()).isEqualTo("y");
    }

    @Test
    @Spec({"MQTT-4.4.0-2", "MQTT-4.8.2-6"})
    void whatAClientRefusesIsNotSentAgainToAnybody() {
        Client first = lasting("first", true);
        first.subscribe("$share/g/" + topic("a"), QoS.EXACTLY_ONCE);
        connected("p").publishAndWait(topic("a"), "x", QoS.AT_LEAST_ONCE, false);
        int identifier = first.expect(Publish.class).packetIdentifier();
        Client second = lasting("second", true);
        second.subscribe("$share/g/" + topic("a"), QoS.EXACTLY_ONCE);
        first.send(new PubAck(identifier, ReasonCode.QUOTA_EXCEEDED, Properties.NONE));
        first.disconnect();
        lasting("first", false).expectNothing();
        second.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.3.4-10", "MQTT-4.9.0-3"})
    void aUsedUpWindowHoldsNothingElseBack() {
        Client subscriber = client(V5);
        subscriber.connect(my("s"), true, null, with(Property.RECEIVE_MAXIMUM, 1));
        subscriber.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("a"), "1", QoS.AT_LEAST_ONCE, false);
        publisher.publishAndWait(topic("a"), "2", QoS.AT_LEAST_ONCE, false);
        subscriber.expect(Publish.class);
        assertThat(subscriber.subscribe(topic("b"), QoS.AT_MOST_ONCE).reasons()).containsExactly(ReasonCode.SUCCESS);
        assertThat(subscriber.publishAndWait(topic("c"), "x", QoS.EXACTLY_ONCE, false))
                .isEqualTo(ReasonCode.SUCCESS);
        subscriber.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.10.4-3"})
    void anUnsubscribeDoesNotTakeBackWhatWasBegun() {
        Client subscriber = subscriber("s", QoS.EXACTLY_ONCE);
        connected("p").publishAndWait(topic("a"), "x", QoS.EXACTLY_ONCE, false);
        Publish begun = subscriber.expect(Publish.class);
        subscriber.unsubscribe(topic("a"));
        subscriber.wire().close();
        Client again = lasting("s", false);
        Publish repeated = again.expect(Publish.class);
        assertThat(repeated.packetIdentifier()).isEqualTo(begun.packetIdentifier());
        again.answer(repeated);
        again.expectNothing();
    }

    @Test
    @Spec({"MQTT-4.5.0-1", "MQTT-3.1.2-6", "MQTT-3.1.3-2"})
    void everySessionThatSubscribedGetsTheMessagePresentOrNot() {
        Client absent = lasting("absent", false);
        absent.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        absent.disconnect();
        Client present = subscriber("present", QoS.AT_LEAST_ONCE);
        connected("p").publishAndWait(topic("a"), "x", QoS.AT_LEAST_ONCE, false);
        assertThat(present.expectPayload()).isEqualTo("x");
        assertThat(lasting("absent", false).expectPayload()).isEqualTo("x");
    }

    @Test
    @Spec({"MQTT-4.7.3-4", "MQTT-3.3.2-3"})
    void topicsAreComparedAsTheyAre() {
        Client subscriber = connected("s");
        // Composed and decomposed: the same to the eye, not to MQTT.
        subscriber.subscribe(topic("caf\u00e9"), QoS.AT_MOST_ONCE);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("cafe\u0301"), "decomposed", QoS.AT_MOST_ONCE, false);
        publisher.publishAndWait(topic("CAF\u00c9"), "upper case", QoS.AT_MOST_ONCE, false);
        publisher.publishAndWait(topic("caf\u00e9"), "composed", QoS.AT_MOST_ONCE, false);
        Publish came = subscriber.expectMessage();
        assertThat(came.topic().toString()).isEqualTo(topic("caf\u00e9"));
        assertThat(Client.payload(came)).isEqualTo("composed");
        subscriber.expectNothing();
    }

    @Test
    @Spec({"MQTT-4.8.2-2", "MQTT-4.8.2-3", "MQTT-3.8.4-7"})
    void aSharedMemberGetsTheQoSThatItWasGranted() {
        Client member = connected("m");
        for (String bad : List.of("$share/a+b/t", "$share/a#/t", "$share/g")) {
            assertThat(member.subscribe(bad, QoS.AT_MOST_ONCE).reasons())
                    .containsExactly(ReasonCode.TOPIC_FILTER_INVALID);
        }
        assertThat(member.subscribe("$share/g/" + topic("a"), QoS.AT_LEAST_ONCE).reasons())
                .containsExactly(ReasonCode.GRANTED_QOS_1);
        connected("p").publishAndWait(topic("a"), "x", QoS.EXACTLY_ONCE, false);
        assertThat(member.expectMessage().qos()).isEqualTo(QoS.AT_LEAST_ONCE);
    }

    @Test
    @Spec({"MQTT-3.2.0-1", "MQTT-3.2.0-2", "MQTT-3.2.2-2"})
    void connAckComesFirstAndOnce() {
        Client subscriber = subscriber("s", QoS.AT_LEAST_ONCE);
        subscriber.disconnect();
        connected("p").publishAndWait(topic("a"), "x", QoS.AT_LEAST_ONCE, false);
        Client again = client(V5);
        again.send(new io.courtier.protocol.Connect(V5, my("s"), false, 0, null, null, null, Properties.NONE));
        // Sent before CONNACK is read, as a client in a hurry may. [MQTT-3.1.4-5]
        again.send(new Subscribe(
                1,
                List.of(new Subscribe.Request(topic("b"), SubscriptionOptions.of(QoS.AT_MOST_ONCE))),
                Properties.NONE));
        assertThat(again.expect(ConnAck.class).sessionPresent()).isTrue();
        assertThat(Client.payload(again.expect(Publish.class))).isEqualTo("x");
        again.expect(SubAck.class);
        again.expectNothing();
        assertThat(client(V5).connect(my("s"), true).sessionPresent()).isFalse();
    }

    @Test
    @Spec({"MQTT-3.14.0-1", "MQTT-3.14.4-1", "MQTT-3.14.4-2", "MQTT-4.13.1-1", "MQTT-4.13.2-1"})
    void afterTheServersDisconnectComesNothingButTheEnd() {
        Client client = connected("p");
        client.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        // A bad packet between two good ones: the first counts, the last does not any more.
        Client watcher = connected("w");
        watcher.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        String publish =
                "30 %02x 00 %02x".formatted(topic("a").length() + 4, topic("a").length());
        StringBuilder name = new StringBuilder();
        for (char c : topic("a").toCharArray()) name.append("%02x".formatted((int) c));
        client.sendHex(publish + name + "00 31" + "d0 01 00" + publish + name + "00 32");
        assertThat(Client.payload(client.expect(Publish.class))).isEqualTo("1");
        client.expectDisconnected(ReasonCode.MALFORMED_PACKET);
        assertThat(watcher.expectPayload()).isEqualTo("1");
        watcher.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.2.2-7", "MQTT-3.2.2-12", "MQTT-3.2.2-13", "MQTT-3.1.3-8"})
    void aRefusedConnectEndsTheConnection() {
        door(LimitsOf.with(Map.of("maximumQoS", 1, "retainAvailable", false, "clientIdentifierBytesMax", 50)));
        Will loud = new Will(TopicName.of("w"), new byte[0], QoS.EXACTLY_ONCE, false, Properties.NONE);
        Will kept = new Will(TopicName.of("w"), new byte[0], QoS.AT_MOST_ONCE, true, Properties.NONE);
        Client first = client(V5);
        assertThat(first.connect(my("c"), true, loud, Properties.NONE).reason())
                .isEqualTo(ReasonCode.QOS_NOT_SUPPORTED);
        first.expectClosed();
        Client second = client(V5);
        assertThat(second.connect(my("c"), true, kept, Properties.NONE).reason())
                .isEqualTo(ReasonCode.RETAIN_NOT_SUPPORTED);
        second.expectClosed();
        Client third = client(V5);
        assertThat(third.connect("x".repeat(51), true).reason()).isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        third.expectClosed();
    }

    @Test
    @Spec({"MQTT-3.2.2-22"})
    void theClientsKeepAliveCountsWhereTheServerSetsNone() {
        Door door = doorOfTime();
        Client client = client(V5);
        ConnAck ack = client.connect(
                new io.courtier.protocol.Connect(V5, my("k"), true, 20, null, null, null, Properties.NONE));
        assertThat(ack.properties().has(Property.SERVER_KEEP_ALIVE)).isFalse();
        door.advance(Duration.ofSeconds(29));
        client.barrier();
        door.advance(Duration.ofSeconds(31));
        client.expectDisconnected(ReasonCode.KEEP_ALIVE_TIMEOUT);
    }

    @Test
    @Spec({"MQTT-3.1.2-28", "MQTT-3.1.2-29"})
    void tellsResponseInformationOnlyToWhoAsksAndNoReasonStringToWhoDoesNotWantIt() {
        door(LimitsOf.with(Map.of("responseInformation", "answers/")));
        assertThat(client(V5).connect(my("a"), true).properties().has(Property.RESPONSE_INFORMATION))
                .isFalse();
        ConnAck told = client(V5).connect(my("b"), true, null, with(Property.REQUEST_RESPONSE_INFORMATION, 1));
        assertThat(told.properties().string(Property.RESPONSE_INFORMATION)).isEqualTo("answers/" + my("b"));
        Client quiet = client(V5);
        quiet.connect(my("c"), true, null, with(Property.REQUEST_PROBLEM_INFORMATION, 0));
        quiet.sendHex("00 00");
        assertThat(quiet.expect(Disconnect.class).properties().has(Property.REASON_STRING))
                .isFalse();
        Client curious = connected("d");
        curious.sendHex("00 00");
        assertThat(curious.expect(Disconnect.class).properties().string(Property.REASON_STRING))
                .isNotBlank();
    }

    @Test
    @Spec({"MQTT-3.14.2-3", "MQTT-3.14.2-4"})
    void leavesTheReasonStringOutWhereThePacketWouldBeTooLarge() {
        Client client = client(V5);
        client.connect(my("s"), true, null, with(Property.MAXIMUM_PACKET_SIZE, 20));
        client.sendHex("00 00");
        Disconnect last = client.expect(Disconnect.class);
        assertThat(last.reason()).isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertThat(last.properties().isEmpty()).isTrue();
    }

    @Test
    @Spec({"MQTT-3.1.2-7", "MQTT-3.1.2-15", "MQTT-3.1.3-10"})
    void aRetainedWillKeepsTheOrderOfItsUserProperties() {
        Properties pairs = Properties.builder()
                .userProperty("z", "1")
                .userProperty("a", "2")
                .userProperty("z", "3")
                .build();
        Client client = client(V5);
        client.connect(
                my("d"),
                true,
                new Will(TopicName.of(topic("w")), new byte[] {'w'}, QoS.AT_LEAST_ONCE, true, pairs),
                Properties.NONE);
        client.wire().close();
        Client watcher = connected("w");
        Publish came = null;
        // The broker learns of the end when the network tells it.
        for (int i = 0; came == null && i < 100; i++) {
            watcher.subscribe(topic("w"), QoS.AT_MOST_ONCE);
            // A will that comes while it is subscribed is not retained for it: the next time it is.
            for (var packet : watcher.drain()) if (((Publish) packet).retain()) came = (Publish) packet;
        }
        assertThat(came).isNotNull();
        assertThat(came.retain()).isTrue();
        assertThat(came.properties().userProperties()).extracting("value").containsExactly("1", "2", "3");
    }
}
