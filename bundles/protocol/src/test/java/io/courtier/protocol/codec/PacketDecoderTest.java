// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.PacketType;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.Spec;
import io.courtier.protocol.TopicName;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PacketDecoderTest {
    private final PacketDecoder decoder = new PacketDecoder(1 << 20);

    @Test
    void goesFromPacketToPacket() {
        decoder.version(ProtocolVersion.V3_1_1);
        feed("30 { 'a' \"1\" } 40 02 0001 C0 00 32 { 'b' 0002 \"2\" } 30");
        assertThat(decoder.next()).isEqualTo(PacketType.PUBLISH);
        assertThat(decoder.topic()).isEqualTo(TopicName.of("a"));
        assertThat(decoder.unread()).isEqualTo(15);
        assertThat(decoder.next()).isEqualTo(PacketType.PUBACK);
        assertThat(decoder.next()).isEqualTo(PacketType.PINGREQ);
        assertThat(decoder.packetIdentifier()).isZero();
        assertThat(decoder.next()).isEqualTo(PacketType.PUBLISH);
        assertThat(decoder.packetIdentifier()).isEqualTo(2);
        assertThat(decoder.next()).isNull();
        feed("01 00");
        assertThatThrownBy(decoder::next).isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void forgetsWhatThePacketBeforeHad() {
        decoder.version(ProtocolVersion.V5);
        feed("32 { 't' 0009 { 230007 0B01 26 'a' 'b' } } 30 { 't' { } } 40 { 0003 87 { 1F 'x' } } 40 02 0004");
        decoder.next();
        assertThat(decoder.topicAlias()).isEqualTo(7);
        assertThat(decoder.hasSubscriptionIdentifier()).isTrue();
        decoder.next();
        assertThat(Seen.facts(decoder))
                .containsEntry("alias", "0")
                .containsEntry("id", "0")
                .containsEntry("props", "")
                .containsEntry("hasSubscriptionIdentifier", "false");
        decoder.next();
        assertThat(Seen.facts(decoder)).containsEntry("reason", "0x87").containsEntry("props", "REASON_STRING=x");
        decoder.next();
        assertThat(Seen.facts(decoder)).containsEntry("reason", "0x00").containsEntry("props", "");
    }

    @Test
    void keepsTheTopicAliasInTheRecord() {
        decoder.version(ProtocolVersion.V5);
        feed("30 { '' { 230007 26 'a' 'b' } }");
        decoder.next();
        assertThat(decoder.properties().has(Property.TOPIC_ALIAS)).isFalse();
        assertThat(decoder.packet().properties().integer(Property.TOPIC_ALIAS, 0))
                .isEqualTo(7);
    }

    @Test
    void copiesThePayloadAtEveryCall() {
        decoder.version(ProtocolVersion.V3_1_1);
        feed("30 { 't' \"payload\" }");
        decoder.next();
        assertThat(decoder.payloadLength()).isEqualTo(7);
        assertThat(decoder.payload()).isEqualTo(decoder.payload()).isNotSameAs(decoder.payload());
        assertThat(decoder.packet()).isSameAs(decoder.packet());
    }

    @Test
    void asksTheOwnerForTopics() {
        TopicName made = TopicName.of("t");
        PacketDecoder asking = new PacketDecoder(100, (bytes, offset, length) -> {
            assertThat(made.isSame(bytes, offset, length)).isTrue();
            return made;
        });
        asking.version(ProtocolVersion.V3_1_1);
        byte[] bytes = Vector.bytes("30 { 't' }");
        asking.feed(bytes, 0, bytes.length);
        asking.next();
        assertThat(asking.topic()).isSameAs(made);
    }

    @Test
    void refusesToBeFedBeforeAllWasRead() {
        decoder.version(ProtocolVersion.V5);
        feed("C0 00 C0 00");
        decoder.next();
        assertThatThrownBy(() -> feed("C0 00")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesAPartThatTheArrayHasNot() {
        for (int[] part : new int[][] {{-1, 1}, {0, 3}, {2, 1}, {1, Integer.MAX_VALUE}, {0, -1}}) {
            assertThatThrownBy(() -> decoder.feed(new byte[2], part[0], part[1]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void hasNoPacketBeforeTheFirst() {
        assertThat(decoder.next()).isNull();
        assertThatThrownBy(decoder::packet).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Spec("MQTT-4.13.1-1")
    void staysRefused() {
        feed("00");
        assertThatThrownBy(decoder::next).isInstanceOf(MalformedPacketException.class);
        feed("10 { 'MQTT' 04 02 003C 'c' }");
        assertThatThrownBy(decoder::next).isInstanceOf(MalformedPacketException.class);
    }

    @ParameterizedTest
    @EnumSource(names = "CONNECT", mode = EnumSource.Mode.EXCLUDE)
    @Spec("MQTT-3.1.0-1")
    void refusesEverythingBeforeConnect(PacketType type) {
        decoder.feed(new byte[] {(byte) (type.value() << 4 | type.reservedFlags())}, 0, 1);
        assertThatThrownBy(decoder::next)
                .isInstanceOfSatisfying(ProtocolException.class, refused -> assertThat(refused.reason())
                        .isEqualTo(ReasonCode.PROTOCOL_ERROR));
    }

    @Test
    @Spec("MQTT-3.1.0-2")
    void refusesASecondConnect() {
        feed("10 { 'MQTT' 04 02 003C 'c' } 10 { 'MQTT' 04 02 003C 'c' }");
        assertThat(decoder.next()).isEqualTo(PacketType.CONNECT);
        assertThatThrownBy(decoder::next).hasMessage("Protocol Error: second CONNECT");
    }

    @Test
    void knowsTheVersionOfAConnectThatItRefuses() {
        feed("10 { 'MQTT' 05 03 003C { } 'c' }");
        assertThatThrownBy(decoder::next).isInstanceOf(MalformedPacketException.class);
        assertThat(decoder.version()).isEqualTo(ProtocolVersion.V5);
    }

    @Test
    @Spec("MQTT-3.1.2-2")
    void knowsNoVersionWhereThereIsNone() {
        feed("10 { 'MQTT' 06 03 003C { } 'c' }");
        assertThatThrownBy(decoder::next)
                .isInstanceOfSatisfying(ProtocolException.class, refused -> assertThat(refused.reason())
                        .isEqualTo(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION));
        assertThat(decoder.version()).isNull();
    }

    @Test
    void countsTheFixedHeaderToTheSize() {
        decoder.version(ProtocolVersion.V3_1_1);
        decoder.maximumPacketSize(10);
        feed("30 { 't' \"12345\" }");
        assertThat(decoder.next()).isEqualTo(PacketType.PUBLISH);
        assertThat(decoder.size()).isEqualTo(10);
        feed("30 { 't' \"123456\" }");
        assertThatThrownBy(decoder::next)
                .isInstanceOfSatisfying(ProtocolException.class, refused -> assertThat(refused.reason())
                        .isEqualTo(ReasonCode.PACKET_TOO_LARGE));
    }

    @Test
    void handsOverWhatIsBehindThePacket() {
        feed("10 { 'MQTT' 04 02 003C 'c' } C0 00 30");
        decoder.next();
        assertThat(decoder.unread()).isEqualTo(3);
        assertThat(decoder.takeUnread()).containsExactly(0xC0, 0x00, 0x30);
        assertThat(decoder.unread()).isZero();
        assertThat(decoder.packet().type()).isEqualTo(PacketType.CONNECT);
        assertThat(decoder.next()).isNull();
        feed("C0 00");
        assertThat(decoder.next()).isEqualTo(PacketType.PINGREQ);
    }

    @Test
    void handsOverAnUnfinishedPacketToo() {
        decoder.version(ProtocolVersion.V3_1_1);
        feed("30 09 0001");
        assertThat(decoder.next()).isNull();
        feed("61 62");
        assertThat(decoder.takeUnread()).containsExactly(0x30, 9, 0, 1, 0x61, 0x62);
        assertThat(decoder.takeUnread()).isEmpty();
    }

    @Test
    void handsOverWhatIsBehindAPacketThatCameInPieces() {
        feed("10 { 'MQTT' 04 02 003C 'c' }", 0, 7);
        assertThat(decoder.next()).isNull();
        feed("10 { 'MQTT' 04 02 003C 'c' } C0", 7, 9);
        assertThat(decoder.next()).isEqualTo(PacketType.CONNECT);
        assertThat(decoder.takeUnread()).containsExactly(0xC0);
    }

    @Test
    void allocatesWhatCameAndNotWhatWasAnnounced() {
        PacketDecoder large = new PacketDecoder(Integer.MAX_VALUE);
        large.version(ProtocolVersion.V5);
        byte[] piece = new byte[1000];
        byte[] start = {0x30, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F};
        long before = allocated();
        large.feed(start, 0, start.length);
        assertThat(large.next()).isNull();
        for (int i = 0; i < 100; i++) {
            large.feed(piece, 0, piece.length);
            assertThat(large.next()).isNull();
        }
        assertThat(allocated() - before).isLessThan(1_000_000);
        assertThat(large.unread()).isEqualTo(100_005);
    }

    @Test
    void readsAPacketOfManyPieces() {
        decoder.version(ProtocolVersion.V3_1_1);
        byte[] whole = Vector.bytes("30 { 'topic' 62*200000 } C0 00");
        int packets = 0;
        for (int at = 0; at < whole.length; at += 777) {
            decoder.feed(whole, at, Math.min(777, whole.length - at));
            while (decoder.next() != null) {
                if (packets++ == 0)
                    assertThat(decoder.payload()).hasSize(200_000).containsOnly('b');
            }
        }
        assertThat(packets).isEqualTo(2);
        assertThat(decoder.unread()).isZero();
    }

    @Test
    void keepsNoArrayOnceThePacketWasRead() throws ReflectiveOperationException {
        Field tail = PacketDecoder.class.getDeclaredField("tail");
        tail.setAccessible(true);
        decoder.version(ProtocolVersion.V3_1_1);
        byte[] whole = Vector.bytes("30 { 'topic' 62*200000 }");
        decoder.feed(whole, 0, 100_000);
        assertThat(decoder.next()).isNull();
        assertThat((byte[]) tail.get(decoder)).hasSizeGreaterThanOrEqualTo(100_000);
        decoder.feed(whole, 100_000, whole.length - 100_000);
        assertThat(decoder.next()).isEqualTo(PacketType.PUBLISH);
        assertThat((byte[]) tail.get(decoder)).isEmpty();
    }

    @Test
    void makesNoObjectsOfEnvelopes() {
        TopicName topic = TopicName.of("t");
        PacketDecoder lean = new PacketDecoder(1000, (bytes, offset, length) -> topic);
        lean.version(ProtocolVersion.V5);
        byte[] bytes = Vector.bytes("32 { 't' 0009 { } \"p\" } 40 02 0001 50 03 0001 10 62 02 0001 70 02 0001");
        long sum = 0;
        long before = 0;
        for (int i = 0; i < 20_000; i++) {
            if (i == 10_000) before = allocated();
            lean.feed(bytes, 0, bytes.length);
            while (lean.next() != null)
                sum += lean.packetIdentifier() + lean.reason().code();
        }
        assertThat(allocated() - before).isLessThan(100_000);
        assertThat(sum).isEqualTo(20_000 * 29L);
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private void feed(String notation) {
        byte[] bytes = Vector.bytes(notation);
        decoder.feed(bytes, 0, bytes.length);
    }

    private void feed(String notation, int offset, int length) {
        decoder.feed(Vector.bytes(notation), offset, length);
    }
}
