// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import java.time.Duration;
import org.junit.jupiter.api.Test;

public class WillTest extends Scenarios {
    private Will will(long delaySeconds) {
        Properties properties = Properties.builder()
                .set(Property.WILL_DELAY_INTERVAL, delaySeconds)
                .set(Property.CONTENT_TYPE, "text/last")
                .userProperty("k", "v")
                .build();
        return new Will(TopicName.of(topic("will")), new byte[] {'w'}, QoS.AT_LEAST_ONCE, false, properties);
    }

    private Client watcher() {
        Client watcher = connected("watcher");
        watcher.subscribe(topic("will"), QoS.AT_LEAST_ONCE);
        return watcher;
    }

    private Client dying(long delaySeconds, long expirySeconds) {
        Client client = client(V5);
        client.connect(my("dying"), false, will(delaySeconds), expiry(expirySeconds));
        return client;
    }

    @Test
    @Spec({"MQTT-3.1.2-8", "MQTT-3.1.2-14"})
    void isSentWhenTheConnectionIsLost() {
        Client watcher = watcher();
        dying(0, 0).wire().close();
        Publish came = watcher.expectMessage();
        assertThat(Client.payload(came)).isEqualTo("w");
        assertThat(came.properties().string(Property.CONTENT_TYPE)).isEqualTo("text/last");
        assertThat(came.properties().userProperties()).hasSize(1);
        assertThat(came.properties().has(Property.WILL_DELAY_INTERVAL)).isFalse();
    }

    @Test
    @Spec({"MQTT-3.1.2-10", "MQTT-3.14.4-3"})
    void isForgottenAfterANormalDisconnect() {
        Client watcher = watcher();
        dying(0, 0).disconnect();
        watcher.expectNothing();
    }

    @Test
    void isSentAfterADisconnectThatAsksForIt() {
        Client watcher = watcher();
        Client client = dying(0, 0);
        client.send(new Disconnect(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE, Properties.NONE));
        assertThat(watcher.expectPayload()).isEqualTo("w");
    }

    @Test
    void isSentAfterAProtocolError() {
        Client watcher = watcher();
        dying(0, 0).sendHex("00 00");
        assertThat(watcher.expectPayload()).isEqualTo("w");
    }

    @Test
    @Spec({"MQTT-3.1.3-9"})
    void waitsForItsDelay() {
        Door door = doorOfTime();
        Client watcher = watcher();
        dying(5, 60).wire().close();
        door.advance(Duration.ofSeconds(4));
        watcher.expectNothing();
        door.advance(Duration.ofSeconds(2));
        assertThat(watcher.expectPayload()).isEqualTo("w");
    }

    @Test
    @Spec({"MQTT-3.1.3-9"})
    void isNotSentIfTheClientComesBackInTime() {
        Door door = doorOfTime();
        Client watcher = watcher();
        dying(5, 60).wire().close();
        Client back = client(V5);
        assertThat(back.connect(my("dying"), false, null, expiry(60)).sessionPresent())
                .isTrue();
        door.advance(Duration.ofSeconds(10));
        watcher.expectNothing();
    }

    @Test
    void isSentWhenTheSessionEndsBeforeTheDelay() {
        Door door = doorOfTime();
        Client watcher = watcher();
        dying(50, 5).wire().close();
        door.advance(Duration.ofSeconds(6));
        assertThat(watcher.expectPayload()).isEqualTo("w");
        door.advance(Duration.ofSeconds(60));
        watcher.expectNothing();
    }

    @Test
    void isSentAtOnceWhenACleanStartEndsTheSession() {
        Client watcher = watcher();
        dying(50, 60).wire().close();
        Client back = client(V5);
        back.connect(my("dying"), true, null, Properties.NONE);
        assertThat(watcher.expectPayload()).isEqualTo("w");
    }

    @Test
    void isSentWhenTheKeepAliveRunsOut() {
        Door door = doorOfTime();
        Client watcher = watcher();
        Client client = client(V5);
        client.connect(
                new io.courtier.protocol.Connect(V5, my("dying"), true, 10, will(0), null, null, Properties.NONE));
        door.advance(Duration.ofSeconds(16));
        assertThat(watcher.expectPayload()).isEqualTo("w");
    }

    @Test
    @Spec({"MQTT-3.1.2-17"})
    void mayBeRetained() {
        Client client = client(V5);
        client.connect(
                my("dying"),
                true,
                new Will(TopicName.of(topic("kept")), new byte[] {'k'}, QoS.AT_MOST_ONCE, true, Properties.NONE),
                Properties.NONE);
        client.wire().close();
        Client first = connected("first");
        first.subscribe(topic("kept"), QoS.AT_MOST_ONCE);
        assertThat(first.expectPayload()).isEqualTo("k");
    }

    @Test
    void aForbiddenOneIsRefusedAtConnect() {
        Client client = client(V5);
        ConnAck ack = client.connect(
                my("f"),
                true,
                new Will(TopicName.of("forbidden/w"), new byte[0], QoS.AT_MOST_ONCE, false, Properties.NONE),
                Properties.NONE);
        assertThat(ack.reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        client.expectClosed();
    }

    @Test
    void aTopicOfTooManyLevelsIsRefused() {
        Client client = client(V5);
        Will deep = new Will(
                TopicName.of(topic("x") + "/".repeat(60_000)), new byte[0], QoS.AT_MOST_ONCE, true, Properties.NONE);
        assertThat(client.connect(my("deep"), true, deep, Properties.NONE).reason())
                .isEqualTo(ReasonCode.TOPIC_NAME_INVALID);
        client.expectClosed();
    }
}
