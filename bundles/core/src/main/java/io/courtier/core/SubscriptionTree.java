// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The subscriptions of one shard, by the levels of their filters. Tells {@link Routes} of the first and the last to a filter. */
final class SubscriptionTree {
    private static final Subscription[] NOBODY = {};
    private static final Recipient[] NO_RECIPIENTS = {};

    private static final class Node {
        private @Nullable Map<String, Node> children;
        private Subscription[] subscriptions = NOBODY;
        private @Nullable List<SharedGroup> groups;
        /** One of them is, or was, of a session that outlives the broker. */
        private boolean kept;

        @Nullable
        Node child(String level) {
            return children == null ? null : children.get(level);
        }

        boolean isEmpty() {
            return subscriptions.length == 0 && groups == null && (children == null || children.isEmpty());
        }
    }

    private final Node root = new Node();
    private final Routes routes;
    private final int shard;
    private long version;
    private int size;
    private int stamp;

    SubscriptionTree(Routes routes, int shard) {
        this.routes = routes;
        this.shard = shard;
    }

    /** Moves on with each change: what {@link #match} found may be kept until then. */
    long version() {
        return version;
    }

    int size() {
        return size;
    }

    /** Adds a subscription, or puts it in the place of the session's former one to the same filter. */
    void add(Subscription subscription) {
        version++;
        Node node = root;
        for (String level : subscription.filter.levels()) {
            Map<String, Node> children = node.children;
            if (children == null) node.children = children = new HashMap<>(4);
            node = children.computeIfAbsent(level, l -> new Node());
        }
        String shareName = subscription.filter.shareName();
        if (shareName != null) {
            List<SharedGroup> groups = node.groups;
            if (groups == null) node.groups = groups = new ArrayList<>(1);
            SharedGroup group = group(groups, shareName);
            if (group == null) groups.add(group = new SharedGroup(shareName));
            int before = group.size();
            group.remove(subscription.session);
            group.add(subscription);
            size += group.size() - before;
            if (group.size() > before) events(subscription).subscribed(client(subscription), subscription.filter);
            routes.members(subscription.filter, shareName, shard, group.size(), subscription.isKept());
            return;
        }
        Subscription[] old = node.subscriptions;
        for (int i = 0; i < old.length; i++) {
            if (old[i].session == subscription.session) {
                old[i] = subscription;
                keep(node, subscription);
                return;
            }
        }
        node.subscriptions = Arrays.copyOf(old, old.length + 1);
        node.subscriptions[old.length] = subscription;
        size++;
        if (old.length == 0) routes.add(subscription.filter, shard);
        keep(node, subscription);
        events(subscription).subscribed(client(subscription), subscription.filter);
    }

    private static CoreEvents events(Subscription subscription) {
        return subscription.session.shard.events();
    }

    private static String client(Subscription subscription) {
        return subscription.session.clientIdentifier;
    }

    private void keep(Node node, Subscription subscription) {
        if (node.kept || !subscription.isKept()) return;
        node.kept = true;
        routes.keep(subscription.filter, shard);
    }

    void remove(Subscription subscription) {
        version++;
        remove(root, subscription, 0);
    }

    private void remove(Node node, Subscription subscription, int depth) {
        String[] levels = subscription.filter.levels();
        if (depth < levels.length) {
            Node child = node.child(levels[depth]);
            if (child == null || node.children == null) return;
            remove(child, subscription, depth + 1);
            if (child.isEmpty()) node.children.remove(levels[depth]);
            return;
        }
        String shareName = subscription.filter.shareName();
        if (shareName != null) {
            SharedGroup group = node.groups == null ? null : group(node.groups, shareName);
            if (group == null || node.groups == null) return;
            int before = group.size();
            group.remove(subscription.session);
            size += group.size() - before;
            if (group.size() < before) events(subscription).unsubscribed(client(subscription), subscription.filter);
            if (group.size() == 0) node.groups.remove(group);
            if (node.groups.isEmpty()) node.groups = null;
            routes.members(subscription.filter, shareName, shard, group.size(), false);
            return;
        }
        Subscription[] old = node.subscriptions;
        int at = 0;
        while (at < old.length && old[at].session != subscription.session) at++;
        if (at == old.length) return;
        size--;
        events(subscription).unsubscribed(client(subscription), subscription.filter);
        if (old.length == 1) {
            node.subscriptions = NOBODY;
            node.kept = false;
            routes.remove(subscription.filter, shard);
            return;
        }
        Subscription[] rest = new Subscription[old.length - 1];
        System.arraycopy(old, 0, rest, 0, at);
        System.arraycopy(old, at + 1, rest, at, rest.length - at);
        node.subscriptions = rest;
    }

    /** Who is to have the messages of a topic, each session once; shared groups aside. */
    Recipient[] match(TopicName topic) {
        List<Subscription> found = new ArrayList<>();
        walk(root, topic.levels(), 0, !topic.isReserved(), found);
        if (found.isEmpty()) return NO_RECIPIENTS;
        Recipient[] recipients = new Recipient[found.size()];
        int n = 0;
        // A session is stamped with the place of its recipient: merging overlaps needs no map.
        int mark = ++stamp;
        for (Subscription subscription : found) {
            Session session = subscription.session;
            if (session.stamp == mark) {
                recipients[session.stampedAt] = recipients[session.stampedAt].and(subscription.recipient);
            } else {
                session.stamp = mark;
                session.stampedAt = n;
                recipients[n++] = subscription.recipient;
            }
        }
        return n == recipients.length ? recipients : Arrays.copyOf(recipients, n);
    }

    private static void walk(Node node, String[] levels, int depth, boolean wildcards, List<Subscription> found) {
        if (wildcards) {
            Node all = node.child("#");
            if (all != null) take(all, found);
        }
        if (depth == levels.length) {
            take(node, found);
            return;
        }
        Node exact = node.child(levels[depth]);
        if (exact != null) walk(exact, levels, depth + 1, true, found);
        Node any = wildcards ? node.child("+") : null;
        if (any != null) walk(any, levels, depth + 1, true, found);
    }

    private static void take(Node node, List<Subscription> found) {
        for (Subscription subscription : node.subscriptions) found.add(subscription);
    }

    /** The group of a shared filter in this shard, or null. */
    @Nullable
    SharedGroup group(TopicFilter filter, String shareName) {
        Node node = root;
        for (String level : filter.levels()) {
            node = node.child(level);
            if (node == null) return null;
        }
        return node.groups == null ? null : group(node.groups, shareName);
    }

    private static @Nullable SharedGroup group(List<SharedGroup> groups, String shareName) {
        for (SharedGroup group : groups) if (group.shareName.equals(shareName)) return group;
        return null;
    }
}
