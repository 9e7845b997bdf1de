// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V3_1;
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
import io.courtier.protocol.UserProperty;
import java.util.Map;
import org.junit.jupiter.api.Test;

public class PublishTest extends Scenarios {
    @Test
    @Spec({"MQTT-4.3.1-1", "MQTT-4.3.2-1", "MQTT-4.3.3-1", "MQTT-3.8.4-8"})
    void deliversAtTheLowerOfBothQualities() {
        for (QoS granted : QoS.values()) {
            Client subscriber = connected("s" + granted);
            subscriber.subscribe(topic("q"), granted);
            Client publisher = connected("p" + granted);
            for (QoS published : QoS.values()) {
                assertThat(publisher.publishAndWait(topic("q"), "m", published, false))
                        .isEqualTo(ReasonCode.SUCCESS);
                Publish came = subscriber.expectMessage();
                assertThat(came.qos()).isEqualTo(QoS.min(granted, published));
                assertThat(came.packetIdentifier() == 0).isEqualTo(came.qos() == QoS.AT_MOST_ONCE);
                assertThat(came.dup()).isFalse();
            }
            subscriber.disconnect();
        }
    }

    @Test
    void carriesMessagesBetweenAllVersions() {
        var versions = new io.courtier.protocol.ProtocolVersion[] {V3_1, V3_1_1, V5};
        for (var from : versions) {
            for (var to : versions) {
                String name = "v" + from.level() + to.level();
                Client subscriber = connected(to, "s" + name);
                subscriber.subscribe(topic(name), QoS.EXACTLY_ONCE);
                connected(from, "p" + name).publishAndWait(topic(name), name, QoS.EXACTLY_ONCE, false);
                assertThat(subscriber.expectPayload()).isEqualTo(name);
            }
        }
    }

    @Test
    @Spec({"MQTT-3.3.2-17", "MQTT-3.3.2-18", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-20", "MQTT-3.3.2-4"})
    void handsPropertiesOnUnchanged() {
        Client subscriber = connected("s");
        subscriber.subscribe(topic("p"), QoS.AT_LEAST_ONCE);
        Properties sent = Properties.builder()
                .set(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                .set(Property.CONTENT_TYPE, "text/plain")
                .set(Property.RESPONSE_TOPIC, "answers/1")
                .set(Property.CORRELATION_DATA, new byte[] {1, 2, 3})
                .userProperty("b", "1")
                .userProperty("a", "2")
                .userProperty("b", "3")
                .build();
        connected("p").publish(topic("p"), "x", QoS.AT_LEAST_ONCE, false, sent);
        Properties came = subscriber.expectMessage().properties();
        assertThat(came.integer(Property.PAYLOAD_FORMAT_INDICATOR, 0)).isEqualTo(1);
        assertThat(came.string(Property.CONTENT_TYPE)).isEqualTo("text/plain");
        assertThat(came.string(Property.RESPONSE_TOPIC)).isEqualTo("answers/1");
        assertThat(came.binary(Property.CORRELATION_DATA)).containsExactly(1, 2, 3);
        assertThat(came.userProperties())
                .containsExactly(new UserProperty("b", "1"), new UserProperty("a", "2"), new UserProperty("b", "3"));
    }

    @Test
    @Spec({"MQTT-4.6.0-5", "MQTT-4.6.0-6"})
    void keepsTheOrderOfAPublisher() {
        Client subscriber = connected("s");
        subscriber.subscribe(topic("o"), QoS.AT_LEAST_ONCE);
        Client publisher = connected("p");
        for (int i = 0; i < 500; i++) publisher.publish(topic("o"), "" + i, QoS.AT_LEAST_ONCE);
        for (int i = 0; i < 500; i++) {
            assertThat(publisher.expect(PubAck.class).packetIdentifier()).isEqualTo(i + 1);
        }
        for (int i = 0; i < 500; i++) assertThat(subscriber.expectPayload()).isEqualTo("" + i);
    }

    @Test
    void tellsWhereNobodyListens() {
        Client publisher = connected("p");
        assertThat(publisher.publishAndWait(topic("nobody"), "x", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        Client old = connected(V3_1_1, "old");
        assertThat(old.publishAndWait(topic("nobody"), "x", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    @Spec({"MQTT-4.3.3-10", "MQTT-4.3.3-12"})
    void routesAQoS2MessageOnceHoweverOftenItComes() {
        Client subscriber = connected("s");
        subscriber.subscribe(topic("once"), QoS.EXACTLY_ONCE);
        Client publisher = connected("p");
        for (int i = 0; i < 3; i++) {
            publisher.send(new Publish(
                    i > 0, QoS.EXACTLY_ONCE, false, 7, TopicName.of(topic("once")), new byte[] {'x'}, Properties.NONE));
            assertThat(publisher.expect(PubRec.class).packetIdentifier()).isEqualTo(7);
        }
        publisher.send(new PubRel(7, ReasonCode.SUCCESS, Properties.NONE));
        assertThat(publisher.expect(PubComp.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(subscriber.expectPayload()).isEqualTo("x");
        subscriber.expectNothing();
        // Released: the same identifier is a new message now.
        publisher.publishAndWait(topic("once"), "y", QoS.EXACTLY_ONCE, false);
        assertThat(subscriber.expectPayload()).isEqualTo("y");
    }

    @Test
    void tellsThatAReleasedIdentifierIsUnknown() {
        Client client = connected("p");
        client.send(new PubRel(9, ReasonCode.SUCCESS, Properties.NONE));
        assertThat(client.expect(PubComp.class).reason()).isEqualTo(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        client.send(new PubRec(9, ReasonCode.SUCCESS, Properties.NONE));
        assertThat(client.expect(PubRel.class).reason()).isEqualTo(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        Client old = connected(V3_1_1, "o");
        old.send(new PubRel(9, ReasonCode.SUCCESS, Properties.NONE));
        old.expect(PubComp.class);
    }

    @Test
    @Spec({"MQTT-4.3.3-4", "MQTT-4.3.3-6"})
    void aRefusedQoS2MessageIsFinished() {
        Client subscriber = lasting("s", true);
        subscriber.subscribe(topic("r"), QoS.EXACTLY_ONCE);
        connected("p").publishAndWait(topic("r"), "x", QoS.EXACTLY_ONCE, false);
        Publish came = subscriber.expect(Publish.class);
        subscriber.send(new PubRec(came.packetIdentifier(), ReasonCode.UNSPECIFIED_ERROR, Properties.NONE));
        subscriber.disconnect();
        Client again = lasting("s", false);
        again.expectNothing();
    }

    @Test
    void aForbiddenMessageGoesNowhere() {
        Client subscriber = connected("s");
        subscriber.subscribe("#", QoS.AT_MOST_ONCE);
        Client publisher = connected("p");
        String forbidden = "forbidden/" + my("x");
        assertThat(publisher.publishAndWait(forbidden, "x", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(publisher.publishAndWait(forbidden, "x", QoS.EXACTLY_ONCE, false))
                .isEqualTo(ReasonCode.NOT_AUTHORIZED);
        publisher.publishAndWait(forbidden, "x", QoS.AT_MOST_ONCE, false);
        Client old = connected(V3_1_1, "old");
        assertThat(old.publishAndWait(forbidden, "x", QoS.EXACTLY_ONCE, false)).isEqualTo(ReasonCode.SUCCESS);
        assertThat(subscriber.drain())
                .noneMatch(packet -> packet instanceof Publish came
                        && came.topic().toString().equals(forbidden));
    }

    @Test
    @Spec({"MQTT-3.3.4-6"})
    void refusesASubscriptionIdentifierFromAClient() {
        Client client = connected("p");
        client.publish(topic("x"), "x", QoS.AT_MOST_ONCE, false, with(Property.SUBSCRIPTION_IDENTIFIER, 1));
        client.expectDisconnected(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Spec({"MQTT-3.2.2-11", "MQTT-3.2.2-9", "MQTT-3.2.2-10"})
    void refusesAHigherQoSThanItTold() {
        door(LimitsOf.with(Map.of("maximumQoS", 1)));
        Client client = client(V5);
        assertThat(client.connect(my("p"), true).properties().integer(Property.MAXIMUM_QOS, 2))
                .isEqualTo(1);
        assertThat(client.subscribe(topic("x"), QoS.EXACTLY_ONCE).reasons()).containsExactly(ReasonCode.GRANTED_QOS_1);
        client.publish(topic("x"), "x", QoS.EXACTLY_ONCE);
        client.expectDisconnected(ReasonCode.QOS_NOT_SUPPORTED);
    }

    @Test
    @Spec({"MQTT-3.2.2-14"})
    void refusesRetainWhereThereIsNone() {
        door(LimitsOf.with(Map.of("retainAvailable", false)));
        Client client = client(V5);
        assertThat(client.connect(my("p"), true).properties().integer(Property.RETAIN_AVAILABLE, 1))
                .isZero();
        client.publish(topic("x"), "x", QoS.AT_MOST_ONCE, true, Properties.NONE);
        client.expectDisconnected(ReasonCode.RETAIN_NOT_SUPPORTED);
    }

    @Test
    @Spec({"MQTT-3.2.2-15"})
    void refusesAPacketLargerThanItTold() {
        Client client = connected("p");
        client.sendHex("30 ff ff ff 7f 00 01 61");
        client.expectDisconnected(ReasonCode.PACKET_TOO_LARGE);
    }

    @Test
    @Spec({"MQTT-3.1.2-24", "MQTT-3.1.2-25"})
    void leavesOutWhatIsLargerThanTheClientTakes() {
        Client small = client(V5);
        small.connect(my("small"), true, null, with(Property.MAXIMUM_PACKET_SIZE, 100));
        small.subscribe(topic("big"), QoS.AT_LEAST_ONCE);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("big"), "x".repeat(200), QoS.AT_LEAST_ONCE, false);
        publisher.publishAndWait(topic("big"), "fits", QoS.AT_LEAST_ONCE, false);
        assertThat(small.expectPayload()).isEqualTo("fits");
    }

    @Test
    void disconnectsOnGarbage() {
        Client client = connected("g");
        client.sendHex("00 00");
        client.expectDisconnected(ReasonCode.MALFORMED_PACKET);
        Client old = connected(V3_1_1, "o");
        old.sendHex("f0 00");
        old.expectClosed();
    }

    @Test
    @Spec({"MQTT-2.2.1-2"})
    void readsPacketsCutAnywhere() {
        Client subscriber = connected("s");
        subscriber.subscribe(topic("cut"), QoS.AT_MOST_ONCE);
        Client publisher = connected("p");
        String name = topic("cut");
        StringBuilder hex = new StringBuilder("30 ")
                .append(String.format("%02x", name.length() + 5))
                .append("00")
                .append(String.format("%02x", name.length()));
        for (char c : name.toCharArray()) hex.append(String.format("%02x", (int) c));
        hex.append("00 68 69");
        String bytes = hex.toString().replace(" ", "");
        for (int i = 0; i < bytes.length(); i += 2) publisher.sendHex(bytes.substring(i, i + 2));
        assertThat(subscriber.expectPayload()).isEqualTo("hi");
    }

    @Test
    void refusesATopicOfTooManyLevels() {
        Client client = connected("p");
        String deep = topic("x") + "/".repeat(60_000);
        assertThat(client.publishAndWait(deep, "x", QoS.AT_LEAST_ONCE, true)).isEqualTo(ReasonCode.TOPIC_NAME_INVALID);
        client.publish(deep, "x", QoS.AT_MOST_ONCE, true, Properties.NONE);
        client.barrier();
        Client old = connected(V3_1_1, "old");
        old.publishAndWait(deep, "x", QoS.AT_LEAST_ONCE, true);
        old.barrier();
        Client subscriber = connected("s");
        subscriber.subscribe(topic("#"), QoS.AT_LEAST_ONCE);
        subscriber.expectNothing();
    }
}
