// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.core.CoreEvents;
import io.courtier.core.Limits;
import io.courtier.core.NetworkConnection;
import io.courtier.core.Peers;
import io.courtier.core.RandomSource;
import io.courtier.core.RetainedMessages;
import io.courtier.core.Routes;
import io.courtier.core.Shard;
import io.courtier.core.Stores;
import io.courtier.core.Users;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.InboundBytes;
import io.courtier.spi.transport.OutboundBytes;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one shard on one event loop. A turn begins with the first thing that happens in an iteration of the loop and ends
 * after the last: the clock is read once, each connection is flushed once, each other shard is woken once.
 */
final class ShardRunner implements EventLoop, Peers {
    private static final Logger LOG = LoggerFactory.getLogger(ShardRunner.class);
    private static final long TICK_MILLIS = 100;
    /** Batches taken from the mailbox before the sockets have their turn again. */
    private static final int BATCHES_PER_TURN = 256;

    private final int index;
    private final io.netty.channel.EventLoop loop;
    private final ShardRunner[] all;
    private final Shard shard;
    private final ShardPlugins plugins;
    private final Mailbox mailbox = new Mailbox();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final Runnable endTurn = this::endTurn;
    private final Runnable emptyTurn = this::beginTurn;
    private final Runnable drain = this::drain;
    private final AtomicBoolean durableSaid = new AtomicBoolean();
    private final Runnable takeDurable = this::takeDurable;
    private volatile Limits limits;
    private boolean inTurn;

    ShardRunner(
            int index,
            io.netty.channel.EventLoop loop,
            ShardRunner[] all,
            Limits limits,
            Routes routes,
            RetainedMessages retained,
            Stores stores,
            Users users,
            PluginSnapshot.Holder plugins,
            CoreEvents events,
            RandomSource random) {
        this.index = index;
        this.loop = loop;
        this.all = all;
        this.limits = limits;
        this.plugins = new ShardPlugins(plugins, this);
        this.shard = new Shard(
                index,
                limits,
                routes,
                retained,
                stores,
                users,
                this,
                this.plugins,
                events,
                random,
                System.nanoTime(),
                System.currentTimeMillis());
    }

    /** Begins to tick. Once all runners are made. */
    void start() {
        var unused = loop.scheduleAtFixedRate(
                this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS); // until the loop ends
    }

    Shard shard() {
        return shard;
    }

    /** More is durable. Told once a turn, however often it is said. From any thread. */
    void durable() {
        if (durableSaid.compareAndSet(false, true)) post(takeDurable);
    }

    private void takeDurable() {
        durableSaid.set(false);
        shard.durable();
    }

    /** On the loop, in a turn. */
    void pluginsChanged() {
        plugins.changed();
    }

    // ---- turns

    void beginTurn() {
        if (inTurn) return;
        inTurn = true;
        shard.beginTurn(System.nanoTime(), System.currentTimeMillis());
        // From inside the loop this runs after the sockets that are ready now, and wakes nobody up.
        loop.execute(endTurn);
    }

    private void endTurn() {
        boolean goesOn;
        try {
            goesOn = shard.endTurn();
        } finally {
            inTurn = false;
        }
        if (goesOn) loop.execute(emptyTurn);
    }

    private void tick() {
        beginTurn();
        try {
            shard.tick();
        } catch (RuntimeException e) {
            LOG.error("a timer of shard {} failed", index, e);
        }
    }

    /** Runs a task in a turn of this shard, soon, in the order of posting. From any thread. */
    void post(Runnable task) {
        post(new Mailbox.Batch(new Object[] {task}, 1, 0));
    }

    private void post(Mailbox.Batch batch) {
        mailbox.post(batch);
        if (!draining.get() && draining.compareAndSet(false, true)) loop.execute(drain);
    }

    private void drain() {
        // Cleared before the mailbox is looked at: who posts from now on schedules another drain.
        draining.set(false);
        beginTurn();
        for (int i = 0; i < BATCHES_PER_TURN && !shard.isBusy(); i++) {
            Mailbox.Batch batch = mailbox.poll();
            if (batch == null) break;
            try {
                shard.receive(batch.items(), batch.length());
            } catch (RuntimeException e) {
                LOG.error("shard {} could not take what it was handed", index, e);
            }
        }
        long waiting = mailbox.takeWaiting(limits.mailboxMessagesMax(), limits.mailboxBytesMax());
        for (; waiting != 0; waiting &= waiting - 1) {
            ShardRunner waiter = all[Long.numberOfTrailingZeros(waiting)];
            waiter.post(() -> waiter.shard.roomIn(index));
        }
        if (!mailbox.isEmpty() && draining.compareAndSet(false, true)) loop.execute(drain);
    }

    void limits(Limits limits) {
        this.limits = limits;
        post(() -> shard.limits(limits));
    }

    // ---- connections

    InboundBytes accept(ConnectionInfo info, OutboundBytes out) {
        beginTurn();
        return new BoundConnection(shard.accept(info, out), all);
    }

    /** Opens a turn around all that a transport tells; ends the connection, and nothing else, when something breaks. */
    private record BoundConnection(NetworkConnection connection, ShardRunner[] all) implements InboundBytes {
        private ShardRunner runner() {
            return all[connection.shard().index()];
        }

        @Override
        public void received(byte[] bytes, int offset, int length) {
            runner().beginTurn();
            try {
                connection.received(bytes, offset, length);
            } catch (RuntimeException e) {
                broken(e);
            }
        }

        @Override
        public void writable() {
            runner().beginTurn();
            try {
                connection.writable();
            } catch (RuntimeException e) {
                broken(e);
            }
        }

        @Override
        public void closing() {
            runner().beginTurn();
            connection.closing();
        }

        @Override
        public void closed(CloseCause cause) {
            runner().beginTurn();
            connection.closed(cause);
        }

        private void broken(RuntimeException e) {
            LOG.error("a connection is closed because of a mistake in the broker", e);
            connection.broken("internal error");
        }
    }

    // ---- Peers

    @Override
    public int count() {
        return all.length;
    }

    @Override
    public void post(int target, Object[] items, int length, long bytes) {
        all[target].post(new Mailbox.Batch(items, length, bytes));
    }

    @Override
    public boolean isCongested(int target) {
        return all[target].mailbox.isCongested(limits.mailboxMessagesMax(), limits.mailboxBytesMax(), index);
    }

    @Override
    public void move(OutboundBytes out, int target, Consumer<Shard> arrived) {
        ShardRunner home = all[target];
        out.moveTo(home, () -> {
            home.beginTurn();
            arrived.accept(home.shard);
        });
    }

    // ---- EventLoop

    @Override
    public int index() {
        return index;
    }

    @Override
    public boolean inEventLoop() {
        return loop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        return Loops.unwrap(loop, type);
    }
}
