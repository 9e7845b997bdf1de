// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.TopicNames;
import java.util.Arrays;
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

    /** Recipients in all entries together: a message to 10,000 subscribers costs little to look up again. */
    private static final int RECIPIENTS_MAX = 1 << 20;

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
    private int recipients;

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
        if (topic.length() <= LENGTH_MAX) place(entry);
        return last = entry;
    }

    private void place(Entry entry) {
        int at = entry.topic.hashCode() & SIZE - 1;
        Entry before = entries[at];
        if (before != null) recipients -= before.recipients.length;
        entries[at] = entry;
    }

    /** Notes whom a topic matches, and for which version of the tree. When all that is noted grows too large it is forgotten. */
    @SuppressWarnings("ReferenceEquality") // Whether it is this entry that stands in the table.
    void matched(Entry entry, Recipient[] found, long treeVersion) {
        if (entries[entry.topic.hashCode() & SIZE - 1] == entry) {
            recipients += found.length - entry.recipients.length;
            if (recipients > RECIPIENTS_MAX) {
                Arrays.fill(entries, null);
                recipients = found.length;
                entries[entry.topic.hashCode() & SIZE - 1] = entry;
            }
        }
        entry.recipients = found;
        entry.treeVersion = treeVersion;
    }
}
