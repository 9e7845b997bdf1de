// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.Spec;
import io.courtier.protocol.TopicName;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedPublishTest {
    private static final Properties FULL = Properties.builder()
            .set(Property.PAYLOAD_FORMAT_INDICATOR, 1)
            .userProperty("a", "1")
            .set(Property.MESSAGE_EXPIRY_INTERVAL, 3600)
            .userProperty("b", "2")
            .userProperty("a", "3")
            .set(Property.RESPONSE_TOPIC, "r")
            .set(Property.CORRELATION_DATA, new byte[] {1, 2})
            .set(Property.CONTENT_TYPE, "text")
            .build();

    private final EncodedPublish encoded = new EncodedPublish();

    @Test
    void isTheSmallestPacketBeforeMqtt5() {
        encoded.encode(message("a/b", "hi", FULL), false, false, 9);
        assertThat(hex(encoded)).isEqualTo("30 07 0003612F62 6869".replace(" ", ""));
    }

    @Test
    void isTheSmallestPacketOfMqtt5() {
        encoded.encode(message("a/b", "hi", Properties.NONE), true, false, -1);
        assertThat(hex(encoded)).isEqualTo("30 08 0003612F62 00 6869".replace(" ", ""));
    }

    @Test
    void becomesEverySubscribersByThreeBytes() {
        encoded.encode(message("a/b", "hi", Properties.NONE), false, true, -1);
        encoded.patch(false, QoS.AT_LEAST_ONCE, false, 1);
        assertThat(hex(encoded)).isEqualTo("32 09 0003612F62 0001 6869".replace(" ", ""));
        encoded.patch(true, QoS.EXACTLY_ONCE, true, 0xABCD);
        assertThat(hex(encoded)).isEqualTo("3D 09 0003612F62 ABCD 6869".replace(" ", ""));
    }

    @Test
    void patchesTheRetainFlagOfQoS0() {
        encoded.encode(message("a", "", Properties.NONE), true, false, -1);
        encoded.patch(false, QoS.AT_MOST_ONCE, true, 77);
        assertThat(hex(encoded)).isEqualTo("31 04 000161 00".replace(" ", ""));
    }

    @Test
    void refusesAQoSOfTheOtherLayout() {
        encoded.encode(message("a", "", Properties.NONE), true, false, -1);
        assertThatThrownBy(() -> encoded.patch(false, QoS.AT_LEAST_ONCE, false, 1))
                .isInstanceOf(IllegalStateException.class);
        encoded.encode(message("a", "", Properties.NONE), true, true, -1);
        assertThatThrownBy(() -> encoded.patch(false, QoS.AT_MOST_ONCE, false, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Around every size at which a length takes a byte more. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 1, 110, 115, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 130, 16_370, 16_380, 16_384,
                2_097_140, 2_097_152
            })
    void comesBackWhateverItsSize(int payload) {
        for (boolean v5 : new boolean[] {false, true}) {
            for (QoS qos : QoS.values()) {
                ApplicationMessage message = new ApplicationMessage(
                        TopicName.of("a/b"), new byte[payload], qos, false, FULL, null, ApplicationMessage.NEVER);
                encoded.encode(message, v5, qos.value() > 0, 9);
                encoded.patch(false, qos, true, 513);
                assertThat((long) encoded.length()).isEqualTo(EncodedPublish.size(message, v5, qos, 9, 0, true, null));
                Map<String, String> facts = decode(encoded.array(), encoded.length(), v5);
                assertThat(facts)
                        .containsEntry("topic", "a/b")
                        .containsEntry("qos", "" + qos.value())
                        .containsEntry("id", qos == QoS.AT_MOST_ONCE ? "0" : "513")
                        .containsEntry("size", "" + encoded.length())
                        .containsEntry("retain", "true");
                assertThat(facts.get("payload")).hasSize(payload);
            }
        }
    }

    @Test
    @Spec({
        "MQTT-3.3.2-4",
        "MQTT-3.3.2-6",
        "MQTT-3.3.2-15",
        "MQTT-3.3.2-16",
        "MQTT-3.3.2-17",
        "MQTT-3.3.2-18",
        "MQTT-3.3.2-20"
    })
    void handsOnThePropertiesWithWhatRemainsOfTheExpiry() {
        encoded.encode(message("t", "p", FULL), true, false, 9);
        String kept = "PAYLOAD_FORMAT_INDICATOR=1;USER_PROPERTY=a:1;USER_PROPERTY=b:2;USER_PROPERTY=a:3;"
                + "RESPONSE_TOPIC=r;CORRELATION_DATA=0102;CONTENT_TYPE=text";
        assertThat(decode(encoded.array(), encoded.length(), true))
                .containsEntry("props", "MESSAGE_EXPIRY_INTERVAL=9;" + kept);
        encoded.encode(message("t", "p", FULL), true, false, -1);
        assertThat(decode(encoded.array(), encoded.length(), true)).containsEntry("props", kept);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 30, 60, 4000})
    void countsPropertiesOfEverySize(int pairs) {
        Properties.Builder many = Properties.builder();
        for (int i = 0; i < pairs; i++) many.userProperty("k", "" + i);
        ApplicationMessage message = message("t", "p", many.build());
        encoded.encode(message, true, true, -1);
        encoded.patch(false, QoS.AT_LEAST_ONCE, false, 1);
        assertThat(decode(encoded.array(), encoded.length(), true))
                .containsEntry("props", Seen.text(message.properties()))
                .containsEntry("payload", "p");
    }

    @Test
    void keepsNoPropertiesThatAreNotHandedOn() {
        Properties alien = Properties.builder()
                .set(Property.TOPIC_ALIAS, 3)
                .set(Property.SUBSCRIPTION_IDENTIFIER, 4)
                .build();
        encoded.encode(message("t", "p", alien), true, false, -1);
        assertThat(decode(encoded.array(), encoded.length(), true))
                .containsEntry("props", "")
                .containsEntry("alias", "0");
    }

    @Test
    void isMadeForOneReceiverWithItsAliasAndIdentifiers() {
        ByteBuilder out = new ByteBuilder(1).u8(0x55);
        ApplicationMessage message = message("t", "p", FULL);
        for (boolean withTopic : new boolean[] {true, false}) {
            out.truncate(1);
            int[] identifiers = {1, 268_435_455};
            EncodedPublish.encodeOnce(
                    message, true, QoS.EXACTLY_ONCE, true, true, 7, 0, 12, withTopic, identifiers, out);
            assertThat((long) out.length() - 1)
                    .isEqualTo(EncodedPublish.size(message, true, QoS.EXACTLY_ONCE, 0, 12, withTopic, identifiers));
            byte[] packet = new byte[out.length() - 1];
            System.arraycopy(out.array(), 1, packet, 0, packet.length);
            Map<String, String> facts = decode(packet, packet.length, true);
            assertThat(facts)
                    .containsEntry("topic", withTopic ? "t" : "")
                    .containsEntry("alias", "12")
                    .containsEntry("id", "7")
                    .containsEntry("qos", "2")
                    .containsEntry("dup", "true")
                    .containsEntry("retain", "true")
                    .containsEntry("payload", "p");
            assertThat(facts.get("props"))
                    .startsWith(
                            "MESSAGE_EXPIRY_INTERVAL=0;SUBSCRIPTION_IDENTIFIER=1;SUBSCRIPTION_IDENTIFIER=268435455;")
                    .endsWith("CONTENT_TYPE=text");
        }
    }

    @Test
    void refusesWhatFitsNoPacket() {
        // 268,435,455 bytes at most behind the fixed header; three of them are the topic's.
        assertThat(EncodedPublish.packetSize(268_435_455)).isEqualTo(PacketEncoder.PACKET_SIZE_MAX);
        assertThat(EncodedPublish.packetSize(268_435_456)).isGreaterThan(PacketEncoder.PACKET_SIZE_MAX);
        ApplicationMessage message = new ApplicationMessage(
                TopicName.of("t"),
                new byte[268_435_453],
                QoS.AT_MOST_ONCE,
                false,
                Properties.NONE,
                null,
                ApplicationMessage.NEVER);
        assertThatThrownBy(() -> encoded.encode(message, false, false, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void givesALargeArrayBackWithTheNextSmallMessage() {
        encoded.encode(message("t", "p".repeat(1_000_000), Properties.NONE), false, false, -1);
        encoded.encode(message("t", "p", Properties.NONE), false, false, -1);
        assertThat(encoded.array().length).isLessThan(1000);
    }

    @Test
    void allocatesNothingInTheSteadyState() {
        ApplicationMessage message = message("some/topic", "payload", FULL);
        long before = 0;
        for (int i = 0; i < 20_000; i++) {
            if (i == 10_000) before = allocated();
            encoded.encode(message, true, true, 60);
            encoded.patch(false, QoS.AT_LEAST_ONCE, false, i);
        }
        assertThat(allocated() - before).isLessThan(100_000);
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private static ApplicationMessage message(String topic, String payload, Properties properties) {
        return new ApplicationMessage(
                TopicName.of(topic),
                payload.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                QoS.AT_LEAST_ONCE,
                true,
                properties,
                null,
                ApplicationMessage.NEVER);
    }

    private static Map<String, String> decode(byte[] bytes, int length, boolean v5) {
        PacketDecoder decoder = new PacketDecoder(length);
        decoder.version(v5 ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1);
        decoder.feed(bytes, 0, length);
        assertThat(decoder.next()).isEqualTo(PacketType.PUBLISH);
        return Seen.facts(decoder);
    }

    private static String hex(EncodedPublish encoded) {
        byte[] bytes = new byte[encoded.length()];
        System.arraycopy(encoded.array(), 0, bytes, 0, bytes.length);
        return Seen.hex(bytes);
    }
}
