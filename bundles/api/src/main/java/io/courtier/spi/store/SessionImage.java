// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import io.courtier.protocol.Will;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a log of session records comes to: the one place where their meaning stands. Brokers make their sessions from it, and
 * stores keep no more than it does. Messages are named, not held, so that queues may be larger than memory. Not for more
 * than one thread.
 */
public final class SessionImage implements SessionStore.Visitor {
    /** A session as it was left. */
    public static final class Kept {
        public final long session;
        public final String clientIdentifier;
        private @Nullable String userName;
        private long expirySeconds;
        private @Nullable Will will;
        private long disconnectedMillis = -1;
        private long sentThrough = Long.MAX_VALUE;
        private final Map<String, SessionRecord.Subscribed> subscriptions = new LinkedHashMap<>(2);
        private final Set<Integer> received = new TreeSet<>();
        private final WaitingMessages waiting = new WaitingMessages();

        private Kept(long session, String clientIdentifier) {
            this.session = session;
            this.clientIdentifier = clientIdentifier;
        }

        /** Whose it is; null for an anonymous client's. */
        public @Nullable String userName() {
            return userName;
        }

        public long expirySeconds() {
            return expirySeconds;
        }

        /** A will that is still to come. */
        public @Nullable Will will() {
            return will;
        }

        /** When its connection ended, since 1970; -1: it was connected when the log ended. */
        public long disconnectedMillis() {
            return disconnectedMillis;
        }

        /** Messages up to this number may have been sent before. */
        public long sentThrough() {
            return sentThrough;
        }

        public Collection<SessionRecord.Subscribed> subscriptions() {
            return subscriptions.values();
        }

        /** Packet Identifiers of QoS 2 messages whose PUBREL did not come. */
        public Set<Integer> received() {
            return received;
        }

        public WaitingMessages waiting() {
            return waiting;
        }
    }

    /**
     * A message that may not have reached every session it is for.
     *
     * @param given the sessions that it has reached
     */
    public record Doubt(long message, int shard, long retainedAt, Set<Long> given) {}

    private final Map<Long, Kept> sessions = new LinkedHashMap<>();
    private final Map<Long, Doubt> doubts = new TreeMap<>();
    private final Map<Integer, ArrayDeque<Doubt>> doubtsOfShard = new HashMap<>();

    @Override
    public void record(long position, SessionRecord record) {
        if (record instanceof SessionRecord.Queued queued) {
            Doubt doubt = doubts.get(queued.message());
            if (doubt != null) doubt.given().add(queued.session());
            Kept kept = sessions.get(queued.session());
            if (kept != null) kept.waiting.add(queued);
        } else if (record instanceof SessionRecord.Finished finished) {
            Kept kept = sessions.get(finished.session());
            if (kept != null) kept.waiting.finished(finished.number());
        } else if (record instanceof SessionRecord.Stored stored) {
            if (stored.shard() >= 0) {
                doubt(new Doubt(position, stored.shard(), stored.retainedAt(), new LinkedHashSet<>()));
            }
            Kept kept = stored.session() == 0 ? null : sessions.get(stored.session());
            if (kept != null) kept.received.add(stored.packetIdentifier());
        } else if (record instanceof SessionRecord.Routed routed) {
            routed(routed);
        } else if (record instanceof SessionRecord.InDoubt inDoubt) {
            Set<Long> given = new LinkedHashSet<>();
            for (long session : inDoubt.given()) given.add(session);
            doubt(new Doubt(inDoubt.message(), inDoubt.shard(), inDoubt.retainedAt(), given));
        } else {
            ofSession(position, record);
        }
    }

    private void doubt(Doubt doubt) {
        doubts.put(doubt.message(), doubt);
        doubtsOfShard
                .computeIfAbsent(doubt.shard(), shard -> new ArrayDeque<>())
                .add(doubt);
    }

    private void routed(SessionRecord.Routed routed) {
        for (Map.Entry<Integer, ArrayDeque<Doubt>> entry : doubtsOfShard.entrySet()) {
            if (routed.shard() >= 0 && routed.shard() != entry.getKey()) continue;
            ArrayDeque<Doubt> queue = entry.getValue();
            while (!queue.isEmpty() && queue.element().message() <= routed.upTo()) {
                doubts.remove(queue.remove().message());
            }
        }
    }

    private void ofSession(long position, SessionRecord record) {
        if (record instanceof SessionRecord.Started started) {
            sessions.put(position, new Kept(position, started.clientIdentifier()));
        } else if (record instanceof SessionRecord.Ended ended) {
            sessions.remove(ended.session());
        } else if (record instanceof SessionRecord.Connected connected) {
            Kept kept = sessions.get(connected.session());
            if (kept == null) return;
            kept.userName = connected.userName();
            kept.expirySeconds = connected.expirySeconds();
            kept.will = connected.will();
            kept.disconnectedMillis = -1;
            kept.sentThrough = Long.MAX_VALUE;
        } else if (record instanceof SessionRecord.Disconnected disconnected) {
            Kept kept = sessions.get(disconnected.session());
            if (kept == null) return;
            kept.expirySeconds = disconnected.expirySeconds();
            kept.disconnectedMillis = disconnected.epochMillis();
            kept.sentThrough = disconnected.sentThrough();
        } else if (record instanceof SessionRecord.WillDone done) {
            Kept kept = sessions.get(done.session());
            if (kept != null) kept.will = null;
        } else if (record instanceof SessionRecord.Subscribed subscribed) {
            Kept kept = sessions.get(subscribed.session());
            if (kept != null) kept.subscriptions.put(subscribed.topicFilter(), subscribed);
        } else if (record instanceof SessionRecord.Unsubscribed unsubscribed) {
            Kept kept = sessions.get(unsubscribed.session());
            if (kept != null) kept.subscriptions.remove(unsubscribed.topicFilter());
        } else if (record instanceof SessionRecord.Received received) {
            Kept kept = sessions.get(received.session());
            if (kept != null) kept.received.add(received.packetIdentifier());
        } else if (record instanceof SessionRecord.Completed completed) {
            Kept kept = sessions.get(completed.session());
            if (kept != null) kept.received.remove(completed.packetIdentifier());
        } else if (record instanceof SessionRecord.Released released) {
            Kept kept = sessions.get(released.session());
            if (kept != null) kept.waiting.released(released.number());
        }
    }

    public Collection<Kept> sessions() {
        return sessions.values();
    }

    /** In the order in which the messages came. */
    public Collection<Doubt> doubts() {
        return doubts.values();
    }

    /** Gives the fewest records that come to this image. Messages themselves are not among them: they keep their positions. */
    public void replay(SessionStore.Visitor visitor) {
        for (Kept kept : sessions.values()) {
            long session = kept.session;
            visitor.record(session, new SessionRecord.Started(kept.clientIdentifier));
            visitor.record(session, new SessionRecord.Connected(session, kept.userName, kept.expirySeconds, kept.will));
            if (kept.disconnectedMillis >= 0) {
                visitor.record(
                        session,
                        new SessionRecord.Disconnected(
                                session, kept.expirySeconds, kept.disconnectedMillis, kept.sentThrough));
            }
            for (SessionRecord.Subscribed subscribed : kept.subscriptions.values()) visitor.record(session, subscribed);
            for (int identifier : kept.received) {
                visitor.record(session, new SessionRecord.Received(session, identifier));
            }
            kept.waiting.forEach(entry -> {
                visitor.record(session, entry.queued(session));
                if (entry.released()) visitor.record(session, new SessionRecord.Released(session, entry.number()));
            });
        }
        for (Doubt doubt : doubts.values()) {
            long[] given = new long[doubt.given().size()];
            int at = 0;
            for (long session : doubt.given()) given[at++] = session;
            visitor.record(
                    doubt.message(),
                    new SessionRecord.InDoubt(doubt.message(), doubt.shard(), doubt.retainedAt(), given));
        }
    }

    /** The positions of all messages that are needed, each once, in order. */
    public long[] messages() {
        int count = doubts.size();
        for (Kept kept : sessions.values()) count += kept.waiting.size();
        long[] all = new long[count];
        int at = 0;
        for (Kept kept : sessions.values()) at = kept.waiting.messages(all, at);
        for (Doubt doubt : doubts.values()) all[at++] = doubt.message();
        java.util.Arrays.sort(all, 0, at);
        int unique = 0;
        for (int i = 0; i < at; i++) if (i == 0 || all[i] != all[i - 1]) all[unique++] = all[i];
        return java.util.Arrays.copyOf(all, unique);
    }
}
