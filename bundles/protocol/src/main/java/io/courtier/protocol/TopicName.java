// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A Topic Name: at least one character [MQTT-4.7.3-1], no wildcards [MQTT-3.3.2-2], at most 65,535 bytes [MQTT-4.7.3-3].
 * Kept as the bytes of the wire, since that is how it comes and goes; the string and its levels are made when asked for.
 * Safe to share among threads.
 */
public final class TopicName {
    /** What a PUBLISH carries when only its Topic Alias counts. */
    public static final TopicName NONE = new TopicName(new byte[0], 0);

    private final byte[] utf8;
    private final int hash;
    // Both are made from the same bytes whoever makes them, so a race makes them twice and harms nothing.
    private @Nullable String text;
    private String @Nullable [] levels;

    private TopicName(byte[] utf8, int hash) {
        this.utf8 = utf8;
        this.hash = hash;
    }

    /** The topic of a string; IllegalArgumentException where it is none. */
    public static TopicName of(String text) {
        byte[] utf8 = Utf8.encode(text);
        boolean none = utf8.length == 0 || utf8.length > 65_535;
        for (byte b : utf8) none |= b == '+' || b == '#';
        if (none) throw new IllegalArgumentException("not a Topic Name: " + text);
        return new TopicName(utf8, hash(utf8, 0, utf8.length));
    }

    /** The topic of bytes, copied, or null where they are none. */
    public static @Nullable TopicName decode(byte[] bytes, int offset, int length) {
        if (length == 0 || length > 65_535) return null;
        boolean ascii = true;
        for (int i = offset; i < offset + length; i++) {
            byte b = bytes[i];
            if (b == '+' || b == '#') return null;
            ascii &= b > 0;
        }
        if (!ascii && !Utf8.isValid(bytes, offset, length)) return null;
        byte[] utf8 = new byte[length];
        System.arraycopy(bytes, offset, utf8, 0, length);
        return new TopicName(utf8, hash(bytes, offset, length));
    }

    /** The hash that {@link #hashCode} of the topic of these bytes gives; looks at no more than 32 of them. */
    public static int hash(byte[] bytes, int offset, int length) {
        int h = length;
        // Topics differ mostly at the end (device, room, metric) and are short: a few bytes of a long one tell enough.
        int step = length <= 32 ? 1 : length >> 5;
        for (int i = offset + length - 1; i >= offset; i -= step) h = h * 31 + bytes[i];
        return h ^ h >>> 15;
    }

    /** The bytes, not to be modified. */
    public byte[] utf8() {
        return utf8;
    }

    public int length() {
        return utf8.length;
    }

    /** True for topics that begin with $: no filter that begins with a wildcard matches them. [MQTT-4.7.2-1] */
    public boolean isReserved() {
        return utf8.length > 0 && utf8[0] == '$';
    }

    public boolean isSame(byte[] bytes, int offset, int length) {
        if (length != utf8.length) return false;
        // From the end, where topics differ.
        for (int i = length - 1; i >= 0; i--) if (utf8[i] != bytes[offset + i]) return false;
        return true;
    }

    /** Its levels, not to be modified; at least one, and any may be empty. [MQTT-4.7.1-1] */
    public String[] levels() {
        String[] split = levels;
        if (split == null) levels = split = TopicFilter.split(toString());
        return split;
    }

    @Override
    public String toString() {
        String made = text;
        if (made == null) {
            made = Utf8.decode(utf8, 0, utf8.length);
            if (made == null) throw new IllegalStateException("validated at birth");
            text = made;
        }
        return made;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof TopicName topic && hash == topic.hash && isSame(topic.utf8, 0, topic.utf8.length);
    }
}
