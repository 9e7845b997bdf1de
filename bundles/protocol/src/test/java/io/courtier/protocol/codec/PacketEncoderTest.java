// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.*;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PacketEncoderTest {
    private static final Properties TWO = Properties.builder()
            .set(Property.REASON_STRING, "why")
            .userProperty("name", "value")
            .build();

    private final ByteBuilder out = new ByteBuilder(1);

    static Stream<ControlPacket> packets() {
        Properties user = Properties.builder()
                .userProperty("n", "v")
                .userProperty("n", "w")
                .build();
        byte[] payload = {1, 2, 3};
        TopicName topic = TopicName.of("a/\u20AC/\uD83D\uDE00");
        Will will = new Will(
                topic,
                payload,
                QoS.EXACTLY_ONCE,
                true,
                Properties.builder().set(Property.WILL_DELAY_INTERVAL, 7).build());
        Properties connect = Properties.builder()
                .set(Property.SESSION_EXPIRY_INTERVAL, 0xFFFF_FFFFL)
                .set(Property.RECEIVE_MAXIMUM, 10)
                .set(Property.AUTHENTICATION_METHOD, "m")
                .set(Property.AUTHENTICATION_DATA, payload)
                .build();
        Properties publish = Properties.builder()
                .set(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                .set(Property.SUBSCRIPTION_IDENTIFIER, 16_384)
                .set(Property.CORRELATION_DATA, new byte[200])
                .userProperty("k", "x".repeat(300))
                .build();
        ReasonCode failed = ReasonCode.NOT_AUTHORIZED;
        return Stream.of(
                new Connect(ProtocolVersion.V5, "c", true, 60, null, null, null, Properties.NONE),
                new Connect(ProtocolVersion.V5, "", false, 65_535, will, "user", payload, connect),
                new ConnAck(true, ReasonCode.SUCCESS, user),
                new ConnAck(false, ReasonCode.BAD_USER_NAME_OR_PASSWORD, TWO),
                new Publish(false, QoS.AT_MOST_ONCE, false, 0, topic, new byte[0], Properties.NONE),
                new Publish(true, QoS.AT_LEAST_ONCE, true, 65_535, topic, payload, publish),
                new Publish(false, QoS.EXACTLY_ONCE, true, 1, topic, new byte[20_000], publish),
                new PubAck(1, ReasonCode.SUCCESS, Properties.NONE),
                new PubAck(2, ReasonCode.NO_MATCHING_SUBSCRIBERS, Properties.NONE),
                new PubAck(3, failed, TWO),
                new PubRec(3, failed, TWO),
                new PubRel(4, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, TWO),
                new PubComp(5, ReasonCode.SUCCESS, TWO),
                new Subscribe(
                        6,
                        List.of(
                                new Subscribe.Request("a/#", SubscriptionOptions.of(QoS.EXACTLY_ONCE)),
                                new Subscribe.Request(
                                        "+",
                                        new SubscriptionOptions(
                                                QoS.AT_LEAST_ONCE, true, true, RetainHandling.DO_NOT_SEND))),
                        user),
                new SubAck(7, List.of(ReasonCode.SUCCESS, ReasonCode.GRANTED_QOS_2, failed), TWO),
                new Unsubscribe(8, List.of("a/#", "\u00E4"), user),
                new UnsubAck(9, List.of(ReasonCode.SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED), TWO),
                new PingReq(),
                new PingResp(),
                new Disconnect(ReasonCode.SUCCESS, Properties.NONE),
                new Disconnect(ReasonCode.SESSION_TAKEN_OVER, TWO),
                new Auth(ReasonCode.SUCCESS, Properties.NONE),
                new Auth(
                        ReasonCode.CONTINUE_AUTHENTICATION,
                        Properties.builder()
                                .set(Property.AUTHENTICATION_METHOD, "m")
                                .set(Property.AUTHENTICATION_DATA, payload)
                                .build()));
    }

    @ParameterizedTest
    @MethodSource("packets")
    void comesBackAsItWasInMqtt5(ControlPacket packet) {
        assertThat(throughTheWire(packet, ProtocolVersion.V5).packet())
                .usingRecursiveComparison()
                .withEqualsForType(TopicName::equals, TopicName.class)
                .isEqualTo(packet);
    }

    @ParameterizedTest
    @MethodSource("packets")
    void comesBackWithoutPropertiesBefore(ControlPacket packet) {
        if (packet.type() == PacketType.AUTH) return;
        for (ProtocolVersion version : List.of(ProtocolVersion.V3_1, ProtocolVersion.V3_1_1)) {
            Map<String, String> before = Seen.facts(throughTheWire(packet, ProtocolVersion.V5));
            Map<String, String> after = Seen.facts(throughTheWire(packet, version));
            assertThat(after).containsEntry("props", "").containsEntry("id", before.get("id"));
            for (String same :
                    List.of("topic", "payload", "qos", "dup", "retain", "client", "will", "user", "password")) {
                assertThat(after.get(same)).as(same).isEqualTo(before.get(same));
            }
        }
    }

    @Test
    void hasAllFifteen() {
        assertThat(packets().map(ControlPacket::type).distinct()).hasSize(15);
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"V3_1", "V3_1_1"})
    void writesNoAuthBeforeMqtt5(ProtocolVersion version) {
        assertThat(PacketEncoder.encode(new Auth(ReasonCode.SUCCESS, Properties.NONE), version, out))
                .isFalse();
        assertThat(out.length()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "SUCCESS, 0",
        "UNSUPPORTED_PROTOCOL_VERSION, 1",
        "CLIENT_IDENTIFIER_NOT_VALID, 2",
        "SERVER_UNAVAILABLE, 3",
        "SERVER_BUSY, 3",
        "QUOTA_EXCEEDED, 3",
        "UNSPECIFIED_ERROR, 3",
        "CONNECTION_RATE_EXCEEDED, 3",
        "BAD_USER_NAME_OR_PASSWORD, 4",
        "NOT_AUTHORIZED, 5",
        "BANNED, 5",
        "BAD_AUTHENTICATION_METHOD, 5"
    })
    void givesTheNearestReturnCode(ReasonCode reason, int code) {
        PacketEncoder.encode(new ConnAck(false, reason, TWO), ProtocolVersion.V3_1_1, out);
        assertThat(written()).isEqualTo("200200" + Seen.hex(new byte[] {(byte) code}));
    }

    @Test
    void sendsNoSessionPresentToMqtt31() {
        PacketEncoder.encode(new ConnAck(true, ReasonCode.SUCCESS, TWO), ProtocolVersion.V3_1, out);
        assertThat(written()).isEqualTo("20020000");
    }

    @Test
    void refusesASubscriptionBeforeMqtt5WithOneCode() {
        List<ReasonCode> reasons = List.of(ReasonCode.GRANTED_QOS_1, ReasonCode.TOPIC_FILTER_INVALID);
        PacketEncoder.encode(new SubAck(1, reasons, TWO), ProtocolVersion.V3_1_1, out);
        assertThat(written()).isEqualTo("900400010180");
    }

    @ParameterizedTest
    @CsvSource({"PUBACK, 40021234", "PUBREC, 50021234", "PUBREL, 62021234", "PUBCOMP, 70021234"})
    void answersSuccessInFourBytes(PacketType type, String hex) {
        PacketEncoder.ack(type, 0x1234, out);
        PacketEncoder.ack(type, 0x1234, ReasonCode.SUCCESS, ProtocolVersion.V5, out);
        PacketEncoder.ack(type, 0x1234, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, ProtocolVersion.V3_1_1, out);
        assertThat(written()).isEqualTo(hex + hex + hex);
    }

    @Test
    void answersWithAReasonInFive() {
        PacketEncoder.ack(PacketType.PUBREC, 1, ReasonCode.QUOTA_EXCEEDED, ProtocolVersion.V5, out);
        assertThat(written()).isEqualTo("5003000197");
    }

    static Stream<ControlPacket> talkative() {
        ReasonCode failed = ReasonCode.NOT_AUTHORIZED;
        return Stream.of(
                new ConnAck(false, failed, TWO),
                new PubAck(1, failed, TWO),
                new PubRec(1, failed, TWO),
                new PubRel(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, TWO),
                new PubComp(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, TWO),
                new SubAck(1, List.of(failed), TWO),
                new UnsubAck(1, List.of(failed), TWO),
                new Disconnect(failed, TWO),
                new Auth(
                        ReasonCode.CONTINUE_AUTHENTICATION,
                        TWO.toBuilder().set(Property.AUTHENTICATION_METHOD, "m").build()));
    }

    @ParameterizedTest
    @MethodSource("talkative")
    @Spec({
        "MQTT-3.1.2-24",
        "MQTT-3.2.2-19",
        "MQTT-3.2.2-20",
        "MQTT-3.4.2-2",
        "MQTT-3.4.2-3",
        "MQTT-3.5.2-2",
        "MQTT-3.5.2-3",
        "MQTT-3.6.2-2",
        "MQTT-3.6.2-3",
        "MQTT-3.7.2-2",
        "MQTT-3.7.2-3",
        "MQTT-3.9.2-1",
        "MQTT-3.9.2-2",
        "MQTT-3.11.2-1",
        "MQTT-3.11.2-2",
        "MQTT-3.14.2-3",
        "MQTT-3.14.2-4",
        "MQTT-3.15.2-2",
        "MQTT-3.15.2-3"
    })
    void leavesOutTheReasonStringThenTheUserProperties(ControlPacket packet) {
        out.u8(0x55);
        int whole = size(packet, 1000);
        int withoutReasonString = whole - 6;
        int bare = whole - 6 - 14;
        assertThat(size(packet, whole)).isEqualTo(whole);
        assertThat(size(packet, whole - 1)).isEqualTo(withoutReasonString);
        assertThat(size(packet, withoutReasonString)).isEqualTo(withoutReasonString);
        assertThat(size(packet, withoutReasonString - 1)).isEqualTo(bare);
        assertThat(size(packet, bare)).isEqualTo(bare);
        assertThat(size(packet, bare - 1)).isEqualTo(-1);
        assertThat(out.length()).isEqualTo(1);
    }

    @Test
    @Spec({"MQTT-3.1.2-25", "MQTT-3.3.2-17"})
    void leavesNothingOutOfAMessage() {
        Publish publish = new Publish(
                false,
                QoS.AT_MOST_ONCE,
                false,
                0,
                TopicName.of("t"),
                new byte[10],
                Properties.builder().userProperty("a", "b").build());
        int whole = size(publish, 1000);
        assertThat(size(publish, whole)).isEqualTo(whole);
        assertThat(size(publish, whole - 1)).isEqualTo(-1);
        assertThat(size(publish, 9)).isEqualTo(-1);
    }

    @Test
    void hasNoPacketForWhatMqttHasNot() {
        Unsubscribe half = new Unsubscribe(1, List.of("\uD800"), Properties.NONE);
        Unsubscribe large = new Unsubscribe(1, List.of("a".repeat(65_536)), Properties.NONE);
        for (Unsubscribe packet : List.of(half, large)) {
            assertThatThrownBy(() -> PacketEncoder.encode(packet, ProtocolVersion.V5, out))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** The bytes that are appended, or -1 for none. */
    private int size(ControlPacket packet, long maximum) {
        int before = out.length();
        boolean encoded = PacketEncoder.encode(packet, ProtocolVersion.V5, maximum, out);
        int size = out.length() - before;
        assertThat(encoded).isEqualTo(size > 0);
        if (encoded) {
            PacketDecoder decoder = new PacketDecoder((int) maximum);
            decoder.version(ProtocolVersion.V5);
            decoder.feed(out.array(), before, size);
            assertThat(decoder.next()).isEqualTo(packet.type());
        }
        out.truncate(before);
        return encoded ? size : -1;
    }

    private PacketDecoder throughTheWire(ControlPacket packet, ProtocolVersion version) {
        out.clear();
        assertThat(PacketEncoder.encode(packet, version, out)).isTrue();
        PacketDecoder decoder = new PacketDecoder(out.length());
        if (packet.type() != PacketType.CONNECT) decoder.version(version);
        decoder.feed(out.array(), 0, out.length());
        assertThat(decoder.next()).isEqualTo(packet.type());
        assertThat(decoder.version()).isEqualTo(version);
        return decoder;
    }

    private String written() {
        byte[] bytes = new byte[out.length()];
        System.arraycopy(out.array(), 0, bytes, 0, bytes.length);
        return Seen.hex(bytes);
    }
}
