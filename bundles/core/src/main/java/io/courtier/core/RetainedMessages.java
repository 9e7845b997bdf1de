// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.RetainStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The last retained message of each topic, shared by all shards: a tree by level, so that a filter costs what it matches
 * and not what is stored. Changed like {@link Routes}. [MQTT-3.3.1-5] [MQTT-3.3.1-6]
 */
public final class RetainedMessages {
    /** Instead of a position: the message was not kept. */
    static final long NO_ROOM = -1;

    private static final class Node {
        private final Map<String, Node> children = new ConcurrentHashMap<>(2);
        private volatile @Nullable ApplicationMessage message;

        boolean isEmpty() {
            return message == null && children.isEmpty();
        }
    }

    private final Node root = new Node();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final @Nullable RetainStore store;
    private final int max;
    private final long bytesMax;

    /** @param store where they outlive the broker, or null */
    public RetainedMessages(int max, long bytesMax, @Nullable RetainStore store) {
        this.store = store;
        this.max = max;
        this.bytesMax = bytesMax;
    }

    public int size() {
        return size.get();
    }

    /**
     * Puts a message in the place of its topic's last one; an empty payload takes that away. Gives its position in the
     * store, or {@link #NO_ROOM}: by count or by weight, and what was there stays.
     */
    long put(ApplicationMessage message) {
        boolean clears = message.payload().length == 0;
        if (!clears && !fits(message)) return NO_ROOM;
        long[] position = {DurableLog.NOWHERE};
        set(root, message.topic().levels(), 0, clears ? null : message, null, () -> position[0] = store(message));
        return position[0];
    }

    /** What the broker says of itself is true as long as it runs. */
    private long store(ApplicationMessage message) {
        boolean own = message.publisher() == null && message.topic().isReserved();
        return store == null || own ? DurableLog.NOWHERE : store.append(message);
    }

    private static ApplicationMessage nothing(TopicName topic) {
        return new ApplicationMessage(
                topic, new byte[0], QoS.AT_MOST_ONCE, true, Properties.NONE, null, ApplicationMessage.NEVER);
    }

    /** Takes up what the store has, before anything else happens. */
    public void restore() {
        if (store == null) return;
        store.replay(message -> set(root, message.topic().levels(), 0, message, null, () -> {}));
    }

    private boolean fits(ApplicationMessage message) {
        if (size.get() < max && bytes.get() + message.weight() <= bytesMax) return true;
        ApplicationMessage before = get(message.topic());
        return before != null && bytes.get() - before.weight() + message.weight() <= bytesMax;
    }

    /** Takes a message away if it is still its topic's last. */
    void remove(ApplicationMessage expired) {
        set(root, expired.topic().levels(), 0, null, expired, () -> store(nothing(expired.topic())));
    }

    private void set(
            Node node,
            String[] levels,
            int depth,
            @Nullable ApplicationMessage message,
            @Nullable ApplicationMessage onlyIf,
            Runnable stored) {
        node.children.compute(levels[depth], (level, child) -> {
            if (child == null && message == null) {
                // Said anew, for that it went may not be durable yet.
                if (onlyIf == null) stored.run();
                return null;
            }
            Node below = child == null ? new Node() : child;
            if (depth + 1 < levels.length) {
                set(below, levels, depth + 1, message, onlyIf, stored);
            } else if (onlyIf == null || below.message == onlyIf) {
                // In the order of the store they are seen: two shards may publish to one topic.
                stored.run();
                ApplicationMessage before = below.message;
                size.addAndGet((message == null ? 0 : 1) - (before == null ? 0 : 1));
                bytes.addAndGet((message == null ? 0 : message.weight()) - (before == null ? 0 : before.weight()));
                below.message = message;
            }
            return below.isEmpty() ? null : below;
        });
    }

    @Nullable
    ApplicationMessage get(TopicName topic) {
        Node node = root;
        for (String level : topic.levels()) {
            node = node.children.get(level);
            if (node == null) return null;
        }
        return node.message;
    }

    /** Every message whose topic matches. */
    List<ApplicationMessage> match(TopicFilter filter) {
        List<ApplicationMessage> found = new ArrayList<>();
        walk(root, filter.levels(), 0, found);
        return found;
    }

    private static void walk(Node node, String[] levels, int depth, List<ApplicationMessage> found) {
        if (depth == levels.length) {
            take(node, found);
            return;
        }
        String level = levels[depth];
        if (level.equals("#")) {
            if (depth > 0) take(node, found);
            all(node, depth == 0, found);
        } else if (level.equals("+")) {
            for (Map.Entry<String, Node> child : node.children.entrySet()) {
                if (depth > 0 || !child.getKey().startsWith("$")) walk(child.getValue(), levels, depth + 1, found);
            }
        } else {
            Node child = node.children.get(level);
            if (child != null) walk(child, levels, depth + 1, found);
        }
    }

    private static void all(Node node, boolean top, List<ApplicationMessage> found) {
        for (Map.Entry<String, Node> child : node.children.entrySet()) {
            if (top && child.getKey().startsWith("$")) continue;
            take(child.getValue(), found);
            all(child.getValue(), false, found);
        }
    }

    private static void take(Node node, List<ApplicationMessage> found) {
        ApplicationMessage message = node.message;
        if (message != null) found.add(message);
    }
}
