// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import org.jspecify.annotations.Nullable;

/**
 * The topics of a rule: those of a Topic Filter, or with {@code $#} all that begin with {@code $}, which no filter of MQTT
 * says. Immutable.
 */
final class RuleFilter {
    private static final String RESERVED = "$#";
    private static final TopicFilter ALL = TopicFilter.of("#");

    /** Null for {@code $#}. */
    private final @Nullable TopicFilter filter;

    private RuleFilter(@Nullable TopicFilter filter) {
        this.filter = filter;
    }

    /** The filter of a text, or null where it is none. A shared one is none: what is shared plays no part in rules. */
    static @Nullable RuleFilter parse(String text) {
        if (text.equals(RESERVED)) return new RuleFilter(null);
        TopicFilter filter = TopicFilter.parse(text);
        return filter == null || filter.isShared() ? null : new RuleFilter(filter);
    }

    /** One that is not shared. */
    static RuleFilter of(TopicFilter filter) {
        return new RuleFilter(filter);
    }

    boolean matches(TopicName topic) {
        return filter == null ? topic.isReserved() : filter.matches(topic);
    }

    /** Whether it matches every topic that a subscription to the other filter could get. */
    boolean covers(TopicFilter requested) {
        return filter == null ? requested.levels()[0].startsWith("$") : covers(filter.levels(), requested.levels());
    }

    private static boolean covers(String[] rule, String[] requested) {
        // Both match everything: "+/#" the parent of its last level too, and a topic has one level at least.
        if (isAll(rule) && isAll(requested)) return true;
        for (int i = 0; i < rule.length; i++) {
            // A wildcard does not begin with $, and does not match what does. [MQTT-4.7.2-1]
            boolean reserved = i == 0 && requested[0].startsWith("$");
            if (rule[i].equals("#")) return !reserved;
            if (i == requested.length || requested[i].equals("#")) return false;
            boolean same = rule[i].equals(requested[i]);
            if (!same && (!rule[i].equals("+") || reserved)) return false;
        }
        return rule.length == requested.length;
    }

    private static boolean isAll(String[] levels) {
        return levels[0].equals("#") || levels.length == 2 && levels[0].equals("+") && levels[1].equals("#");
    }

    /** Whether it matches every topic that begins with $. */
    boolean coversReserved() {
        return filter == null;
    }

    /** Whether it matches every topic that does not. */
    boolean coversOrdinary() {
        return covers(ALL);
    }

    @Override
    public String toString() {
        return filter == null ? RESERVED : filter.toString();
    }
}
