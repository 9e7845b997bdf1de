// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.TopicNames;
import org.jspecify.annotations.Nullable;

/**
 * The topics that a shard saw lately, found by their bytes, each with what it matches. Most topics come again and again:
 * so neither their name is made nor the trees are walked for each message. A fixed table; a newcomer takes the place of
 * whom it collides with.
 */
final class TopicCache implements TopicNames {
    private static final int SIZE = 8_192;
    /** Longer topics are rare, and would make the table a way to hold a lot of memory. */
    private static final int LENGTH_MAX = 512;

    /** A topic, what it leads to, and the versions of the tables for which that holds. */
    static final class Entry {
        final TopicName topic;
        long routesVersion = -1;
        Routes.Match routes = Routes.Match.NOTHING;
        long treeVersion = -1;
        Recipient[] recipients = {};

        Entry(TopicName topic) {
            this.topic = topic;
        }
    }

    private final @Nullable Entry[] entries = new Entry[SIZE];
    private Entry last = new Entry(TopicName.NONE);

    @Override
    public @Nullable TopicName topic(byte[] bytes, int offset, int length) {
        if (last.topic.isSame(bytes, offset, length)) return last.topic;
        int hash = TopicName.hash(bytes, offset, length);
        Entry entry = entries[hash & SIZE - 1];
        if (entry != null && entry.topic.isSame(bytes, offset, length)) {
            last = entry;
            return entry.topic;
        }
        TopicName topic = TopicName.decode(bytes, offset, length);
        if (topic != null) keep(topic);
        return topic;
    }

    /** The entry of a topic; of one that was just decoded it is at hand. */
    @SuppressWarnings("ReferenceEquality") // Identity first: mostly it is the one that was just decoded.
    Entry entry(TopicName topic) {
        if (last.topic == topic) return last;
        Entry entry = entries[topic.hashCode() & SIZE - 1];
        if (entry != null && entry.topic.equals(topic)) return last = entry;
        return keep(topic);
    }

    private Entry keep(TopicName topic) {
        Entry entry = new Entry(topic);
        if (topic.length() <= LENGTH_MAX) entries[topic.hashCode() & SIZE - 1] = entry;
        return last = entry;
    }
}
