// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one shard writes to the stores, and who waits until that is durable. Nothing that promises something leaves before.
 * Without stores everything is as durable as it gets.
 */
final class StoreLog {
    /** Messages that were stored in one turn, on their way to the shards that have sessions for them. */
    private static final class Routing {
        /** The position of their last one. */
        long upTo;
        /** The last position of those to be retained, in the store of retained messages. */
        long retainedAt;
        /** The shards they went to, as bits. */
        long targets;
        /** Shards, and messages for shared groups, that have not arrived yet. */
        int underWay;
    }

    private static final int HELD_MIN = 16;
    private static final int HELD_MAX = 1_024;
    private static final int HELD_TOTAL = 32_768;

    private final Shard shard;
    private final @Nullable SessionStore sessions;
    private final @Nullable RetainStore retained;
    private long lastPosition = DurableLog.NOWHERE;

    private List<ClientConnection> held = new ArrayList<>();
    private List<ClientConnection> heldBefore = new ArrayList<>();
    private List<Outbox> waiting = new ArrayList<>();
    private List<Outbox> waitingBefore = new ArrayList<>();

    private final List<Routing> routings = new ArrayList<>();
    /** Of this turn. */
    private @Nullable Routing routing;

    StoreLog(Shard shard, Stores stores) {
        this.shard = shard;
        this.sessions = stores.sessions();
        this.retained = stores.retained();
    }

    /** Whether sessions that are to outlive their connections outlive the broker too. */
    boolean keepsSessions() {
        return sessions != null;
    }

    /** Appends a record of this shard's; gives its position. */
    long append(SessionRecord record) {
        if (sessions == null) throw new IllegalStateException("no store for sessions");
        return lastPosition = sessions.append(record);
    }

    /** The position of the last record that this shard appended. */
    long lastPosition() {
        return lastPosition;
    }

    /** Whether both survive the end of the process: a position of sessions, and one of retained messages. */
    boolean isDurable(long position, long retainedAt) {
        return (position == DurableLog.NOWHERE || sessions == null || position < sessions.durablePosition())
                && (retainedAt == DurableLog.NOWHERE || retained == null || retainedAt < retained.durablePosition());
    }

    /** Why nothing new is to be promised for sessions; null: all is well. */
    DurableLog.@Nullable Trouble trouble() {
        return sessions == null ? null : sessions.trouble();
    }

    /** The same for retained messages. */
    DurableLog.@Nullable Trouble retainedTrouble() {
        return retained == null ? null : retained.trouble();
    }

    /** Reads messages that were stored before; answers in a turn of this shard. */
    void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer) {
        if (sessions == null) throw new IllegalStateException("no store for sessions");
        sessions.read(positions, found -> {
            Runnable task = () -> answer.accept(found);
            shard.peers().post(shard.index(), new Object[] {task}, 1, 0);
        });
    }

    // ---- who waits

    /** How many answers of one connection may wait before it is read no further: the more connections, the fewer. */
    int heldMax() {
        return Math.max(HELD_MIN, Math.min(HELD_MAX, HELD_TOTAL / Math.max(1, held.size())));
    }

    /** The connection has answers that wait; it is told {@link ClientConnection#release} once. */
    void hold(ClientConnection connection) {
        held.add(connection);
    }

    /** There is a message that may leave when more is durable; it is pumped once. */
    void await(Outbox outbox) {
        waiting.add(outbox);
    }

    /** More is durable, or the stores have recovered. */
    void durable() {
        List<ClientConnection> connections = held;
        held = heldBefore;
        heldBefore = connections;
        for (ClientConnection connection : connections) connection.release();
        connections.clear();
        List<Outbox> pumped = waiting;
        waiting = waitingBefore;
        waitingBefore = pumped;
        for (Outbox outbox : pumped) outbox.durable();
        pumped.clear();
        settle();
    }

    // ---- messages on their way

    /** Stores a message that sessions of whatever shard may wait for; gives it with its position. */
    ApplicationMessage stored(ApplicationMessage message, long session, int packetIdentifier, long retainedAt) {
        long position = append(new SessionRecord.Stored(shard.index(), session, packetIdentifier, retainedAt, message));
        Routing now = routing;
        if (now == null) routing = now = new Routing();
        now.upTo = position;
        now.retainedAt = Math.max(now.retainedAt, retainedAt);
        return message.at(position);
    }

    /** What was stored in this turn goes to a shard. */
    void goesTo(int target) {
        if (routing != null) routing.targets |= 1L << target;
    }

    /** What was stored last goes to one member of a shared group: whoever that is says so. */
    Router.@Nullable Receipt goesToGroup() {
        Routing now = routing;
        if (now == null) return null;
        now.underWay++;
        return new Router.Receipt(shard.index(), () -> arrived(now));
    }

    /** Sends receipts after what was stored in this turn. */
    void endTurn() {
        Routing now = routing;
        if (now == null) return;
        routing = null;
        routings.add(now);
        now.underWay += Long.bitCount(now.targets);
        for (long targets = now.targets; targets != 0; targets &= targets - 1) {
            shard.router()
                    .follow(Long.numberOfTrailingZeros(targets), new Router.Receipt(shard.index(), () -> arrived(now)));
        }
        settle();
    }

    private void arrived(Routing of) {
        of.underWay--;
        settle();
    }

    /** Tells the store which messages need not be routed again after a restart: all who are to have them do. */
    private void settle() {
        long upTo = DurableLog.NOWHERE;
        int done = 0;
        for (Routing each : routings) {
            if (each.underWay > 0 || !isDurable(DurableLog.NOWHERE, each.retainedAt)) break;
            upTo = each.upTo;
            done++;
        }
        if (done == 0) return;
        routings.subList(0, done).clear();
        append(new SessionRecord.Routed(shard.index(), upTo));
    }
}
