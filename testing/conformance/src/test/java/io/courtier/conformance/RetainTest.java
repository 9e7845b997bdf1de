// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

public class RetainTest extends Scenarios {
    @Test
    @Spec({"MQTT-3.3.1-5", "MQTT-3.3.1-8", "MQTT-3.3.1-9"})
    void aLaterSubscriberGetsTheLastMessage() {
        Client publisher = connected("p");
        publisher.publishAndWait(topic("a"), "old", QoS.AT_LEAST_ONCE, true);
        publisher.publishAndWait(topic("a"), "new", QoS.AT_LEAST_ONCE, true);
        Client subscriber = connected("s");
        subscriber.subscribe(topic("#"), QoS.AT_LEAST_ONCE);
        Publish came = subscriber.expectMessage();
        assertThat(Client.payload(came)).isEqualTo("new");
        assertThat(came.retain()).isTrue();
        assertThat(came.qos()).isEqualTo(QoS.AT_LEAST_ONCE);
        subscriber.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.3.1-6", "MQTT-3.3.1-7"})
    void anEmptyPayloadClearsIt() {
        Client publisher = connected("p");
        Client live = connected("l");
        live.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        publisher.publishAndWait(topic("a"), "x", QoS.AT_MOST_ONCE, true);
        publisher.publishAndWait(topic("a"), "", QoS.AT_MOST_ONCE, true);
        assertThat(live.expectPayload()).isEqualTo("x");
        assertThat(live.expectPayload()).isEmpty();
        Client subscriber = connected("s");
        subscriber.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        subscriber.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.3.1-9", "MQTT-3.3.1-10", "MQTT-3.3.1-11"})
    void retainHandlingDecidesWhenItIsSent() {
        connected("p").publishAndWait(topic("a"), "x", QoS.AT_MOST_ONCE, true);
        Client client = connected("s");
        var never = new SubscriptionOptions(QoS.AT_MOST_ONCE, false, false, RetainHandling.DO_NOT_SEND);
        var ifNew = new SubscriptionOptions(QoS.AT_MOST_ONCE, false, false, RetainHandling.SEND_IF_NEW);
        client.subscribe(topic("a"), never, Properties.NONE);
        client.expectNothing();
        client.subscribe(topic("a"), ifNew, Properties.NONE);
        client.expectNothing();
        client.unsubscribe(topic("a"));
        client.subscribe(topic("a"), ifNew, Properties.NONE);
        assertThat(client.expectPayload()).isEqualTo("x");
        client.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        assertThat(client.expectPayload()).isEqualTo("x");
    }

    @Test
    void aSharedSubscriptionGetsNone() {
        connected("p").publishAndWait(topic("a"), "x", QoS.AT_MOST_ONCE, true);
        Client client = connected("s");
        client.subscribe("$share/g/" + topic("a"), QoS.AT_MOST_ONCE);
        client.expectNothing();
    }

    @Test
    void everyMatchIsSentHoweverManyAndHoweverSmallTheWindow() {
        Client publisher = connected("p");
        for (int i = 0; i < 300; i++) publisher.publishAndWait(topic("r/" + i), "" + i, QoS.AT_LEAST_ONCE, true);
        Client client = new Client(door(), ProtocolVersion.V5);
        client.connect(my("s"), true, null, with(Property.RECEIVE_MAXIMUM, 3));
        client.subscribe(topic("r/+"), QoS.AT_LEAST_ONCE);
        List<String> came = new ArrayList<>();
        for (int i = 0; i < 300; i++) came.add(client.expectPayload());
        assertThat(came).doesNotHaveDuplicates().hasSize(300);
        client.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.3.2-5", "MQTT-3.3.2-6"})
    void itExpires() {
        Door door = doorOfTime();
        connected("p").publish(topic("a"), "x", QoS.AT_MOST_ONCE, true, with(Property.MESSAGE_EXPIRY_INTERVAL, 10));
        door.advance(Duration.ofSeconds(4));
        Client early = connected("e");
        early.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        assertThat(early.expectMessage().properties().integer(Property.MESSAGE_EXPIRY_INTERVAL, -1))
                .isEqualTo(6);
        door.advance(Duration.ofSeconds(7));
        Client late = connected("l");
        late.subscribe(topic("a"), QoS.AT_MOST_ONCE);
        late.expectNothing();
    }

    @Test
    void tooMuchIsRefusedAndGivenUpWeightIsFreeAgain() {
        door(LimitsOf.with(Map.of("retainedBytesMax", 3_000L)));
        Client publisher = connected("p");
        assertThat(publisher.publishAndWait(topic("a"), "x".repeat(2_000), QoS.AT_LEAST_ONCE, true))
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(publisher.publishAndWait(topic("b"), "x".repeat(1_000), QoS.AT_LEAST_ONCE, true))
                .isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(publisher.publishAndWait(topic("a"), "x".repeat(1_000), QoS.AT_LEAST_ONCE, true))
                .as("in its own place there is room")
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(publisher.publishAndWait(topic("b"), "x".repeat(1_000), QoS.AT_LEAST_ONCE, true))
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        publisher.publishAndWait(topic("a"), "", QoS.AT_LEAST_ONCE, true);
        assertThat(publisher.publishAndWait(topic("c"), "x".repeat(1_000), QoS.AT_LEAST_ONCE, true))
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
    }

    @Test
    void tooManyAreRefusedAndStillDelivered() {
        door(LimitsOf.with(Map.of("retainedMessagesMax", 2)));
        Client live = connected("l");
        live.subscribe(topic("#"), QoS.AT_MOST_ONCE);
        Client publisher = connected("p");
        publisher.publishAndWait(topic("a"), "a", QoS.AT_LEAST_ONCE, true);
        publisher.publishAndWait(topic("b"), "b", QoS.AT_LEAST_ONCE, true);
        assertThat(publisher.publishAndWait(topic("c"), "c", QoS.AT_LEAST_ONCE, true))
                .isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(publisher.publishAndWait(topic("a"), "a2", QoS.AT_LEAST_ONCE, true))
                .isEqualTo(ReasonCode.SUCCESS);
        for (String expected : List.of("a", "b", "c", "a2"))
            assertThat(live.expectPayload()).isEqualTo(expected);
    }

    @Test
    @Spec({"MQTT-3.8.3-3"})
    void noLocalHoldsForThemToo() {
        Client client = connected("c");
        client.publishAndWait(topic("a"), "own", QoS.AT_LEAST_ONCE, true);
        connected("p").publishAndWait(topic("b"), "another's", QoS.AT_LEAST_ONCE, true);
        client.subscribe(
                topic("#"),
                new SubscriptionOptions(QoS.AT_LEAST_ONCE, true, false, RetainHandling.SEND),
                Properties.NONE);
        assertThat(client.expectPayload()).isEqualTo("another's");
        client.expectNothing();
    }

    private Client window(String name) {
        Client client = new Client(door(), ProtocolVersion.V5);
        Properties properties = Properties.builder()
                .set(Property.RECEIVE_MAXIMUM, 1)
                .set(Property.SESSION_EXPIRY_INTERVAL, 3_600)
                .build();
        client.connect(my(name), false, null, properties);
        return client;
    }

    private void retain(int count) {
        Client publisher = connected("retainer");
        for (int i = 0; i < count; i++) publisher.publishAndWait(topic("r/" + i), "old", QoS.AT_LEAST_ONCE, true);
    }

    @Test
    void oneThatWasReplacedBeforeItLeftDoesNotComeAfterTheNewOne() {
        retain(2);
        Client first = window("s");
        first.subscribe(topic("r/+"), QoS.AT_LEAST_ONCE);
        Publish came = first.expect(Publish.class);
        String other = topic("r/0").equals(came.topic().toString()) ? topic("r/1") : topic("r/0");
        connected("p").publishAndWait(other, "new", QoS.AT_LEAST_ONCE, true);
        first.barrier();
        first.wire().close();
        Client again = window("s");
        assertThat(again.expectPayload()).isEqualTo("old");
        Publish last = again.expectMessage();
        assertThat(last.topic().toString()).isEqualTo(other);
        assertThat(Client.payload(last)).isEqualTo("new");
        again.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.8.4-4"})
    void subscribingAgainBeforeAllHaveLeftBeginsAnew() {
        retain(20);
        Client client = window("s");
        for (int i = 0; i < 3; i++) {
            client.send(new Subscribe(
                    client.nextIdentifier(),
                    List.of(new Subscribe.Request(topic("r/+"), SubscriptionOptions.of(QoS.AT_LEAST_ONCE))),
                    Properties.NONE));
        }
        client.expect(SubAck.class);
        Publish first = client.expect(Publish.class);
        client.expect(SubAck.class);
        client.expect(SubAck.class);
        client.answer(first);
        List<String> topics = new ArrayList<>();
        for (int i = 0; i < 20; i++) topics.add(client.expectMessage().topic().toString());
        assertThat(topics).doesNotHaveDuplicates();
        client.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.10.4-2", "MQTT-3.10.4-3"})
    void unsubscribingEndsTheirDelivery() {
        retain(20);
        Client client = window("s");
        client.subscribe(topic("r/+"), QoS.AT_LEAST_ONCE);
        Publish first = client.expect(Publish.class);
        client.unsubscribe(topic("r/+"));
        client.answer(first);
        client.expectNothing();
    }
}
