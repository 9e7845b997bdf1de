// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A Topic Filter, split once: levels, and the Share Name where it is that of a Shared Subscription
 * ({@code $share/name/filter}). [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.8.2-1] [MQTT-4.8.2-2]
 */
public final class TopicFilter {
    private static final String SHARE = "$share";

    private final String text;
    private final String[] levels;
    private final @Nullable String shareName;

    private TopicFilter(String text, String[] levels, @Nullable String shareName) {
        this.text = text;
        this.levels = levels;
        this.shareName = shareName;
    }

    /** The filter of a string; IllegalArgumentException where it is none. */
    public static TopicFilter of(String text) {
        TopicFilter filter = parse(text);
        if (filter == null) throw new IllegalArgumentException("not a Topic Filter: " + text);
        return filter;
    }

    /** The filter of a string, or null where it is none. */
    public static @Nullable TopicFilter parse(String text) {
        if (text.isEmpty() || Utf8.length(text) < 0 || Utf8.length(text) > 65_535) return null;
        String[] levels = split(text);
        String shareName = null;
        if (levels[0].equals(SHARE)) {
            if (levels.length < 3 || levels[1].isEmpty() || hasWildcard(levels[1])) return null;
            if (levels.length == 3 && levels[2].isEmpty()) return null;
            shareName = levels[1];
            String[] rest = new String[levels.length - 2];
            System.arraycopy(levels, 2, rest, 0, rest.length);
            levels = rest;
        }
        for (int i = 0; i < levels.length; i++) {
            String level = levels[i];
            if (level.length() == 1 && (level.charAt(0) == '+' || level.charAt(0) == '#' && i == levels.length - 1))
                continue;
            if (hasWildcard(level)) return null;
        }
        return new TopicFilter(text, levels, shareName);
    }

    /** Splits at slashes; there is always one level more than slashes. */
    static String[] split(String text) {
        int count = 1;
        for (int i = 0; i < text.length(); i++) if (text.charAt(i) == '/') count++;
        String[] levels = new String[count];
        int from = 0;
        for (int level = 0; level < count; level++) {
            int to = text.indexOf('/', from);
            if (to < 0) to = text.length();
            levels[level] = text.substring(from, to);
            from = to + 1;
        }
        return levels;
    }

    private static boolean hasWildcard(String level) {
        return level.indexOf('+') >= 0 || level.indexOf('#') >= 0;
    }

    /** Its levels without {@code $share/name}, not to be modified. */
    public String[] levels() {
        return levels;
    }

    public @Nullable String shareName() {
        return shareName;
    }

    public boolean isShared() {
        return shareName != null;
    }

    /** True where it holds {@code +} or {@code #}. */
    public boolean hasWildcards() {
        for (String level : levels) if (level.equals("+") || level.equals("#")) return true;
        return false;
    }

    /** Whether a topic matches; a Share Name plays no part. [MQTT-4.7.2-1] */
    public boolean matches(TopicName topic) {
        String[] names = topic.levels();
        if (topic.isReserved() && (levels[0].equals("+") || levels[0].equals("#"))) return false;
        for (int i = 0; i < levels.length; i++) {
            if (levels[i].equals("#")) return true;
            if (i == names.length || !levels[i].equals("+") && !levels[i].equals(names[i])) {
                // "sport/#" matches "sport" too: the multi-level wildcard includes the parent.
                return false;
            }
            if (i + 1 == names.length)
                return levels.length == names.length || levels.length == i + 2 && levels[i + 1].equals("#");
        }
        return false;
    }

    /** The whole filter as it came, {@code $share} included. */
    @Override
    public String toString() {
        return text;
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TopicFilter filter && text.equals(filter.text);
    }
}
