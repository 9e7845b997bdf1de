// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.core.CoreEvents.Drop;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.OutboundBytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one event loop owns: sessions, connections, subscriptions, timers. The only door to it: its host calls
 * {@link #beginTurn}, then whatever happened, then {@link #endTurn}, always from the same thread of control.
 */
public final class Shard {
    private final int index;
    private final Peers peers;
    private final Plugins plugins;
    private final CoreEvents events;
    private final RandomSource random;
    private final @Nullable History history;
    private final Routes routes;
    private final RetainedMessages retained;

    private final Turn turn = new Turn();
    private final Counters counters = new Counters();
    private final TimerWheel timers;
    private final SubscriptionTree tree;
    private final StoreLog log;
    private final TopicCache topics = new TopicCache();
    private final Map<String, Session> sessions = new HashMap<>();
    private final FanOut fanOut;
    private final Router router;
    private final Layouts layouts;
    private final Turnstile turnstile;
    private final ByteBuilder scratch = new ByteBuilder(1_024);

    private Limits limits;
    private boolean limitsMessages;
    private boolean closing;
    private ClientOutput[] dirty = new ClientOutput[64];
    private int dirtyCount;
    private List<Runnable> later = new ArrayList<>();
    private List<Runnable> running = new ArrayList<>();
    private final List<ClientConnection> paused = new ArrayList<>();
    private long congested;

    public Shard(
            int index,
            Limits limits,
            Routes routes,
            RetainedMessages retained,
            Stores stores,
            Users users,
            Peers peers,
            Plugins plugins,
            CoreEvents events,
            RandomSource random,
            long nowNanos,
            long epochMillis) {
        this(
                index,
                limits,
                routes,
                retained,
                stores,
                users,
                peers,
                plugins,
                events,
                random,
                null,
                nowNanos,
                epochMillis);
    }

    /** @param history what was published, where somebody may ask for it later; or null */
    public Shard(
            int index,
            Limits limits,
            Routes routes,
            RetainedMessages retained,
            Stores stores,
            Users users,
            Peers peers,
            Plugins plugins,
            CoreEvents events,
            RandomSource random,
            @Nullable History history,
            long nowNanos,
            long epochMillis) {
        this.history = history;
        this.index = index;
        this.limits = limits;
        this.routes = routes;
        this.retained = retained;
        this.peers = peers;
        this.plugins = plugins;
        this.events = events;
        this.random = random;
        turn.at(nowNanos, epochMillis);
        timers = new TimerWheel(nowNanos);
        tree = new SubscriptionTree(routes, index);
        log = new StoreLog(this, stores);
        fanOut = new FanOut(this);
        router = new Router(this);
        layouts = new Layouts(Router.NOTHING);
        turnstile = new Turnstile(this, users);
        limitsMessages = limits.fairUse().limitsMessages();
    }

    // ---- for the host

    /** Begins a turn: until its end it is this time. */
    public void beginTurn(long nowNanos, long epochMillis) {
        turn.at(nowNanos, epochMillis);
        fanOut.beginTurn();
    }

    /** A connection was opened on this shard's loop. Its bytes are told to what is returned. */
    public NetworkConnection accept(ConnectionInfo info, OutboundBytes out) {
        counters.connectionsAccepted++;
        return new NetworkConnection(this, info, out);
    }

    /** Takes a batch out of the mailbox. Not to be called while {@link #isBusy}. */
    public void receive(Object[] items, int length) {
        for (int i = 0; i < length; i++) {
            Object item = items[i];
            try {
                if (item instanceof ApplicationMessage message) router.arrived(message);
                else if (item instanceof Router.SharedDelivery delivery) router.arrived(delivery);
                else if (item instanceof Router.Receipt receipt) router.arrived(receipt);
                else ((Runnable) item).run();
            } catch (RuntimeException bug) {
                // What came with it in one batch has nothing to do with it.
                events.broken("", bug);
            }
        }
    }

    /** True while a long fan-out is not finished: the mailbox must wait, or messages would overtake it. */
    public boolean isBusy() {
        return fanOut.isBusy();
    }

    /** Fires the timers that are due. Some ten times a second will do. */
    public void tick() {
        timers.advance(turn.nowNanos());
    }

    /**
     * Ends a turn: hands messages to the other shards, then sends what was written. True: something is left for another turn,
     * soon.
     */
    public boolean endTurn() {
        if (!later.isEmpty()) {
            // Continued work runs once a turn; what it leaves is for the next.
            List<Runnable> now = later;
            later = running;
            running = now;
            for (int i = 0; i < now.size(); i++) now.get(i).run();
            now.clear();
        }
        router.post();
        for (int i = 0; i < dirtyCount; i++) {
            dirty[i].flush();
        }
        if (dirtyCount > 1_024) {
            dirty = new ClientOutput[64];
        } else {
            for (int i = 0; i < dirtyCount; i++) dirty[i] = NONE;
        }
        dirtyCount = 0;
        return !later.isEmpty();
    }

    @SuppressWarnings("NullAway") // Only ever overwrites places behind dirtyCount.
    private static final ClientOutput NONE = null;

    /** More is durable in a store, or its trouble came or went. */
    public void durable() {
        log.durable();
    }

    /** Publishes a message of the broker's own. */
    public void publish(ApplicationMessage message) {
        router.publish(message, null);
    }

    /**
     * Makes a session of what was exported of one. False: its client has a session here, or there are too many.
     *
     * @param messages those that it names, by position
     */
    public boolean adopt(SessionImage.Kept kept, Map<Long, ApplicationMessage> messages) {
        if (sessions.containsKey(kept.clientIdentifier)) return false;
        Session session = newSession(kept.clientIdentifier, log.keepsSessions());
        if (session == null) return false;
        session.adopt(kept, messages);
        return true;
    }

    /** Closes a client's connection, if it has one here. */
    public boolean disconnect(String clientIdentifier, io.courtier.protocol.ReasonCode reason, String why) {
        Session session = sessions.get(clientIdentifier);
        ClientConnection connection = session == null ? null : session.connection();
        if (connection == null) return false;
        connection.disconnect(reason, why);
        return true;
    }

    /** Disconnects everybody, as a server that shuts down does. Sessions stay. */
    public void shutDown() {
        closing = true;
        for (Session session : List.copyOf(sessions.values())) {
            ClientConnection connection = session.connection();
            if (connection != null) {
                connection.disconnect(io.courtier.protocol.ReasonCode.SERVER_SHUTTING_DOWN, "the broker stops");
            }
        }
    }

    /** What a client of this shard may do with a topic, and why; null where it has no session. */
    public io.courtier.api.@Nullable Explanation explain(
            String clientIdentifier, TopicName topic, QoS qos, boolean retain) {
        Session session = sessions.get(clientIdentifier);
        return session == null ? null : session.explain(topic, qos, retain);
    }

    /** Compiles every session's permissions anew, after the authorizer changed, and ends what they do not allow. */
    public void permissionsChanged() {
        for (Session session : sessions.values()) {
            // Who it was is known by name only until the client comes back: then it is asked.
            if (session.isRestored()) continue;
            session.permit(plugins.permissions(session.principal, session.clientIdentifier, session.listener));
            ClientConnection connection = session.connection();
            if (connection != null) connection.forgetDecisions();
        }
    }

    /** The shard that a publisher had to wait for has room again. */
    public void roomIn(int shard) {
        congested &= ~(1L << shard);
        if (congested != 0) return;
        for (ClientConnection connection : paused) connection.readAgain();
        paused.clear();
    }

    /** The limits for all that comes from now on; sessions that are there keep what they were promised. */
    public void limits(Limits limits) {
        boolean sameUse = limits.fairUse().equals(this.limits.fairUse());
        this.limits = limits;
        limitsMessages = limits.fairUse().limitsMessages();
        if (sameUse) return;
        for (Session session : List.copyOf(sessions.values())) {
            ClientConnection connection = session.connection();
            if (connection != null) connection.rateChanged();
        }
    }

    public int index() {
        return index;
    }

    /** The shard's own; copy it in a turn of its loop. */
    public Counters counters() {
        counters.sessions = sessions.size();
        return counters;
    }

    /** The connected clients, in a turn of this shard's loop. */
    public void forEachConnected(java.util.function.Consumer<io.courtier.api.ClientInfo> visitor) {
        for (Session session : sessions.values()) {
            ClientConnection connection = session.connection();
            if (connection != null) visitor.accept(connection.describe());
        }
    }

    /** The shard of a client identifier: always the same one. */
    public static int homeOf(String clientIdentifier, int shards) {
        int hash = clientIdentifier.hashCode();
        // Identifiers with a running number differ in their last bits only: spread them.
        hash *= 0x9E3779B1;
        return Math.floorMod(hash ^ hash >>> 16, shards);
    }

    // ---- for the rest of the core

    Turn turn() {
        return turn;
    }

    Limits limits() {
        return limits;
    }

    /** Whether anybody's publishing has a rate: asked for each message. */
    boolean limitsMessages() {
        return limitsMessages;
    }

    Turnstile turnstile() {
        return turnstile;
    }

    Peers peers() {
        return peers;
    }

    Plugins plugins() {
        return plugins;
    }

    CoreEvents events() {
        return events;
    }

    /** Whether it has begun to shut down. */
    boolean isClosing() {
        return closing;
    }

    TimerWheel timers() {
        return timers;
    }

    SubscriptionTree tree() {
        return tree;
    }

    Routes routes() {
        return routes;
    }

    StoreLog log() {
        return log;
    }

    RetainedMessages retained() {
        return retained;
    }

    @Nullable
    History history() {
        return history;
    }

    TopicCache topics() {
        return topics;
    }

    Router router() {
        return router;
    }

    FanOut fanOut() {
        return fanOut;
    }

    /** An empty builder for one packet, until the next call. */
    ByteBuilder scratch() {
        scratch.clear();
        return scratch;
    }

    /** The layouts, of this message until the next call. */
    Layouts layouts(ApplicationMessage message) {
        layouts.begin(message, turn.epochMillis());
        return layouts;
    }

    void dirty(ClientOutput output) {
        if (dirtyCount == dirty.length) dirty = java.util.Arrays.copyOf(dirty, dirtyCount * 2);
        dirty[dirtyCount++] = output;
    }

    /** Runs at the end of this turn or of the next. */
    void later(Runnable work) {
        later.add(work);
    }

    @Nullable
    Session session(String clientIdentifier) {
        return sessions.get(clientIdentifier);
    }

    /**
     * A new session, or null where there are too many.
     *
     * @param kept it is to outlive the broker
     */
    @Nullable
    Session newSession(String clientIdentifier, boolean kept) {
        if (sessions.size() >= limits.sessionsMax()) return null;
        long id = kept ? log.append(new SessionRecord.Started(clientIdentifier)) : DurableLog.NOWHERE;
        return begin(new Session(this, clientIdentifier, id));
    }

    /** A session that was kept, before anything else happens. */
    Session restore(String clientIdentifier, long id) {
        return begin(new Session(this, clientIdentifier, id));
    }

    private Session begin(Session session) {
        sessions.put(session.clientIdentifier, session);
        turnstile.began(session);
        return session;
    }

    void ended(Session session) {
        sessions.remove(session.clientIdentifier, session);
        turnstile.ended(session);
    }

    Collection<Session> sessions() {
        return sessions.values();
    }

    /** A client identifier that is at home here and that nobody can guess. [MQTT-3.1.3-6] */
    String newClientIdentifier() {
        while (true) {
            String identifier = "auto-" + digits(random.nextLong()) + digits(random.nextLong());
            if (homeOf(identifier, peers.count()) == index && !sessions.containsKey(identifier)) return identifier;
        }
    }

    private static String digits(long bits) {
        char[] digits = new char[8];
        for (int i = 0; i < 8; i++) digits[i] = "0123456789abcdefghjkmnpqrstvwxyz".charAt((int) (bits >>> 5 * i & 31));
        return new String(digits);
    }

    /** Whether a message may wait in this queue; null: in one that is not made yet. */
    boolean mayQueue(@Nullable OutboundQueue queue, ApplicationMessage message) {
        return (queue == null ? 0 : queue.size()) < limits.queueMessagesMax()
                && (queue == null ? 0 : queue.bytes()) + message.weight() <= limits.queueBytesMax()
                && hasMemoryFor(message);
    }

    /** The same where what finds no memory waits in the store. */
    boolean mayKeep(@Nullable OutboundQueue queue, ApplicationMessage message) {
        return (queue == null ? 0 : queue.size()) < limits.queueMessagesMax()
                && (queue == null ? 0 : queue.bytes()) + message.weight() <= limits.queueBytesMax();
    }

    boolean hasMemoryFor(ApplicationMessage message) {
        return counters.queuedBytes + message.weight() <= limits.shardQueueBytesMax();
    }

    void queued(int messages, long bytes) {
        counters.messagesQueued += messages;
        counters.queuedBytes += bytes;
    }

    void unqueued(int messages, long bytes) {
        queued(-messages, -bytes);
    }

    void dropped(String client, Drop drop) {
        counters.messagesDropped++;
        events.dropped(client, drop);
    }

    void congested(int shard) {
        congested |= 1L << shard;
    }

    /** Reads a publisher no further while a shard that it may publish to is congested. */
    void pauseIfCongested(ClientConnection publisher) {
        if (congested != 0 && publisher.pause()) paused.add(publisher);
    }
}
