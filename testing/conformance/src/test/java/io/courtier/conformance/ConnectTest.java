// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V3_1;
import static io.courtier.protocol.ProtocolVersion.V3_1_1;
import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.core.Limits;
import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PingReq;
import io.courtier.protocol.PingResp;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

public class ConnectTest extends Scenarios {
    @Test
    @Spec({"MQTT-3.1.4-5", "MQTT-3.2.2-4"})
    void acceptsEveryVersionAndTellsItsLimits() {
        ConnAck five = client(V5).connect(my("five"), true);
        assertThat(five.reason()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(five.sessionPresent()).isFalse();
        assertThat(five.properties().integer(Property.RECEIVE_MAXIMUM, 0)).isEqualTo(Limits.DEFAULT.receiveMaximum());
        assertThat(five.properties().integer(Property.MAXIMUM_PACKET_SIZE, 0)).isEqualTo(1 << 20);
        assertThat(five.properties().integer(Property.TOPIC_ALIAS_MAXIMUM, 0)).isEqualTo(32);
        for (var version : new io.courtier.protocol.ProtocolVersion[] {V3_1, V3_1_1}) {
            ConnAck old = client(version).connect(my("c" + version.level()), true);
            assertThat(old.reason()).isEqualTo(ReasonCode.SUCCESS);
        }
    }

    @Test
    @Spec({"MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16"})
    void assignsAnIdentifierToWhoHasNone() {
        ConnAck ack = client(V5).connect("", true);
        assertThat(ack.properties().string(Property.ASSIGNED_CLIENT_IDENTIFIER)).startsWith("auto-");
        assertThat(client(V3_1_1).connect("", true).reason()).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void refusesAnEmptyIdentifierWhereTheOldVersionsDo() {
        Client lasting = client(V3_1_1);
        assertThat(lasting.connect("", false).reason()).isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        lasting.expectClosed();
        assertThat(client(V3_1).connect("", true).reason()).isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
    }

    @Test
    void refusesALongIdentifierIn31Only() {
        String long24 = "abcdefghijklmnopqrstuvwx";
        assertThat(client(V3_1).connect(long24, true).reason()).isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        assertThat(client(V3_1_1).connect(long24, true).reason()).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    @Spec({"MQTT-3.1.0-1"})
    void closesOnAnyOtherFirstPacket() {
        Client client = client(V5);
        client.send(new PingReq());
        client.expectClosed();
    }

    @Test
    @Spec({"MQTT-3.1.0-2"})
    void closesOnASecondConnect() {
        Client client = connected("twice");
        client.send(Client.connect(V5, my("twice"), true));
        client.expectDisconnected(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Spec({"MQTT-3.1.2-2"})
    void answersAnUnknownVersionWithWhatEveryClientCanRead() {
        Client client = client(V3_1_1);
        client.sendHex("10 0d 00 04 4d 51 54 54 09 02 00 00 00 01 61");
        assertThat(client.expect(ConnAck.class).reason()).isEqualTo(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        client.expectClosed();
    }

    @Test
    @Spec({"MQTT-3.1.4-1", "MQTT-3.1.4-6"})
    void answersAMalformedConnectOfVersion5() {
        Client client = client(V5);
        // The reserved bit of the Connect Flags is set.
        client.sendHex("10 0e 00 04 4d 51 54 54 05 03 00 00 00 00 01 61");
        assertThat(client.expect(ConnAck.class).reason()).isEqualTo(ReasonCode.MALFORMED_PACKET);
        client.expectClosed();
    }

    @Test
    @Spec({"MQTT-3.1.4-3", "MQTT-3.1.4-4"})
    void takesTheSessionOverFromAnEarlierConnection() {
        Client first = lasting("same", true);
        Client second = client(V5);
        assertThat(second.connect(my("same"), false, null, expiry(3_600)).sessionPresent())
                .isTrue();
        first.expectDisconnected(ReasonCode.SESSION_TAKEN_OVER);
        second.barrier();
    }

    @Test
    @Spec({"MQTT-3.1.2-4"})
    void aCleanStartForgetsTheSession() {
        Client first = lasting("clean", true);
        first.subscribe(topic("a"), QoS.AT_LEAST_ONCE);
        first.disconnect();
        Client again = client(V5);
        assertThat(again.connect(my("clean"), true, null, expiry(3_600)).sessionPresent())
                .isFalse();
        again.publishAndWait(topic("a"), "x", QoS.AT_LEAST_ONCE, false);
        again.expectNothing();
    }

    @Test
    @Spec({"MQTT-3.1.2-5", "MQTT-3.2.2-3"})
    void resumesTheSession() {
        lasting("back", true).disconnect();
        assertThat(client(V5).connect(my("back"), false).sessionPresent()).isTrue();
    }

    @Test
    @Spec({"MQTT-3.1.2-23", "MQTT-4.1.0-2"})
    void endsASessionWhenItsTimeIsOver() {
        Door door = doorOfTime();
        Client first = client(V5);
        first.connect(my("brief"), true, null, expiry(10));
        first.disconnect();
        door.advance(Duration.ofSeconds(11));
        assertThat(client(V5).connect(my("brief"), false).sessionPresent()).isFalse();
    }

    @Test
    void keepsASessionUntilItsTimeIsOver() {
        Door door = doorOfTime();
        Client first = client(V5);
        first.connect(my("brief"), true, null, expiry(10));
        first.disconnect();
        door.advance(Duration.ofSeconds(9));
        assertThat(client(V5).connect(my("brief"), false).sessionPresent()).isTrue();
    }

    @Test
    void disconnectMayChangeTheExpiry() {
        Client first = lasting("changed", true);
        first.send(new Disconnect(ReasonCode.SUCCESS, expiry(0)));
        first.expectClosed();
        assertThat(client(V5).connect(my("changed"), false).sessionPresent()).isFalse();
    }

    @Test
    @Spec({"MQTT-3.14.2-2"})
    void disconnectMayNotGiveAnExpiryAfterNone() {
        Client client = connected("none");
        client.send(new Disconnect(ReasonCode.SUCCESS, expiry(5)));
        client.expectDisconnected(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Spec({"MQTT-3.1.2-22"})
    void closesASilentConnectionAfterOneAndAHalfKeepAlives() {
        Door door = doorOfTime();
        Client client = client(V5);
        client.connect(new Connect(V5, my("silent"), true, 10, null, null, null, Properties.NONE));
        door.advance(Duration.ofSeconds(14));
        client.barrier();
        door.advance(Duration.ofSeconds(16));
        client.expectDisconnected(ReasonCode.KEEP_ALIVE_TIMEOUT);
    }

    @Test
    @Spec({"MQTT-3.2.2-21"})
    void tellsAServerKeepAlive() {
        door(LimitsOf.keepAlive(60));
        ConnAck ack = client(V5).connect(new Connect(V5, my("k"), true, 120, null, null, null, Properties.NONE));
        assertThat(ack.properties().integer(Property.SERVER_KEEP_ALIVE, 0)).isEqualTo(60);
    }

    @Test
    void leavesAnOldClientItsKeepAliveForItCannotBeToldAnother() {
        door(LimitsOf.keepAlive(60));
        Door door = doorOfTime();
        Client old = client(V3_1_1);
        old.connect(new Connect(V3_1_1, my("k"), true, 300, null, null, null, Properties.NONE));
        door.advance(Duration.ofSeconds(120));
        old.barrier();
    }

    @Test
    @Spec({"MQTT-3.12.4-1"})
    void answersPings() {
        Client client = connected("ping");
        client.send(new PingReq());
        client.expect(PingResp.class);
    }

    @Test
    void givesUpOnWhoNeverSendsConnect() {
        Door door = doorOfTime();
        Client client = client(V5);
        client.sendHex("10 0d 00 04");
        door.advance(Duration.ofSeconds(11));
        client.expectClosed();
    }

    @Test
    @Spec({"MQTT-3.1.4-2"})
    void refusesWhoDoesNotKnowThePassword() {
        Client client = client(V5);
        ConnAck ack =
                client.connect(new Connect(V5, my("in"), true, 0, null, "intruder", new byte[] {1}, Properties.NONE));
        assertThat(ack.reason()).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        client.expectClosed();
        Client old = client(V3_1_1);
        assertThat(old.connect(new Connect(
                                V3_1_1, my("in"), true, 0, null, "intruder", new byte[] {1}, Properties.NONE))
                        .reason())
                .isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }

    private static Properties riddle(String answer) {
        Properties.Builder properties = Properties.builder().set(Property.AUTHENTICATION_METHOD, HouseRules.METHOD);
        if (answer != null) properties.set(Property.AUTHENTICATION_DATA, answer.getBytes(StandardCharsets.UTF_8));
        return properties.build();
    }

    @Test
    @Spec({"MQTT-4.12.0-2", "MQTT-4.12.0-3", "MQTT-4.12.0-5"})
    void authenticatesInAnExchangeOfAuthPackets() {
        Client client = client(V5);
        client.send(new Connect(V5, my("riddler"), true, 0, null, null, null, riddle(null)));
        Auth question = client.expect(Auth.class);
        assertThat(question.reason()).isEqualTo(ReasonCode.CONTINUE_AUTHENTICATION);
        assertThat(question.properties().binary(Property.AUTHENTICATION_DATA))
                .asString()
                .isEqualTo("6x7");
        client.send(new Auth(ReasonCode.CONTINUE_AUTHENTICATION, riddle("42")));
        ConnAck ack = client.expect(ConnAck.class);
        assertThat(ack.reason()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(ack.properties().string(Property.AUTHENTICATION_METHOD)).isEqualTo(HouseRules.METHOD);
        client.barrier();
    }

    @Test
    @Spec({"MQTT-4.12.1-1"})
    void authenticatesAgainWhileConnected() {
        authenticatesInAnExchangeOfAuthPackets();
        Client client = client(V5);
        client.send(new Connect(V5, my("again"), true, 0, null, null, null, riddle("42")));
        client.expect(ConnAck.class);
        client.send(new Auth(ReasonCode.REAUTHENTICATE, riddle(null)));
        client.expect(Auth.class);
        client.send(new Auth(ReasonCode.CONTINUE_AUTHENTICATION, riddle("42")));
        assertThat(client.expect(Auth.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        client.barrier();
    }

    @Test
    @Spec({"MQTT-4.12.1-2"})
    void disconnectsWhoFailsToAuthenticateAgain() {
        Client client = client(V5);
        client.send(new Connect(V5, my("fails"), true, 0, null, null, null, riddle("42")));
        client.expect(ConnAck.class);
        client.send(new Auth(ReasonCode.REAUTHENTICATE, riddle("41")));
        client.expectDisconnected(ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    @Spec({"MQTT-4.12.0-1", "MQTT-4.12.0-4"})
    void refusesAMethodThatNobodySpeaks() {
        Client client = client(V5);
        Properties unknown = Properties.builder()
                .set(Property.AUTHENTICATION_METHOD, "TELEPATHY")
                .build();
        client.send(new Connect(V5, my("t"), true, 0, null, null, null, unknown));
        assertThat(client.expect(ConnAck.class).reason()).isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD);
        client.expectClosed();
    }

    @Test
    @Spec({"MQTT-3.1.2-30"})
    void sendsNothingButAuthBeforeTheEndOfTheExchange() {
        Client client = client(V5);
        client.send(new Connect(V5, my("p"), true, 0, null, null, null, riddle(null)));
        client.expect(Auth.class);
        client.send(new PingReq());
        assertThat(client.expect(ConnAck.class).reason()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
        client.expectClosed();
    }

    @Test
    @Spec({"MQTT-4.12.0-6"})
    void refusesAuthFromWhoNamedNoMethod() {
        Client client = connected("m");
        client.send(new Auth(ReasonCode.REAUTHENTICATE, riddle(null)));
        client.expectDisconnected(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Spec({"MQTT-3.1.2-24"})
    void aClientThatCannotTakeItsConnAckIsRefused() {
        Client client = client(V5);
        ConnAck ack = client.connect(my("c"), true, null, with(Property.MAXIMUM_PACKET_SIZE, 6));
        assertThat(ack.reason()).isEqualTo(ReasonCode.PACKET_TOO_LARGE);
        client.expectClosed();
        Client tiny = client(V5);
        tiny.send(new Connect(V5, my("c"), true, 0, null, null, null, with(Property.MAXIMUM_PACKET_SIZE, 2)));
        tiny.expectClosed();
    }
}
