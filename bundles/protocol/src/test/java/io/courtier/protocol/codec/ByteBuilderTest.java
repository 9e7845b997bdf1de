// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.Spec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteBuilderTest {
    private final ByteBuilder out = new ByteBuilder(0);

    @ParameterizedTest
    @CsvSource({
        "0, 00",
        "127, 7F",
        "128, 8001",
        "16383, FF7F",
        "16384, 808001",
        "2097151, FFFF7F",
        "2097152, 80808001",
        "268435455, FFFFFF7F"
    })
    @Spec("MQTT-1.5.5-1")
    void writesVariableByteIntegersInTheFewestBytes(int value, String hex) {
        out.variableByteInteger(value);
        assertThat(written()).isEqualTo(hex);
        assertThat(ByteBuilder.variableByteIntegerSize(value)).isEqualTo(hex.length() / 2);
        BodyReader reader = new BodyReader();
        reader.begin(out.array(), 0, out.length());
        assertThat(reader.variableByteInteger()).isEqualTo(value);
        reader.end();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 300, 16_383, 16_384, 3_000_000})
    void putsALengthBeforeWhatWasWritten(int length) {
        out.u8(0x55).u8(0).raw(new byte[length], 0, length);
        out.lengthAt(1);
        BodyReader reader = new BodyReader();
        reader.begin(out.array(), 1, out.length());
        assertThat(reader.variableByteInteger()).isEqualTo(length);
        assertThat(reader.left()).isEqualTo(length);
    }

    @Test
    void writesNumbersMostSignificantByteFirst() {
        out.u8(0x1FF).u16(0x1234).u32(0xFEDC_BA98L).utf8("\u20AC").binary(new byte[] {7});
        assertThat(written()).isEqualTo("FF1234FEDCBA980003E282AC000107");
    }

    @Test
    void countsInNoMoreThanWasReserved() {
        out.reserve(4);
        out.advance(4);
        assertThat(out.length()).isEqualTo(4);
        assertThatThrownBy(() -> out.advance(out.array().length)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> out.advance(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesBinaryDataOfMoreThan65535Bytes() {
        assertThatThrownBy(() -> out.binary(new byte[65_536])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> out.utf8("a".repeat(65_536))).isInstanceOf(IllegalArgumentException.class);
    }

    private String written() {
        byte[] bytes = new byte[out.length()];
        System.arraycopy(out.array(), 0, bytes, 0, bytes.length);
        return Seen.hex(bytes);
    }
}
