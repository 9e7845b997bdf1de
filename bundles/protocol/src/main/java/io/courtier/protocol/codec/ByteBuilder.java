// SPDX-License-Identifier: Apache-2.0
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

    /** Counts in bytes that the caller wrote into {@link #array} from {@link #length} on, within the room reserved. */
    public void advance(int count) {
        if (count < 0 || count > bytes.length - length) throw new IllegalArgumentException("more than was reserved");
        length += count;
    }

    /**
     * Writes how many bytes follow the one at this position into it, as a Variable Byte Integer; moves them up where it
     * takes more than that one byte. For lengths that are known only when their content was written.
     */
    public void lengthAt(int position) {
        int count = length - position - 1;
        int more = variableByteIntegerSize(count) - 1;
        if (more > 0) {
            reserve(more);
            System.arraycopy(bytes, position + 1, bytes, position + 1 + more, count);
        }
        writeVariableByteInteger(count, bytes, position);
        length += more;
    }

    /** 1 to 4. */
    static int variableByteIntegerSize(int value) {
        return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
    }

    /** Returns the position behind it. */
    static int writeVariableByteInteger(int value, byte[] to, int position) {
        int p = position;
        int rest = value;
        while (rest > 0x7F) {
            to[p++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        to[p++] = (byte) rest;
        return p;
    }

    /** Makes room for so many more bytes. */
    public void reserve(int more) {
        if (more > bytes.length - length) {
            byte[] grown = new byte[Math.max(bytes.length * 2, length + more)];
            System.arraycopy(bytes, 0, grown, 0, length);
            bytes = grown;
        }
    }
}
