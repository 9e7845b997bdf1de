// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V3_1_1;
import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

public class SubscribeTest extends Scenarios {
    private static SubscriptionOptions options(QoS qos, boolean noLocal, boolean retainAsPublished) {
        return new SubscriptionOptions(qos, noLocal, retainAsPublished, RetainHandling.SEND);
    }

    @Test
    @Spec({"MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-3.8.4-5", "MQTT-3.8.4-6", "MQTT-3.9.3-1", "MQTT-3.9.3-2"})
    void answersEachFilterInItsPlace() {
        Client client = connected("s");
        client.send(new Subscribe(
                77,
                List.of(
                        new Subscribe.Request(topic("a"), SubscriptionOptions.of(QoS.EXACTLY_ONCE)),
                        new Subscribe.Request("bad/#/filter", SubscriptionOptions.of(QoS.EXACTLY_ONCE)),
                        new Subscribe.Request("forbidden/b", SubscriptionOptions.of(QoS.EXACTLY_ONCE)),
                        new Subscribe.Request(topic("c"), SubscriptionOptions.of(QoS.AT_MOST_ONCE))),
                Properties.NONE));
        SubAck ack = client.expect(SubAck.class);
        assertThat(ack.packetIdentifier()).isEqualTo(77);
        assertThat(ack.reasons())
                .containsExactly(
                        ReasonCode.GRANTED_QOS_2,
                        ReasonCode.TOPIC_FILTER_INVALID,
                        ReasonCode.NOT_AUTHORIZED,
                        ReasonCode.SUCCESS);
    }

    @Test
    @Spec({"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1"})
    void refusesFiltersThatAreNone() {
        Client client = connected("s");
        for (String bad : List.of("a/#/b", "a#", "a+/b", "+a", "$share/g", "$share//a", "$share/g+/a", "$share/g/")) {
            assertThat(client.subscribe(bad, QoS.AT_MOST_ONCE).reasons())
                    .as(bad)
                    .containsExactly(ReasonCode.TOPIC_FILTER_INVALID);
        }
    }

    @Test
    @Spec({"MQTT-4.7.1-1", "MQTT-4.7.1-2"})
    void matchesWildcards() {
        Client publisher = connected("p");
        String[][] rows = {
            {"sport/#", "sport", "sport/a", "sport/a/b"},
            {"sport/+", "sport/a", "sport/"},
            {"+/+", "/a", "sport/a", "sport/"},
            {"sport/+/b", "sport/a/b", "sport//b"},
            {"#", "sport", "/", "a/b/c/d"},
        };
        int n = 0;
        for (String[] row : rows) {
            Client subscriber = connected("s" + n++);
            subscriber.subscribe(topic(row[0]), QoS.AT_LEAST_ONCE);
            for (int i = 1; i < row.length; i++) {
                publisher.publishAndWait(topic(row[i]), row[i], QoS.AT_LEAST_ONCE, false);
                assertThat(subscriber.expectPayload()).isEqualTo(row[i]);
            }
            publisher.publishAndWait(topic("other") + "x/y/z/1", "no", QoS.AT_MOST_ONCE, false);
            if (!row[0].equals("#")) subscriber.expectNothing();
            subscriber.disconnect();
        }
    }

    @Test
    @Spec({"MQTT-4.7.2-1"})
    void aWildcardInFrontDoesNotMatchADollar() {
        Client client = connected("s");
        var live = new SubscriptionOptions(QoS.AT_MOST_ONCE, false, false, RetainHandling.DO_NOT_SEND);
        client.subscribe("#", live, Properties.NONE);
        client.subscribe("+/" + my("x"), live, Properties.NONE);
        Client named = connected("n");
        named.subscribe("$mine/#", QoS.AT_MOST_ONCE);
        connected("p").publishAndWait("$mine/" + my("x"), "x", QoS.AT_MOST_ONCE, false);
        assertThat(named.expectPayload()).isEqualTo("x");
        assertThat(client.drain())
                .noneMatch(
                        packet -> packet instanceof Publish came && came.topic().isReserved());
    }

    @Test
    @Spec({"MQTT-3.3.4-2", "MQTT-3.3.4-3", "MQTT-3.3.4-4"})
    void overlappingSubscriptionsGetOneCopyAtTheHighestQoSWithAllIdentifiers() {
        Client client = connected("s");
        client.subscribe(
                topic("a/+"), options(QoS.AT_MOST_ONCE, false, false), with(Property.SUBSCRIPTION_IDENTIFIER, 3));
        client.subscribe(
                topic("a/#"), options(QoS.EXACTLY_ONCE, false, false), with(Property.SUBSCRIPTION_IDENTIFIER, 70_000));
        client.subscribe(topic("a/b"), options(QoS.AT_LEAST_ONCE, false, false), Properties.NONE);
        connected("p").publishAndWait(topic("a/b"), "x", QoS.EXACTLY_ONCE, false);
        Publish came = client.expectMessage();
        assertThat(came.qos()).isEqualTo(QoS.EXACTLY_ONCE);
        List<Object> identifiers = new ArrayList<>();
        for (int i = 0; i < came.properties().size(); i++) {
            if (came.properties().name(i) == Property.SUBSCRIPTION_IDENTIFIER)
                identifiers.add(came.properties().value(i));
        }
        assertThat(identifiers).containsExactlyInAnyOrder(3L, 70_000L);
        client.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.8.4-3", "MQTT-3.8.4-4"})
    void aSecondSubscriptionTakesThePlaceOfTheFirst() {
        Client client = connected("s");
        client.subscribe(topic("a"), QoS.EXACTLY_ONCE);
        client.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        connected("p").publishAndWait(topic("a"), "x", QoS.EXACTLY_ONCE, false);
        assertThat(client.expectMessage().qos()).isEqualTo(QoS.AT_MOST_ONCE);
        client.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.8.3-3"})
    void noLocalKeepsTheOwnMessagesAway() {
        Client client = connected("s");
        client.subscribe(topic("a"), options(QoS.AT_LEAST_ONCE, true, false), Properties.NONE);
        client.publishAndWait(topic("a"), "own", QoS.AT_LEAST_ONCE, false);
        connected("p").publishAndWait(topic("a"), "other", QoS.AT_LEAST_ONCE, false);
        assertThat(client.expectPayload()).isEqualTo("other");
        client.expectNothing();
    }

    @Test
    void noLocalOfOneSubscriptionLeavesTheOtherAlone() {
        Client client = connected("s");
        client.subscribe(topic("a"), options(QoS.EXACTLY_ONCE, true, false), Properties.NONE);
        client.subscribe(topic("+"), options(QoS.AT_MOST_ONCE, false, false), Properties.NONE);
        client.publish(topic("a"), "own", QoS.AT_MOST_ONCE);
        assertThat(client.expectMessage().qos()).isEqualTo(QoS.AT_MOST_ONCE);
        client.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.3.1-12", "MQTT-3.3.1-13"})
    void retainAsPublishedKeepsTheFlag() {
        Client keeps = connected("k");
        keeps.subscribe(topic("a"), options(QoS.AT_MOST_ONCE, false, true), Properties.NONE);
        Client clears = connected("c");
        clears.subscribe(topic("a"), options(QoS.AT_MOST_ONCE, false, false), Properties.NONE);
        connected("p").publishAndWait(topic("a"), "x", QoS.AT_MOST_ONCE, true);
        assertThat(keeps.expectMessage().retain()).isTrue();
        assertThat(clears.expectMessage().retain()).isFalse();
    }

    @Test
    @Spec({
        "MQTT-3.10.4-1",
        "MQTT-3.10.4-2",
        "MQTT-3.10.4-4",
        "MQTT-3.10.4-5",
        "MQTT-3.10.4-6",
        "MQTT-3.11.3-1",
        "MQTT-3.11.3-2"
    })
    void unsubscribes() {
        Client client = connected("s");
        client.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        client.subscribe(topic("b"), QoS.AT_MOST_ONCE);
        client.send(new Unsubscribe(5, List.of(topic("a"), topic("never"), "x/#/y"), Properties.NONE));
        UnsubAck ack = client.expect(UnsubAck.class);
        assertThat(ack.packetIdentifier()).isEqualTo(5);
        assertThat(ack.reasons())
                .containsExactly(
                        ReasonCode.SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED, ReasonCode.TOPIC_FILTER_INVALID);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("a"), "a", QoS.AT_MOST_ONCE, false);
        publisher.publishAndWait(topic("b"), "b", QoS.AT_MOST_ONCE, false);
        assertThat(client.expectPayload()).isEqualTo("b");
        client.expectNothing();
    }

    @Test
    void disconnectsWhoCannotTakeItsSubAck() {
        Client client = client(V5);
        client.connect(my("s"), true, null, with(Property.MAXIMUM_PACKET_SIZE, 20));
        List<Subscribe.Request> many = new ArrayList<>();
        for (int i = 0; i < 30; i++)
            many.add(new Subscribe.Request(topic("" + i), SubscriptionOptions.of(QoS.AT_MOST_ONCE)));
        client.send(new Subscribe(1, many, Properties.NONE));
        client.expectDisconnected(ReasonCode.PACKET_TOO_LARGE);
    }

    @Test
    void theOldVersionsAreTold0x80WhateverTheReason() {
        Client client = connected(V3_1_1, "s");
        assertThat(client.subscribe("forbidden/x", QoS.AT_MOST_ONCE).reasons())
                .containsExactly(ReasonCode.UNSPECIFIED_ERROR);
    }

    @Test
    @Spec({"MQTT-4.8.2-4", "MQTT-4.8.2-5"})
    void aSharedGroupGetsEachMessageOnce() {
        List<Client> members = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Client member = connected("m" + i);
            member.subscribe("$share/g/" + topic("+"), QoS.AT_LEAST_ONCE);
            members.add(member);
        }
        Client alone = connected("alone");
        alone.subscribe(topic("#"), QoS.AT_LEAST_ONCE);
        Client publisher = connected("p");
        for (int i = 0; i < 40; i++) publisher.publishAndWait(topic("job"), "" + i, QoS.AT_LEAST_ONCE, false);
        List<String> done = new ArrayList<>();
        for (Client member : members) {
            List<io.courtier.protocol.ControlPacket> came = member.drain();
            assertThat(came).as("everybody has a share").isNotEmpty();
            for (var packet : came) done.add(Client.payload((Publish) packet));
        }
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) all.add("" + i);
        assertThat(done).containsExactlyInAnyOrderElementsOf(all);
        for (int i = 0; i < 40; i++) assertThat(alone.expectPayload()).isEqualTo("" + i);
    }

    @Test
    void aSharedGroupGoesOnWithoutAMemberThatLeft() {
        Client stays = connected("stays");
        Client leaves = connected("leaves");
        stays.subscribe("$share/g/" + topic("a"), QoS.AT_LEAST_ONCE);
        leaves.subscribe("$share/g/" + topic("a"), QoS.AT_LEAST_ONCE);
        leaves.disconnect();
        Client publisher = connected("p");
        for (int i = 0; i < 10; i++) {
            publisher.publishAndWait(topic("a"), "" + i, QoS.AT_LEAST_ONCE, false);
            assertThat(stays.expectPayload()).isEqualTo("" + i);
        }
    }

    @Test
    void aSharedGroupPrefersMembersThatAreThere() {
        Client away = lasting("away", true);
        away.subscribe("$share/g/" + topic("a"), QoS.AT_LEAST_ONCE);
        away.disconnect();
        Client here = connected("here");
        here.subscribe("$share/g/" + topic("a"), QoS.AT_LEAST_ONCE);
        Client publisher = connected("p");
        for (int i = 0; i < 10; i++) {
            publisher.publishAndWait(topic("a"), "" + i, QoS.AT_LEAST_ONCE, false);
            assertThat(here.expectPayload()).isEqualTo("" + i);
        }
    }

    @Test
    void aSharedGroupDoesWhatAMemberThatEndsDidNotAcknowledge() {
        Client leaves = client(V5);
        leaves.connect(my("leaves"), true, null, with(Property.RECEIVE_MAXIMUM, 2));
        leaves.subscribe("$share/g/" + topic("a"), QoS.AT_LEAST_ONCE);
        leaves.subscribe(topic("b"), QoS.AT_LEAST_ONCE);
        Client publisher = connected("p");
        // Two are sent and not acknowledged, the third waits, and the last is for nobody else.
        for (String each : List.of("1", "2", "3")) {
            publisher.publishAndWait(topic("a"), each, QoS.AT_LEAST_ONCE, false);
        }
        publisher.publishAndWait(topic("b"), "its own", QoS.AT_LEAST_ONCE, false);
        leaves.expect(Publish.class);
        leaves.expect(Publish.class);
        Client stays = connected("stays");
        stays.subscribe("$share/g/" + topic("a"), QoS.AT_LEAST_ONCE);
        stays.subscribe("$share/other/" + topic("a"), QoS.AT_LEAST_ONCE);
        leaves.send(new Unsubscribe(9, List.of("$share/g/" + topic("a")), Properties.NONE));
        leaves.expect(UnsubAck.class);
        leaves.disconnect();
        for (String each : List.of("1", "2", "3")) {
            Publish publish = stays.expectMessage();
            assertThat(Client.payload(publish)).isEqualTo(each);
            assertThat(publish.dup()).isFalse();
        }
        stays.expectNothing();
    }

    @Test
    void aSharedGroupDoesWhatAMemberLeftWhenItsSessionEnds() {
        Client away = lasting("away", true);
        away.subscribe("$share/g/" + topic("a"), QoS.AT_LEAST_ONCE);
        connected("p").publishAndWait(topic("a"), "job", QoS.AT_LEAST_ONCE, false);
        away.expect(Publish.class);
        Client here = connected("here");
        here.subscribe("$share/g/" + topic("a"), QoS.AT_LEAST_ONCE);
        away.disconnect();
        here.expectNothing();
        // A clean start ends it.
        lasting("away", true);
        assertThat(here.expectPayload()).isEqualTo("job");
    }

    @Test
    @Spec({"MQTT-4.8.2-5"})
    void aSharedGroupNeverHasTwiceWhatWasSentAtQos2() {
        Client leaves = client(V5);
        leaves.connect(my("leaves"), true, null, with(Property.RECEIVE_MAXIMUM, 1));
        leaves.subscribe("$share/g/" + topic("a"), QoS.EXACTLY_ONCE);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("a"), "sent", QoS.EXACTLY_ONCE, false);
        publisher.publishAndWait(topic("a"), "waits", QoS.EXACTLY_ONCE, false);
        assertThat(Client.payload(leaves.expect(Publish.class))).isEqualTo("sent");
        Client stays = connected("stays");
        stays.subscribe("$share/g/" + topic("a"), QoS.EXACTLY_ONCE);
        leaves.disconnect();
        assertThat(stays.expectPayload()).isEqualTo("waits");
        stays.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.8.3-4"})
    void refusesNoLocalOnASharedSubscription() {
        Client client = connected("s");
        client.send(new Subscribe(
                1,
                List.of(new Subscribe.Request("$share/g/a", options(QoS.AT_MOST_ONCE, true, false))),
                Properties.NONE));
        client.expectDisconnected(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void subscriptionsOfASessionOutliveItsConnection() {
        Client first = client(V3_1_1);
        first.connect(my("s"), false);
        first.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        first.disconnect();
        Client publisher = connected(V5, "p");
        publisher.publishAndWait(topic("a"), "while away", QoS.AT_LEAST_ONCE, false);
        publisher.publishAndWait(topic("a"), "not kept", QoS.AT_MOST_ONCE, false);
        Client again = client(V3_1_1);
        assertThat(again.connect(my("s"), false).sessionPresent()).isTrue();
        assertThat(again.expectPayload()).isEqualTo("while away");
        again.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.8.4-3"})
    void replacesASubscriptionThoughThereMayBeNoFurtherOne() {
        door(LimitsOf.with(Map.of("subscriptionsPerSessionMax", 1)));
        Client client = connected("s");
        client.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        assertThat(client.subscribe(topic("b"), QoS.AT_MOST_ONCE).reasons()).containsExactly(ReasonCode.QUOTA_EXCEEDED);
        assertThat(client.subscribe(topic("a"), QoS.AT_LEAST_ONCE).reasons()).containsExactly(ReasonCode.GRANTED_QOS_1);
    }
}
