// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.browser.Clock;
import io.courtier.core.CoreEvents;
import io.courtier.core.Limits;
import io.courtier.core.NetworkConnection;
import io.courtier.core.Peers;
import io.courtier.core.Plugins;
import io.courtier.core.RandomSource;
import io.courtier.core.Restoration;
import io.courtier.core.RetainedMessages;
import io.courtier.core.Routes;
import io.courtier.core.Shard;
import io.courtier.core.Stores;
import io.courtier.core.SystemTopics;
import io.courtier.core.Users;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionStore;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.OutboundBytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The broker of a tab: the core with one shard, whose event loop is the page's. Whatever happens is a call, and a turn;
 * when more is to be done than one turn should do, {@link Host#again} is asked for another.
 */
public final class TabBroker {
    /** Bytes that wait for one client, before the broker is told that it is slow. */
    private static final int BUFFER_HIGH = 64 * 1024;

    private static final int BUFFER_LOW = 32 * 1024;

    /** Bytes of one client that wait because it is not read at the moment; a port has no way to slow it down. */
    private static final int UNREAD_MAX = 64 << 20;

    /** What the broker needs of the page. */
    public interface Host {
        /** Calls {@link #turn} soon, in a task of its own. */
        void again();
    }

    /** The other end of a connection. */
    public interface PortOutput {
        /** All bytes of one turn, its own from now on. */
        void bytes(byte[] bytes);

        /** Nothing follows. */
        void closed();
    }

    private final Clock clock;
    private final Host host;
    private final CoreEvents events;
    private final Shard shard;
    private final Stores stores;
    private final RetainedMessages retained;
    private final @Nullable TabStores kept;
    private final ArrayDeque<Runnable> mailbox = new ArrayDeque<>();
    private final long startedNanos;
    private @Nullable SystemTopics systemTopics;
    private long systemTopicsNanos;
    private long systemTopicsAt;
    private boolean inTurn;
    private boolean askedAgain;

    /** One without history. */
    public TabBroker(
            Limits limits,
            Plugins plugins,
            CoreEvents events,
            RandomSource random,
            @Nullable TabStores kept,
            Clock clock,
            Host host) {
        this(limits, plugins, events, random, kept, null, clock, host);
    }

    /**
     * @param kept where sessions and retained messages outlive the tab; null: they do not
     * @param history what was published, for who asks for it; null: nothing
     */
    public TabBroker(
            Limits limits,
            Plugins plugins,
            CoreEvents events,
            RandomSource random,
            @Nullable TabStores kept,
            @Nullable TabHistory history,
            Clock clock,
            Host host) {
        this.clock = clock;
        this.host = host;
        this.events = events;
        startedNanos = clock.nanos();
        this.kept = kept;
        stores = kept == null ? Stores.NONE : kept.stores();
        retained = new RetainedMessages(limits.retainedMessagesMax(), limits.retainedBytesMax(), stores.retained());
        shard = new Shard(
                0,
                limits,
                new Routes(),
                retained,
                stores,
                new Users(),
                new Alone(),
                plugins,
                events,
                random,
                history,
                clock.nanos(),
                clock.epochMillis());
        retained.restore();
    }

    /**
     * Makes the sessions that the storage has, once, before any connection. Then runs {@code ready}: when messages that were
     * in doubt have been read, which the storage answers later.
     */
    public void restore(Runnable ready) {
        SessionStore sessions = stores.sessions();
        if (sessions == null) {
            ready.run();
            return;
        }
        turn(() -> {
            Restoration restoration = new Restoration(new Shard[] {shard}, stores);
            List<SessionImage.Doubt> doubts = new ArrayList<>(restoration.sessions());
            long[] positions = new long[doubts.size()];
            for (int i = 0; i < positions.length; i++)
                positions[i] = doubts.get(i).message();
            if (positions.length == 0) {
                restoration.end();
                ready.run();
                return;
            }
            sessions.read(
                    positions,
                    found -> turn(() -> {
                        for (int i = 0; i < positions.length; i++) {
                            ApplicationMessage message = found[i];
                            if (message != null) restoration.route(doubts.get(i), message);
                        }
                        restoration.end();
                        ready.run();
                    }));
        });
    }

    /** Opens a connection. */
    public Port open(String listener, String remoteAddress, boolean anonymousAllowed, PortOutput output) {
        Port port = new Port(output);
        turn(() -> port.in =
                shard.accept(new ConnectionInfo(listener, "tcp", remoteAddress, 0, anonymousAllowed, null), port));
        return port;
    }

    /** Something happens in a turn, or only what is left from the last. */
    public void turn(Runnable what) {
        if (inTurn) {
            // Called back while it runs: it is part of the next.
            mailbox.add(what);
            return;
        }
        inTurn = true;
        boolean more;
        try {
            shard.beginTurn(clock.nanos(), clock.epochMillis());
            what.run();
            while (!shard.isBusy() && !mailbox.isEmpty()) mailbox.remove().run();
        } finally {
            more = shard.endTurn();
            if (kept != null) kept.endTurn();
            inTurn = false;
        }
        if ((more || !mailbox.isEmpty()) && !askedAgain) {
            askedAgain = true;
            host.again();
        }
    }

    /** The turn that was asked for by {@link Host#again}. */
    public void turn() {
        askedAgain = false;
        turn(() -> {});
    }

    /** Fires the timers that are due. Some ten times a second will do. */
    public void tick() {
        turn(() -> {
            shard.tick();
            if (systemTopics != null && clock.nanos() - systemTopicsAt >= 0) publishSystemTopics(systemTopics);
        });
    }

    /** Publishes what the broker counts under {@code $SYS/broker}, now and again after so many seconds. */
    public void startSystemTopics(SystemTopics topics, int everySeconds) {
        if (everySeconds < 1) throw new IllegalArgumentException("every second is the most often");
        systemTopics = topics;
        systemTopicsNanos = everySeconds * 1_000_000_000L;
        turn(() -> publishSystemTopics(topics));
    }

    /** Publishes it no more. What was retained of it goes: it is true no more. */
    public void stopSystemTopics() {
        SystemTopics topics = systemTopics;
        systemTopics = null;
        if (topics == null) return;
        turn(() -> {
            for (ApplicationMessage each : systemMessages(topics)) {
                shard.publish(new ApplicationMessage(
                        each.topic(),
                        new byte[0],
                        each.qos(),
                        true,
                        each.properties(),
                        null,
                        ApplicationMessage.NEVER));
            }
        });
    }

    private void publishSystemTopics(SystemTopics topics) {
        systemTopicsAt = clock.nanos() + systemTopicsNanos;
        for (ApplicationMessage each : systemMessages(topics)) shard.publish(each);
    }

    private List<ApplicationMessage> systemMessages(SystemTopics topics) {
        long uptimeSeconds = (clock.nanos() - startedNanos) / 1_000_000_000L;
        return topics.messages(shard.counters().told(retained.size()), uptimeSeconds);
    }

    /** The storage has written more, or is in trouble, or no more. */
    public void durable() {
        turn(shard::durable);
    }

    /** Other access rules count: what they do not allow ends. */
    public void permissionsChanged() {
        turn(shard::permissionsChanged);
    }

    /** How many there are. */
    public int retainedMessages() {
        return retained.size();
    }

    /** The core, in a turn of which the caller must be. */
    public Shard shard() {
        return shard;
    }

    /** Says goodbye to everybody. Sessions stay. */
    public void close() {
        turn(shard::shutDown);
    }

    /** One connection, seen from its client. */
    public final class Port implements OutboundBytes {
        private final PortOutput output;
        private @Nullable NetworkConnection in;
        private byte[] written = new byte[512];
        private int length;
        private long underWay;
        private boolean credited;
        private boolean slow;
        private boolean reading = true;
        private boolean closed;
        private long unreadBytes;
        private final ArrayDeque<byte[]> unread = new ArrayDeque<>();

        Port(PortOutput output) {
            this.output = output;
        }

        /** The client will say by {@link #consumed} what it has taken: without it what is under way has no bound. */
        public void credited() {
            credited = true;
        }

        /** The client sent bytes, which are the broker's from now on. */
        public void received(byte[] bytes) {
            if (closed) return;
            if (reading) turn(() -> read(bytes));
            else keep(bytes);
        }

        private void keep(byte[] bytes) {
            unread.add(bytes);
            unreadBytes += bytes.length;
            if (unreadBytes > UNREAD_MAX) turn(() -> close(CloseCause.IO_ERROR));
        }

        private void read(byte[] bytes) {
            NetworkConnection to = in;
            if (to == null || closed) return;
            if (!reading) {
                keep(bytes);
                return;
            }
            try {
                to.received(bytes, 0, bytes.length);
            } catch (RuntimeException bug) {
                broken(to, bug);
            }
        }

        /** A mistake of ours ends the connection that met it, and nothing else. */
        private void broken(NetworkConnection connection, RuntimeException bug) {
            events.broken("", bug);
            connection.broken("internal error");
        }

        /** The client has taken so many bytes. */
        public void consumed(int bytes) {
            underWay = Math.max(0, underWay - bytes);
            if (!slow || underWay > BUFFER_LOW) return;
            slow = false;
            NetworkConnection to = in;
            if (to == null || closed) return;
            turn(() -> {
                try {
                    to.writable();
                } catch (RuntimeException bug) {
                    broken(to, bug);
                }
            });
        }

        /** The client is gone without a word. */
        public void lost() {
            if (closed) return;
            closed = true;
            NetworkConnection to = in;
            if (to != null) turn(() -> to.closed(CloseCause.PEER_CLOSED));
        }

        @Override
        public boolean write(byte[] bytes, int offset, int count) {
            if (closed) return true;
            if (written.length - length < count) {
                written = Arrays.copyOf(written, Math.max(2 * written.length, length + count));
            }
            System.arraycopy(bytes, offset, written, length, count);
            length += count;
            slow |= credited && underWay + length > BUFFER_HIGH;
            return !slow;
        }

        @Override
        public boolean writeShared(byte[] bytes, int offset, int count) {
            return write(bytes, offset, count);
        }

        @Override
        public void flush() {
            if (length == 0 || closed) return;
            byte[] bytes = Arrays.copyOf(written, length);
            if (credited) underWay += length;
            length = 0;
            if (written.length > 65_536) written = new byte[512];
            output.bytes(bytes);
        }

        @Override
        public void readable(boolean wanted) {
            reading = wanted;
            if (wanted) mailbox.add(this::readUnread);
        }

        private void readUnread() {
            while (reading && !closed && !unread.isEmpty()) {
                byte[] bytes = unread.remove();
                unreadBytes -= bytes.length;
                read(bytes);
            }
        }

        @Override
        public void moveTo(EventLoop home, Runnable arrived) {
            throw new UnsupportedOperationException("there is one shard");
        }

        @Override
        public void close(CloseCause cause) {
            if (closed) return;
            flush();
            closed = true;
            output.closed();
            mailbox.add(() -> {
                NetworkConnection to = in;
                if (to != null) to.closed(cause);
            });
        }
    }

    /** One shard has no others. */
    private final class Alone implements Peers {
        @Override
        public int count() {
            return 1;
        }

        @Override
        public void post(int target, Object[] items, int length, long bytes) {
            mailbox.add(() -> shard.receive(items, length));
        }

        @Override
        public boolean isCongested(int target) {
            return false;
        }

        @Override
        public void move(OutboundBytes out, int target, Consumer<Shard> arrived) {
            throw new UnsupportedOperationException("there is one shard");
        }
    }
}
