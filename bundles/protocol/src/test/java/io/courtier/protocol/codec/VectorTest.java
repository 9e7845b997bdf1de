// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ProtocolVersion;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VectorTest {
    static List<Vector> all() {
        return Vector.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void isWhatItsRowSays(Vector vector) {
        PacketDecoder decoder = vector.decoder();
        decoder.feed(vector.bytes(), 0, vector.bytes().length);
        String seen = Seen.next(decoder);
        if (!vector.isPacket()) {
            assertThat(seen).isEqualTo(vector.outcome());
            return;
        }
        String[] expected = vector.outcome().split(" ");
        assertThat(seen).startsWith(expected[0] + " ");
        Map<String, String> facts = Seen.facts(decoder);
        for (int i = 1; i < expected.length; i++) {
            int equals = expected[i].indexOf('=');
            assertThat(facts).containsEntry(expected[i].substring(0, equals), expected[i].substring(equals + 1));
        }
        assertThat(decoder.size()).isEqualTo(vector.bytes().length);
        assertThat(Seen.next(decoder)).isEqualTo("more");
    }

    @ParameterizedTest
    @MethodSource("all")
    void isTheSameWhereverItIsCut(Vector vector) {
        String whole = whole(vector);
        byte[] bytes = vector.bytes();
        for (int cut = 0; cut <= bytes.length; cut++) {
            // Of the long ones only the ends: what lies between is payload.
            if (cut == 200 && bytes.length > 400) cut = bytes.length - 200;
            PacketDecoder decoder = vector.decoder();
            decoder.feed(bytes, 0, cut);
            String seen = Seen.next(decoder);
            if (seen.equals("more")) {
                decoder.feed(bytes, cut, bytes.length - cut);
                seen = Seen.next(decoder);
            } else if (cut < bytes.length) {
                // Only a refusal may come early.
                assertThat(vector.isRefused()).isTrue();
            }
            assertThat(seen).as("cut at " + cut).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void isTheSameByteByByteInALentArray(Vector vector) {
        String whole = whole(vector);
        PacketDecoder decoder = vector.decoder();
        byte[] lent = new byte[3];
        String seen = "more";
        for (int i = 0; i < vector.bytes().length && seen.equals("more"); i++) {
            lent[1] = vector.bytes()[i];
            decoder.feed(lent, 1, 1);
            seen = Seen.next(decoder);
            // Whoever lends it uses it again.
            Arrays.fill(lent, (byte) 0x55);
        }
        if (vector.isPacket()) assertThat(Seen.next(decoder)).isEqualTo("more");
        assertThat(seen).isEqualTo(whole);
    }

    @ParameterizedTest
    @MethodSource("all")
    void isTheSameBetweenOthers(Vector vector) {
        if (vector.file().equals("connect.txt") || vector.outcome().equals("more")) return;
        byte[] ping = {(byte) 0xC0, 0};
        byte[] bytes = vector.bytes();
        byte[] all = Arrays.copyOf(ping, 4 + bytes.length);
        System.arraycopy(bytes, 0, all, 2, bytes.length);
        System.arraycopy(ping, 0, all, 2 + bytes.length, 2);
        PacketDecoder decoder = vector.decoder();
        decoder.feed(all, 0, all.length);
        assertThat(Seen.next(decoder)).startsWith("PINGREQ");
        assertThat(Seen.next(decoder)).isEqualTo(whole(vector));
        assertThat(Seen.next(decoder)).startsWith(vector.isPacket() ? "PINGREQ" : vector.outcome());
    }

    @ParameterizedTest
    @MethodSource("all")
    void saysTheSameWhenWrittenAgain(Vector vector) {
        if (!vector.isPacket()) return;
        PacketDecoder decoder = vector.decoder();
        decoder.feed(vector.bytes(), 0, vector.bytes().length);
        Seen.next(decoder);
        Map<String, String> first = Seen.facts(decoder);
        ProtocolVersion version = decoder.version();
        ByteBuilder out = new ByteBuilder(4);
        assertThat(PacketEncoder.encode(decoder.packet(), version, out)).isTrue();
        PacketDecoder again = vector.decoder();
        again.feed(out.array(), 0, out.length());
        Seen.next(again);
        Map<String, String> second = Seen.facts(again);
        // A reason or a flag may have been spelt out that we leave out.
        first.remove("size");
        second.remove("size");
        assertThat(second).isEqualTo(first);
    }

    @Test
    void citesStatementsAsTheStandardNumbersThem() {
        for (Vector vector : all()) {
            assertThat(vector.statements()).allMatch(id -> id.matches("MQTT-[1-4](\\.\\d+)+-\\d+"), vector.toString());
        }
    }

    @Test
    void hasNoNameTwice() {
        for (String file : Vector.FILES) {
            Set<String> names = new HashSet<>();
            for (Vector vector : Vector.read(file)) {
                assertThat(names.add(vector.name() + vector.version()))
                        .as(vector.toString())
                        .isTrue();
            }
        }
    }

    private static String whole(Vector vector) {
        PacketDecoder decoder = vector.decoder();
        decoder.feed(vector.bytes(), 0, vector.bytes().length);
        return Seen.next(decoder);
    }
}
