// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Strict UTF-8, as MQTT wants it: no overlong forms, no surrogates, nothing above U+10FFFF, no U+0000. [MQTT-1.5.4-1]
 * [MQTT-1.5.4-2] Our own, because the class library of the browser build accepts overlong forms, which would let a client
 * smuggle a slash past an access rule.
 */
public final class Utf8 {
    private Utf8() {}

    /** True where the bytes are a string that MQTT allows. */
    public static boolean isValid(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int i = offset;
        while (i < end) {
            int b = bytes[i];
            if (b > 0) {
                i++;
                continue;
            }
            int n = sequenceLength(b & 0xFF);
            if (n == 0 || i + n > end || codePoint(bytes, i, n) < 0) return false;
            i += n;
        }
        return true;
    }

    /** The string of these bytes, or null where they are not allowed. */
    public static @Nullable String decode(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int i = offset;
        while (i < end && bytes[i] > 0) i++;
        char[] chars = new char[length];
        int c = 0;
        for (int k = offset; k < i; k++) chars[c++] = (char) bytes[k];
        while (i < end) {
            int b = bytes[i];
            if (b > 0) {
                chars[c++] = (char) b;
                i++;
                continue;
            }
            int n = sequenceLength(b & 0xFF);
            if (n == 0 || i + n > end) return null;
            int codePoint = codePoint(bytes, i, n);
            if (codePoint < 0) return null;
            i += n;
            if (codePoint < 0x10000) {
                chars[c++] = (char) codePoint;
            } else {
                chars[c++] = (char) (0xD7C0 + (codePoint >> 10));
                chars[c++] = (char) (0xDC00 + (codePoint & 0x3FF));
            }
        }
        return new String(chars, 0, c);
    }

    /** How many bytes a string takes, or -1 where it holds U+0000 or half a surrogate pair. */
    public static int length(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) return -1;
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (c < 0xD800 || c > 0xDFFF) {
                bytes += 3;
            } else {
                if (c > 0xDBFF || i + 1 == text.length()) return -1;
                char low = text.charAt(++i);
                if (low < 0xDC00 || low > 0xDFFF) return -1;
                bytes += 4;
            }
        }
        return bytes;
    }

    /** The bytes of a string; IllegalArgumentException where MQTT has no such string. */
    public static byte[] encode(String text) {
        int length = text.length();
        byte[] bytes = new byte[length];
        // Nearly all are ASCII, and need to be looked at once.
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == 0 || c >= 0x80) return encodeAny(text);
            bytes[i] = (byte) c;
        }
        return bytes;
    }

    private static byte[] encodeAny(String text) {
        int length = length(text);
        if (length < 0) throw new IllegalArgumentException("U+0000 or half a surrogate pair");
        byte[] bytes = new byte[length];
        write(text, bytes, 0);
        return bytes;
    }

    /** Writes a string whose length is not -1; returns the position behind it. */
    public static int write(String text, byte[] to, int position) {
        int p = position;
        for (int i = 0; i < text.length(); i++) {
            int c = text.charAt(i);
            if (c < 0x80) {
                to[p++] = (byte) c;
            } else if (c < 0x800) {
                to[p++] = (byte) (0xC0 | c >> 6);
                to[p++] = (byte) (0x80 | c & 0x3F);
            } else if (c < 0xD800 || c > 0xDFFF) {
                to[p++] = (byte) (0xE0 | c >> 12);
                to[p++] = (byte) (0x80 | c >> 6 & 0x3F);
                to[p++] = (byte) (0x80 | c & 0x3F);
            } else {
                int codePoint = 0x10000 + (c - 0xD800 << 10) + (text.charAt(++i) - 0xDC00);
                to[p++] = (byte) (0xF0 | codePoint >> 18);
                to[p++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
                to[p++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
                to[p++] = (byte) (0x80 | codePoint & 0x3F);
            }
        }
        return p;
    }

    /** 2 to 4 by the first byte; 0 where no sequence begins so (U+0000 among them). */
    private static int sequenceLength(int first) {
        if (first >= 0xC2 && first <= 0xDF) return 2;
        if (first >= 0xE0 && first <= 0xEF) return 3;
        if (first >= 0xF0 && first <= 0xF4) return 4;
        return 0;
    }

    /** The code point of a sequence of n bytes that are all there, or -1. */
    private static int codePoint(byte[] bytes, int at, int n) {
        int value = bytes[at] & (n == 2 ? 0x1F : n == 3 ? 0x0F : 0x07);
        for (int i = 1; i < n; i++) {
            int b = bytes[at + i];
            if ((b & 0xC0) != 0x80) return -1;
            value = value << 6 | b & 0x3F;
        }
        if (n == 3 && (value < 0x800 || value >= 0xD800 && value <= 0xDFFF)) return -1;
        if (n == 4 && (value < 0x10000 || value > 0x10FFFF)) return -1;
        return value;
    }
}
