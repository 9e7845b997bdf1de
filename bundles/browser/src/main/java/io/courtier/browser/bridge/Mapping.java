// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import org.jspecify.annotations.Nullable;

/**
 * Which topics a bridge carries, and what they are called on both sides: {@code localPrefix + rest} here is
 * {@code remotePrefix + rest} there.
 *
 * @param filter of the rest
 * @param qos at most
 * @throws IllegalArgumentException where a prefix and the filter make no Topic Filter, or a shared one
 */
public record Mapping(String filter, Direction direction, QoS qos, String localPrefix, String remotePrefix) {
    public enum Direction {
        /** From there to here. */
        IN,
        OUT,
        BOTH
    }

    public Mapping {
        check(localPrefix, filter);
        check(remotePrefix, filter);
    }

    private static void check(String prefix, String filter) {
        if (prefix.indexOf('+') >= 0 || prefix.indexOf('#') >= 0) {
            throw new IllegalArgumentException("a prefix has no wildcards: " + prefix);
        }
        if (TopicFilter.of(prefix + filter).isShared()) {
            throw new IllegalArgumentException("a bridge shares no subscription: " + prefix + filter);
        }
    }

    boolean carries(Side from) {
        return direction == Direction.BOTH || direction == (from == Side.LOCAL ? Direction.OUT : Direction.IN);
    }

    String filter(Side side) {
        return prefix(side) + filter;
    }

    private String prefix(Side side) {
        return side == Side.LOCAL ? localPrefix : remotePrefix;
    }

    /** The part of a topic that both sides have; null where it has no such part. */
    @Nullable
    String rest(String topic, Side side) {
        String prefix = prefix(side);
        if (topic.startsWith(prefix)) return topic.substring(prefix.length());
        // "a/#" matches "a" too: the prefix without its slash.
        return prefix.equals(topic + "/") ? "" : null;
    }

    /** What a topic is called there; null where nothing is left of it. */
    @Nullable
    String topic(String rest, Side side) {
        String prefix = prefix(side);
        if (!rest.isEmpty() || !prefix.endsWith("/")) {
            String topic = prefix + rest;
            return topic.isEmpty() ? null : topic;
        }
        return prefix.length() == 1 ? null : prefix.substring(0, prefix.length() - 1);
    }
}
