package io.courtier.protocol.codec;

import io.courtier.protocol.Utf8;

/** A growing array that packets are encoded into; kept by its owner from turn to turn. Not for more than one thread. */
public final class ByteBuilder {
    private byte[] bytes;
    private int length;

    public ByteBuilder(int capacity) {
        bytes = new byte[capacity];
    }

    /** The array: valid up to {@link #length} until the next write. */
    public byte[] array() {
        return bytes;
    }

    public int length() {
        return length;
    }

    public void clear() {
        length = 0;
    }

    /** Forgets everything from a position on. */
    public void truncate(int length) {
        this.length = length;
    }

    public ByteBuilder u8(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
        return this;
    }

    public ByteBuilder u16(int value) {
        reserve(2);
        bytes[length++] = (byte) (value >> 8);
        bytes[length++] = (byte) value;
        return this;
    }

    public ByteBuilder u32(long value) {
        return u16((int) (value >> 16)).u16((int) value);
    }

    /** A Variable Byte Integer of 0 to 268,435,455 in the fewest bytes. [MQTT-1.5.5-1] */
    public ByteBuilder variableByteInteger(int value) {
        int rest = value;
        while (rest > 0x7F) {
            u8(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        return u8(rest);
    }

    /** A UTF-8 Encoded String; IllegalArgumentException where MQTT has no such string or it is longer than 65,535 bytes. */
    public ByteBuilder utf8(String text) {
        int size = Utf8.length(text);
        if (size < 0 || size > 65_535) throw new IllegalArgumentException("not a UTF-8 Encoded String of MQTT");
        u16(size);
        reserve(size);
        length = Utf8.write(text, bytes, length);
        return this;
    }

    /** Binary Data: a two-byte length and at most 65,535 bytes. */
    public ByteBuilder binary(byte[] data) {
        if (data.length > 65_535) throw new IllegalArgumentException("Binary Data of more than 65,535 bytes");
        return u16(data.length).raw(data, 0, data.length);
    }

    public ByteBuilder raw(byte[] data, int offset, int count) {
        reserve(count);
        System.arraycopy(data, offset, bytes, length, count);
        length += count;
        return this;
    }

    /** Makes room for so many more bytes. */
    public void reserve(int more) {
        if (length + more > bytes.length) {
            byte[] grown = new byte[Math.max(bytes.length * 2, length + more)];
            System.arraycopy(bytes, 0, grown, 0, length);
            bytes = grown;
        }
    }
}
