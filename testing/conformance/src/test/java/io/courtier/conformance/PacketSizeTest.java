// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.PubComp;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a packet may do without is left out before it becomes larger than the receiver takes. */
class PacketSizeTest {
    private static final Properties WORDY = Properties.builder()
            .set(Property.REASON_STRING, "because")
            .userProperty("name", "value")
            .build();

    private static final List<ControlPacket> PACKETS = List.of(
            new ConnAck(false, ReasonCode.NOT_AUTHORIZED, WORDY),
            new PubAck(1, ReasonCode.NOT_AUTHORIZED, WORDY),
            new PubRec(1, ReasonCode.NOT_AUTHORIZED, WORDY),
            new PubRel(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, WORDY),
            new PubComp(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, WORDY),
            new SubAck(1, List.of(ReasonCode.NOT_AUTHORIZED), WORDY),
            new UnsubAck(1, List.of(ReasonCode.NOT_AUTHORIZED), WORDY),
            new Disconnect(ReasonCode.SERVER_BUSY, WORDY),
            new Auth(
                    ReasonCode.CONTINUE_AUTHENTICATION,
                    Properties.builder()
                            .set(Property.AUTHENTICATION_METHOD, "M")
                            .set(Property.REASON_STRING, "because")
                            .userProperty("name", "value")
                            .build()));

    @Test
    @Spec({
        "MQTT-3.2.2-19", "MQTT-3.2.2-20", "MQTT-3.4.2-2", "MQTT-3.4.2-3", "MQTT-3.5.2-2", "MQTT-3.5.2-3",
                "MQTT-3.6.2-2",
        "MQTT-3.6.2-3", "MQTT-3.7.2-2", "MQTT-3.7.2-3", "MQTT-3.9.2-1", "MQTT-3.9.2-2", "MQTT-3.11.2-1",
                "MQTT-3.11.2-2",
        "MQTT-3.15.2-2", "MQTT-3.15.2-3"
    })
    void firstTheReasonStringThenTheUserProperties() {
        for (ControlPacket packet : PACKETS) {
            ByteBuilder whole = new ByteBuilder(64);
            assertThat(PacketEncoder.encode(packet, ProtocolVersion.V5, whole)).isTrue();
            for (int max = whole.length(); max > 3; max--) {
                ByteBuilder out = new ByteBuilder(64);
                if (!PacketEncoder.encode(packet, ProtocolVersion.V5, max, out)) {
                    assertThat(out.length()).isZero();
                    continue;
                }
                assertThat(out.length()).isLessThanOrEqualTo(max);
                PacketDecoder decoder = new PacketDecoder(1_000);
                decoder.version(ProtocolVersion.V5);
                decoder.feed(out.array(), 0, out.length());
                decoder.next();
                Properties left = decoder.packet().properties();
                boolean reason = left.has(Property.REASON_STRING);
                boolean pairs = left.has(Property.USER_PROPERTY);
                assertThat(reason).as("%s of %d bytes", packet.type(), max).isEqualTo(max == whole.length());
                assertThat(pairs).isEqualTo(reason || max >= whole.length() - "because".length() - 3);
            }
        }
    }
}
