// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.browser.Clock;
import io.courtier.core.CoreEvents;
import io.courtier.core.Limits;
import io.courtier.core.NetworkConnection;
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
import io.courtier.spi.transport.ConnectionInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The broker of a tab: the core with one shard, whose event loop is the page's. Whatever happens is a call, and a turn;
 * when more is to be done than one turn should do, {@link Host#again} is asked for another.
 */
public final class TabBroker {
    /** What the broker needs of the page. */
    public interface Host {
        /** Calls {@link #turn} soon, in a task of its own. */
        void again();
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
                new Alone(this),
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
    public TabPort open(String listener, String remoteAddress, boolean anonymousAllowed, TabPort.Output output) {
        TabPort port = new TabPort(this, output);
        ConnectionInfo info = new ConnectionInfo(listener, "tcp", remoteAddress, 0, anonymousAllowed, null);
        turn(() -> port.accepted(shard.accept(info, port)));
        return port;
    }

    /** Something happens in a turn, or only what is left from the last. */
    public void turn(Runnable what) {
        if (inTurn) {
            // Called back while it runs: it is part of the next.
            post(what);
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

    /** Something that happens in this turn, behind what happens now, or in the next. */
    void post(Runnable what) {
        mailbox.add(what);
    }

    /** A mistake of ours ends the connection that met it, and nothing else. */
    void broken(NetworkConnection connection, RuntimeException bug) {
        events.broken("", bug);
        connection.broken("internal error");
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
}
