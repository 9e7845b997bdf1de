// SPDX-License-Identifier: Apache-2.0
package io.courtier.benchmarks.browser;

import io.courtier.browser.web.Bytes;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.typedarrays.Uint8Array;

/** A PUBLISH of QoS 1 there and back: inside compiled code, and with each packet over the border. */
public final class Codec {
    private static final ByteBuilder OUT = new ByteBuilder(1 << 10);
    private static final PacketDecoder DECODER = new PacketDecoder(1 << 20);

    static {
        DECODER.version(ProtocolVersion.V5);
    }

    private Codec() {}

    public static void main(String[] arguments) {
        // There is nothing to start.
    }

    /** Takes what was decoded. */
    @JSFunctor
    public interface Decoded extends JSObject {
        void publish(String topic, Uint8Array payload, int packetIdentifier);
    }

    /** Encodes and decodes so many, and gives the sum of what was in them, so that nothing can be left out. */
    @JSExport
    public static double loop(int count, String topic, int payloadBytes) {
        TopicName name = TopicName.of(topic);
        byte[] payload = new byte[payloadBytes];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            payload[i % payloadBytes] = (byte) i;
            encode(name, payload, 1 + (i & 0x7FFF));
            decode(OUT.array(), OUT.length());
            sum += DECODER.packetIdentifier()
                    + DECODER.payload().length
                    + DECODER.topic().toString().length();
        }
        return sum;
    }

    @JSExport
    public static Uint8Array encode(String topic, Uint8Array payload, int packetIdentifier) {
        encode(TopicName.of(topic), Bytes.toJava(payload), packetIdentifier);
        byte[] packet = new byte[OUT.length()];
        System.arraycopy(OUT.array(), 0, packet, 0, packet.length);
        return Bytes.toJs(packet);
    }

    @JSExport
    public static void decode(Uint8Array packet, Decoded to) {
        byte[] bytes = Bytes.toJava(packet);
        decode(bytes, bytes.length);
        to.publish(DECODER.topic().toString(), Bytes.toJs(DECODER.payload()), DECODER.packetIdentifier());
    }

    private static void encode(TopicName topic, byte[] payload, int packetIdentifier) {
        OUT.clear();
        PacketEncoder.encode(
                new Publish(false, QoS.AT_LEAST_ONCE, false, packetIdentifier, topic, payload, Properties.NONE),
                ProtocolVersion.V5,
                OUT);
    }

    private static void decode(byte[] bytes, int length) {
        DECODER.feed(bytes, 0, length);
        if (DECODER.next() != PacketType.PUBLISH) throw new IllegalStateException("not what was encoded");
        if (DECODER.payload() == null) throw new IllegalStateException("no payload");
    }
}
