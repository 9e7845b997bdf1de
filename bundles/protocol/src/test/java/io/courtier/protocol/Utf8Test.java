// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Spec({"MQTT-1.5.4-1", "MQTT-1.5.4-2", "MQTT-1.5.4-3"})
class Utf8Test {
    private final CharsetDecoder strict = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);

    private final CharBuffer chars = CharBuffer.allocate(64);

    @Test
    void knowsEveryCodePointButU0000() {
        for (int codePoint = 1; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            if (codePoint >= 0xD800 && codePoint <= 0xDFFF) continue;
            String text = new String(Character.toChars(codePoint));
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (!text.equals(Utf8.decode(bytes, 0, bytes.length))
                    || !Utf8.isValid(bytes, 0, bytes.length)
                    || Utf8.length(text) != bytes.length
                    || !Arrays.equals(Utf8.encode(text), bytes)) {
                throw new AssertionError(Integer.toHexString(codePoint));
            }
        }
    }

    @Test
    void agreesWithTheJdkOnAllShortSequences() {
        byte[] bytes = new byte[3];
        for (int length = 1; length <= 3; length++) {
            // The third byte says nothing new beyond the borders of its ranges.
            int[] last = length == 3 ? new int[] {0, 0x41, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF} : new int[] {0};
            for (int i = 0; i < 1 << 8 * Math.min(length, 2); i++) {
                bytes[0] = (byte) i;
                bytes[1] = (byte) (i >> 8);
                for (int third : last) {
                    bytes[2] = (byte) third;
                    compare(bytes, length);
                }
            }
        }
    }

    @Test
    void agreesWithTheJdkOnAllSequencesOfFourAtTheBorders() {
        int[] borders = {0, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
        for (int first = 0xC0; first <= 0xFF; first++) {
            for (int second = 0; second <= 0xFF; second++) {
                for (int third : borders) {
                    for (int fourth : borders) {
                        compare(new byte[] {(byte) first, (byte) second, (byte) third, (byte) fourth}, 4);
                    }
                }
            }
        }
    }

    @Test
    void agreesWithTheJdkOnRandomText() {
        long seed = 20261120;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = (byte) (random.nextInt(4) > 0 ? 0x20 + random.nextInt(0x5F) : random.nextInt(256));
            }
            compare(bytes, bytes.length);
        }
    }

    private void compare(byte[] bytes, int length) {
        chars.clear();
        strict.reset();
        boolean legal =
                strict.decode(ByteBuffer.wrap(bytes, 0, length), chars, true).isUnderflow();
        String expected = legal ? chars.flip().toString() : null;
        if (legal && expected.indexOf(0) >= 0) expected = null;
        String found = Utf8.decode(bytes, 0, length);
        if (!Objects.equals(found, expected) || Utf8.isValid(bytes, 0, length) != (expected != null)) {
            throw new AssertionError(HexFormat.of().formatHex(bytes, 0, length) + " is " + found);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "C080",
                "C1BF",
                "E08080",
                "E080AF",
                "E09FBF",
                "F0808080",
                "F08080AF",
                "F08FBFBF",
                "EDA080",
                "EDBFBF",
                "EDA080EDB080",
                "F4908080",
                "F5808080",
                "F8808080",
                "FC",
                "FE",
                "FF",
                "80",
                "BF",
                "C2",
                "E282",
                "F09F98",
                "00",
                "610062",
                "C2E2",
                "E2C2",
                "F0C2"
            })
    void refuses(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThat(Utf8.isValid(bytes, 0, bytes.length)).isFalse();
        assertThat(Utf8.decode(bytes, 0, bytes.length)).isNull();
    }

    @Test
    void doesNotLookBehindTheLength() {
        byte[] bytes = {'a', (byte) 0xC2, (byte) 0xA2};
        assertThat(Utf8.isValid(bytes, 0, 2)).isFalse();
        assertThat(Utf8.decode(bytes, 0, 2)).isNull();
        assertThat(Utf8.decode(bytes, 1, 2)).isEqualTo("\u00A2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD800", "a\uDC00", "\uDC00\uD800", "\uD800\uD800", "\uD83Da", "a\0b"})
    void hasNoBytesForWhatMqttHasNot(String text) {
        assertThat(Utf8.length(text)).isEqualTo(-1);
        assertThatThrownBy(() -> Utf8.encode(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
