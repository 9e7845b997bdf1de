// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Which shards have a subscription that matches a topic: the one table, beside the retained messages, that all shards
 * share. Read by every publisher, without a lock; written when the first subscription to a filter comes to a shard or the
 * last one goes.
 *
 * <p>A path is changed inside the map entries that lead to it, each holding the one below: so a node is never removed while
 * something is added under it. What a reader found may be kept as long as {@link #version} has not moved on.
 */
public final class Routes {
    private static final SharedRoute[] NO_GROUPS = {};

    /**
     * What a topic leads to.
     *
     * @param kept there may be sessions among them that outlive the broker
     * @param full there is a session among them that wants no more for now
     */
    record Match(long shards, SharedRoute[] groups, boolean kept, boolean full) {
        static final Match NOTHING = new Match(0, NO_GROUPS, false, false);
    }

    private static final class Node {
        private final Map<String, Node> children = new ConcurrentHashMap<>(2);
        /** Bit s: shard s has a subscription to the filter that ends here. */
        private volatile long shards;
        /** Bit s: one of these subscriptions is, or was, of a session that outlives the broker. */
        private volatile long kept;
        /** How many sessions with a subscription want no more for now. */
        private volatile int full;

        private volatile SharedRoute[] groups = NO_GROUPS;

        boolean isEmpty() {
            return shards == 0 && groups.length == 0 && children.isEmpty();
        }
    }

    private interface Change {
        void apply(Node node);
    }

    private final Node root = new Node();
    private final AtomicLong version = new AtomicLong();

    /** Moves on with each change. Read it before {@link #match}, and compare before using what was found. */
    long version() {
        return version.get();
    }

    void add(TopicFilter filter, int shard) {
        change(root, filter.levels(), 0, node -> node.shards |= 1L << shard);
        version.incrementAndGet();
    }

    /** A subscription of a session that outlives the broker came to a filter that the shard is at. */
    void keep(TopicFilter filter, int shard) {
        change(root, filter.levels(), 0, node -> node.kept |= 1L << shard);
        version.incrementAndGet();
    }

    /** A session that subscribed to a filter wants no more for now (1), or again (-1). */
    void full(TopicFilter filter, int more) {
        change(root, filter.levels(), 0, node -> node.full = Math.max(0, node.full + more));
        version.incrementAndGet();
    }

    void remove(TopicFilter filter, int shard) {
        change(root, filter.levels(), 0, node -> {
            node.shards &= ~(1L << shard);
            node.kept &= ~(1L << shard);
        });
        version.incrementAndGet();
    }

    /** Tells how many members of a shared group a shard has now, and whether one of them outlives the broker. */
    void members(TopicFilter filter, String shareName, int shard, int members, boolean kept) {
        change(root, filter.levels(), 0, node -> {
            SharedRoute[] groups = node.groups;
            int at = 0;
            while (at < groups.length && !groups[at].shareName().equals(shareName)) at++;
            SharedRoute old = at < groups.length ? groups[at] : new SharedRoute(filter, shareName, new int[64], false);
            SharedRoute changed = old.with(shard, members, kept);
            List<SharedRoute> next = new ArrayList<>(List.of(groups));
            if (at < groups.length) next.remove(at);
            if (changed.total() > 0) next.add(changed);
            node.groups = next.isEmpty() ? NO_GROUPS : next.toArray(NO_GROUPS);
        });
        version.incrementAndGet();
    }

    private static void change(Node node, String[] levels, int depth, Change change) {
        if (depth == levels.length) {
            change.apply(node);
            return;
        }
        node.children.compute(levels[depth], (level, child) -> {
            Node below = child == null ? new Node() : child;
            change(below, levels, depth + 1, change);
            return below.isEmpty() ? null : below;
        });
    }

    Match match(TopicName topic) {
        Matching matching = new Matching(topic.levels());
        // A filter that begins with a wildcard does not match a topic that begins with $. [MQTT-4.7.2-1]
        matching.walk(root, 0, !topic.isReserved());
        return matching.shards == 0 && matching.groups.isEmpty()
                ? Match.NOTHING
                : new Match(matching.shards, matching.groups.toArray(NO_GROUPS), matching.kept, matching.full);
    }

    private static final class Matching {
        private final String[] levels;
        private long shards;
        private boolean kept;
        private boolean full;
        private final List<SharedRoute> groups = new ArrayList<>(0);

        Matching(String[] levels) {
            this.levels = levels;
        }

        void walk(Node node, int depth, boolean wildcards) {
            if (wildcards) take(node.children.get("#"));
            if (depth == levels.length) {
                take(node);
                return;
            }
            Node exact = node.children.get(levels[depth]);
            if (exact != null) walk(exact, depth + 1, true);
            Node any = wildcards ? node.children.get("+") : null;
            if (any != null) walk(any, depth + 1, true);
        }

        private void take(@Nullable Node node) {
            if (node == null) return;
            shards |= node.shards;
            kept |= node.kept != 0;
            full |= node.full > 0;
            for (SharedRoute group : node.groups) {
                groups.add(group);
                kept |= group.kept();
            }
        }
    }
}
