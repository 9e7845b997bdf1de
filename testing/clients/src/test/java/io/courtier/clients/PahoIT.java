// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What only some version of MQTT has, as Paho's clients see it. */
@Execution(ExecutionMode.CONCURRENT)
class PahoIT {
    private final String base = House.unique("paho");
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size(); --i >= 0; ) open.get(i).close();
    }

    private Paho5Visitor connect(String name) throws MqttException {
        Paho5Visitor visitor = new Paho5Visitor(Visit.of(base + name));
        open.add(visitor);
        return visitor;
    }

    @Test
    void everyPropertyOfAPublishArrives() throws Exception {
        Paho5Visitor client = connect("c");
        client.subscribe(base, 2);
        MqttProperties sent = new MqttProperties();
        sent.setPayloadFormat(true);
        sent.setContentType("text/plain");
        sent.setResponseTopic(base + "/answers");
        sent.setCorrelationData(new byte[] {0, 1, -1});
        sent.setMessageExpiryInterval(1_000L);
        sent.setUserProperties(List.of(new UserProperty("unit", "°C"), new UserProperty("unit", "again")));
        MqttMessage message = new MqttMessage("21,5".getBytes(StandardCharsets.UTF_8), 2, false, sent);
        client.send(base, message).get();
        MqttProperties got = ((MqttMessage) client.inbox().one().original()).getProperties();
        assertThat(got.getPayloadFormat()).isTrue();
        assertThat(got.getContentType()).isEqualTo("text/plain");
        assertThat(got.getResponseTopic()).isEqualTo(base + "/answers");
        assertThat(got.getCorrelationData()).containsExactly(0, 1, -1);
        assertThat(got.getMessageExpiryInterval()).isBetween(980L, 1_000L);
        assertThat(got.getUserProperties())
                .extracting(pair -> pair.getKey() + "=" + pair.getValue())
                .containsExactly("unit=°C", "unit=again");
    }

    @Test
    void connackTellsTheBrokersLimits() throws Exception {
        MqttProperties told = connect("c").connAck.getResponseProperties();
        assertThat(told.getReceiveMaximum()).isEqualTo(1_024);
        assertThat(told.getMaximumPacketSize()).isEqualTo(1L << 20);
        assertThat(told.getTopicAliasMaximum()).isEqualTo(32);
    }

    @Test
    void anOperatorsDisconnectSaysWhy() throws Exception {
        Paho5Visitor client = connect("c");
        House.door().broker().disconnect(base + "c");
        Patience.until("DISCONNECT", () -> client.farewell != null);
        assertThat(client.farewell.getReturnCode()).isEqualTo(0x98);
    }

    @Test
    void theOldConnectionIsToldThatItWasTakenOver() throws Exception {
        Paho5Visitor old = connect("c");
        connect("c");
        Patience.until("DISCONNECT", () -> old.farewell != null);
        assertThat(old.farewell.getReturnCode()).isEqualTo(0x8E);
    }

    @Test
    void aForbiddenTopicIsRefusedInPuback() throws Exception {
        Paho5Visitor client = connect("c");
        assertThat(client.send("forbidden/x", new MqttMessage(new byte[1], 1, false, new MqttProperties()))
                        .get()
                        .getReasonCodes())
                .containsExactly(0x87);
        assertThat(client.isConnected()).isTrue();
    }

    @Test
    void anIntruderIsToldThatItsNameIsBad() {
        MqttException refused = catchThrowableOfType(
                MqttException.class, () -> new Paho5Visitor(Visit.of(base + "c").as("intruder")));
        assertThat(refused.getReasonCode()).isEqualTo(0x86);
    }

    @Test
    void anIntruderOfMqtt3IsToldThatItsNameIsBad() {
        org.eclipse.paho.client.mqttv3.MqttException refused = catchThrowableOfType(
                org.eclipse.paho.client.mqttv3.MqttException.class,
                () -> new Paho3Visitor(Visit.of(base + "c").as("intruder")));
        assertThat(refused.getReasonCode()).isEqualTo(4);
    }

    @Test
    void mqtt31IsSpokenToo() throws Exception {
        Visit visit = Visit.of(base + "c31").with(new Visit.Will(base, "farewell", 1, false));
        try (Paho3Visitor client = new Paho3Visitor(visit, MqttConnectOptions.MQTT_VERSION_3_1)) {
            for (int qos = 0; qos <= 2; qos++) {
                assertThat(client.subscribe(base, qos)).isEqualTo(qos);
                client.publish(base, "at " + qos, qos);
                assertThat(client.inbox().await(qos + 1).get(qos).text()).isEqualTo("at " + qos);
            }
        }
    }
}
