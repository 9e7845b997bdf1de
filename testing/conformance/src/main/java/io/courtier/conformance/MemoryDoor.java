// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.core.CoreEvents;
import io.courtier.core.Limits;
import io.courtier.core.Peers;
import io.courtier.core.Plugins;
import io.courtier.core.Restoration;
import io.courtier.core.RetainedMessages;
import io.courtier.core.Routes;
import io.courtier.core.Shard;
import io.courtier.core.Stores;
import io.courtier.core.Users;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionStore;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.InboundBytes;
import io.courtier.spi.transport.OutboundBytes;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The core alone: some shards in one thread, their mailboxes as queues, time as a number. After each call everything is
 * done that there is to do, so nothing ever needs to be waited for.
 */
public final class MemoryDoor implements Door {
    private static final int BUFFER_HIGH = 64 * 1024;

    private final Shard[] shards;
    private final ArrayDeque<Runnable> work = new ArrayDeque<>();
    private final int[] waiting;
    private long nowNanos = 1_000_000_000L;
    private int opened;
    private long seed = 42;
    private final @Nullable MemoryStores memory;
    private boolean syncs = true;

    public MemoryDoor(int count, Limits limits) {
        this(count, limits, null);
    }

    /** @param memory where sessions and retained messages are kept and come from; null: nowhere */
    public MemoryDoor(int count, Limits limits, @Nullable MemoryStores memory) {
        this.memory = memory;
        Stores stores = memory == null ? Stores.NONE : memory.stores();
        shards = new Shard[count];
        waiting = new int[count];
        Routes routes = new Routes();
        Users users = new Users();
        RetainedMessages retained =
                new RetainedMessages(limits.retainedMessagesMax(), limits.retainedBytesMax(), stores.retained());
        for (int i = 0; i < count; i++) {
            shards[i] = new Shard(
                    i,
                    limits,
                    routes,
                    retained,
                    stores,
                    users,
                    new Others(i),
                    new House(),
                    CoreEvents.NONE,
                    this::random,
                    nowNanos,
                    epoch());
        }
        if (memory != null) restore(retained, stores);
    }

    private void restore(RetainedMessages retained, Stores stores) {
        SessionStore sessions = stores.sessions();
        if (sessions == null) return;
        for (Shard shard : shards) shard.beginTurn(nowNanos, epoch());
        retained.restore();
        Restoration restoration = new Restoration(shards, stores);
        for (SessionImage.Doubt doubt : restoration.sessions()) {
            sessions.read(new long[] {doubt.message()}, found -> {
                if (found[0] != null) restoration.route(doubt, found[0]);
            });
        }
        // As a broker does that waits: between the two it may end as well.
        if (memory != null) memory.sync();
        restoration.end();
        if (memory != null) memory.sync();
        for (Shard shard : shards) if (shard.endTurn()) work.add(() -> turn(shard, () -> {}));
        settle();
    }

    /** With stores: whether all that is appended is durable when everything else is done, or when {@link #sync} says so. */
    public void syncsItself(boolean itself) {
        syncs = itself;
    }

    public void sync() {
        if (memory != null && memory.sync()) durable();
    }

    /** Tells the shards that more is durable. */
    public void durable() {
        for (Shard shard : shards) turn(shard, shard::durable);
        settle();
    }

    /** Disconnects everybody, as a broker does that stops. */
    public void stop() {
        for (Shard shard : shards) turn(shard, shard::shutDown);
        settle();
    }

    /** The shards, for tests that look inside. */
    public Shard shard(int index) {
        return shards[index];
    }

    private long epoch() {
        return 1_700_000_000_000L + nowNanos / 1_000_000;
    }

    private long random() {
        seed = seed * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
        return seed ^ seed >>> 29;
    }

    @Override
    public boolean movesTime() {
        return true;
    }

    @Override
    public void advance(Duration by) {
        long end = nowNanos + by.toNanos();
        // A real loop ticks: so does this one, or a timer set by a timer would be late.
        while (nowNanos < end) {
            nowNanos = Math.min(end, nowNanos + Math.max(100_000_000L, by.toNanos() / 1_000));
            for (Shard shard : shards) turn(shard, shard::tick);
            settle();
        }
    }

    private void turn(Shard shard, Runnable what) {
        shard.beginTurn(nowNanos, epoch());
        what.run();
        if (shard.endTurn()) work.add(() -> turn(shard, () -> {}));
    }

    private void settle() {
        while (!work.isEmpty()) work.remove().run();
        if (syncs) sync();
    }

    @Override
    public Wire open() {
        Connection connection = new Connection(shards[opened++ % shards.length]);
        settle();
        return connection;
    }

    @Override
    public void close() {
        work.clear();
    }

    private final class Connection implements Wire, OutboundBytes {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        private final ArrayDeque<byte[]> unread = new ArrayDeque<>();
        private Shard home;
        private final InboundBytes in;
        private boolean brokerReads = true;
        private boolean clientReads = true;
        private boolean closing;
        private boolean closed;

        Connection(Shard first) {
            home = first;
            first.beginTurn(nowNanos, epoch());
            in = first.accept(new ConnectionInfo("memory", "tcp", "127.0.0.1", 0, true, null), this);
            first.endTurn();
        }

        @Override
        public void send(byte[] bytes) {
            if (closed) return;
            unread.add(bytes);
            readUnread();
            settle();
        }

        private void readUnread() {
            while (brokerReads && !closed && !unread.isEmpty()) {
                byte[] bytes = unread.remove();
                turn(home, () -> in.received(bytes, 0, bytes.length));
            }
        }

        @Override
        public byte @Nullable [] receive() {
            settle();
            if (arrived.size() == 0) return null;
            byte[] bytes = arrived.toByteArray();
            arrived.reset();
            return bytes;
        }

        @Override
        public boolean awaitClosed() {
            settle();
            return closed;
        }

        @Override
        public void close() {
            if (closed) return;
            closed = true;
            turn(home, () -> in.closed(CloseCause.PEER_CLOSED));
            settle();
        }

        @Override
        public void reading(boolean wanted) {
            clientReads = wanted;
            if (!wanted) return;
            boolean wasFull = written.size() > BUFFER_HIGH;
            flush();
            if (wasFull) turn(home, in::writable);
            settle();
        }

        // What the broker does.

        @Override
        public boolean write(byte[] bytes, int offset, int length) {
            written.write(bytes, offset, length);
            return clientReads || written.size() <= BUFFER_HIGH;
        }

        @Override
        public boolean writeShared(byte[] bytes, int offset, int length) {
            return write(bytes, offset, length);
        }

        @Override
        public void flush() {
            if (!clientReads) return;
            arrived.writeBytes(written.toByteArray());
            written.reset();
        }

        @Override
        public void readable(boolean wanted) {
            brokerReads = wanted;
            if (wanted) work.add(this::readUnread);
        }

        @Override
        public void moveTo(EventLoop loop, Runnable moved) {
            throw new AssertionError("moved by Peers");
        }

        @Override
        public void close(CloseCause cause) {
            if (closing || closed) return;
            closing = true;
            flush();
            work.add(() -> {
                if (closed) return;
                closed = true;
                turn(home, () -> in.closed(cause));
            });
        }
    }

    private final class Others implements Peers {
        private final int own;

        Others(int own) {
            this.own = own;
        }

        @Override
        public int count() {
            return shards.length;
        }

        @Override
        public void post(int target, Object[] items, int length, long bytes) {
            waiting[target] += length;
            work.add(() -> {
                waiting[target] -= length;
                turn(shards[target], () -> shards[target].receive(items, length));
            });
        }

        @Override
        public boolean isCongested(int target) {
            return false;
        }

        @Override
        public void move(OutboundBytes out, int target, Consumer<Shard> arrived) {
            Connection connection = (Connection) out;
            connection.brokerReads = false;
            work.add(() -> {
                connection.home = shards[target];
                turn(shards[target], () -> arrived.accept(shards[target]));
                connection.readable(true);
            });
        }

        @Override
        public String toString() {
            return "the others, seen from " + own;
        }
    }

    private static final class House implements Plugins {
        @Override
        public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
            answer.accept(HouseRules.authenticate(request));
        }

        @Override
        public EnhancedAuthenticator.@Nullable Exchange enhanced(String method, AuthenticationRequest request) {
            return method.equals(HouseRules.METHOD) ? HouseRules.exchange() : null;
        }

        @Override
        public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
            return HouseRules.PERMISSIONS;
        }

        @Override
        public @Nullable ApplicationMessage intercept(ApplicationMessage message) {
            return message;
        }
    }
}
