// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.conformance.WsWire.Framing;
import io.courtier.core.Limits;
import io.courtier.protocol.QoS;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What MQTT asks of WebSocket. All other scenarios run through {@link WsDoor} as well. */
@Timeout(60)
class WebSocketTest {
    private static final WsDoor DOOR = new WsDoor(Limits.DEFAULT);

    /** MQTT 3.1.1, clean session, client identifier "w". */
    private static final byte[] CONNECT = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'w'};

    private static final byte[] CONNACK = {0x20, 2, 0, 0};
    private static final byte[] PINGREQ = {(byte) 0xC0, 0};
    private static final byte[] PINGRESP = {(byte) 0xD0, 0};

    @AfterAll
    static void close() {
        DOOR.close();
    }

    @Test
    @Spec("MQTT-6.0.0-1")
    void textFramesEndTheConnection() {
        WsWire wire = DOOR.open("mqtt", Framing.PACKETS);
        wire.send(CONNECT);
        assertThat(wire.receive()).isEqualTo(CONNACK);
        wire.send(WsWire.TEXT, PINGREQ.clone());
        assertThat(wire.awaitClosed()).isTrue();
        assertThat(wire.closeCode()).isEqualTo(1003);
    }

    @Test
    @Spec("MQTT-6.0.0-1")
    void theFirstFrameMayNotBeTextEither() {
        WsWire wire = DOOR.open("mqtt", Framing.PACKETS);
        wire.send(WsWire.TEXT, CONNECT);
        assertThat(wire.receive()).isNull();
        assertThat(wire.closeCode()).isEqualTo(1003);
    }

    @Test
    @Spec("MQTT-6.0.0-2")
    void packetsMayBeCutAnywhere() {
        for (int cut = 0; cut <= CONNECT.length; cut++) {
            WsWire wire = DOOR.open("mqtt", Framing.PACKETS);
            wire.send(java.util.Arrays.copyOf(CONNECT, cut));
            wire.send(java.util.Arrays.copyOfRange(CONNECT, cut, CONNECT.length));
            assertThat(wire.receive()).as("cut at %d", cut).isEqualTo(CONNACK);
            wire.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Spec("MQTT-6.0.0-2")
    void oneFrameMayHaveManyPackets(Framing framing) {
        WsWire wire = DOOR.open("mqtt", framing);
        byte[] all = java.util.Arrays.copyOf(CONNECT, CONNECT.length + 2 * 1000);
        for (int at = CONNECT.length; at < all.length; at += 2) System.arraycopy(PINGREQ, 0, all, at, 2);
        wire.send(all);
        java.io.ByteArrayOutputStream answers = new java.io.ByteArrayOutputStream();
        while (answers.size() < CONNACK.length + 2 * 1000) answers.writeBytes(wire.receive());
        byte[] expected = java.util.Arrays.copyOf(CONNACK, CONNACK.length + 2 * 1000);
        for (int at = CONNACK.length; at < expected.length; at += 2) System.arraycopy(PINGRESP, 0, expected, at, 2);
        assertThat(answers.toByteArray()).isEqualTo(expected);
        wire.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chat", "MQTT", "mqtt5"})
    @Spec("MQTT-6.0.0-3")
    void whoDoesNotOfferMqttIsRefused(String offered) {
        assertThat(DOOR.open(offered, Framing.PACKETS).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({"mqtt", "'chat, mqtt'", "'mqttv3.1, mqtt'"})
    @Spec({"MQTT-6.0.0-3", "MQTT-6.0.0-4"})
    void mqttIsChosenAndReturned(String offered) {
        WsWire wire = DOOR.open(offered, Framing.PACKETS);
        assertThat(wire.status()).isEqualTo(101);
        assertThat(wire.subprotocol()).isEqualTo("mqtt");
        wire.close();
    }

    @Test
    void alsoClientsOfBeforeTheStandardAreServed() {
        // MQTT.js 1 offers it for every version.
        WsWire wire = DOOR.open("mqttv3.1", Framing.PACKETS);
        assertThat(wire.subprotocol()).isEqualTo("mqttv3.1");
        wire.send(CONNECT);
        assertThat(wire.receive()).isEqualTo(CONNACK);
        wire.close();
    }

    @Test
    void aClientOverWebSocketMeetsAllOthers() {
        Client here = new Client(DOOR, V5);
        Client there = new Client(DOOR, V5);
        here.connect("here", true);
        there.connect("there", true);
        here.subscribe("t/#", QoS.EXACTLY_ONCE);
        for (QoS qos : QoS.values()) {
            there.publishAndWait("t/x", "hello " + qos, qos, false);
            assertThat(here.expectPayload()).isEqualTo("hello " + qos);
        }
    }
}
