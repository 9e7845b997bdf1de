// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.browser.Clock;
import io.courtier.core.RandomSource;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.PingReq;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.ProtocolException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client for applications, without threads, sockets and timers: the page tells it what happens and calls {@link #tick}.
 *
 * <p>What the application wants goes on over connections. Messages wait in {@link Outbox} until the server has them,
 * {@link Subscriptions} are asked for again where the server forgot them, and a connection that is lost is tried again
 * ({@link ClientOptions.BackOff}), unless the server said that it would be in vain.
 *
 * <p>Whatever is called is a turn. Answers and events are told at its end, when all is consistent, and may call back; what is
 * to be sent leaves behind them, in one piece.
 */
public final class Client {
    public enum State {
        /** No connection is wanted. */
        DISCONNECTED,
        /** The transport opens, or CONNACK is waited for. */
        CONNECTING,
        CONNECTED,
        /** The next attempt has its time, or waits for the network. */
        RECONNECTING,
        /** For good. */
        ENDED
    }

    private static final long MILLI = 1_000_000;

    private final ClientOptions options;
    private final ProtocolVersion version;
    private final Clock clock;
    private final RandomSource random;
    private final ClientHost host;
    private final Records records;
    private final PacketIdentifiers identifiers = new PacketIdentifiers();
    private final Outbox outbox;
    private final Inbox inbox;
    private final Subscriptions subscriptions;
    private final Outgoing outgoing;
    private final ArrayDeque<Runnable> told = new ArrayDeque<>();
    private @Nullable Map<Long, Runnable> loaded = new TreeMap<>();

    private State state = State.DISCONNECTED;
    private String clientIdentifier;
    private boolean resumes;
    private @Nullable Link link;
    private int connections;
    private long deadlineNanos;
    private long connectedNanos;
    private int attempts;
    private long retryNanos;
    private boolean online = true;
    private boolean suspended;
    private @Nullable Reply connecting;
    private @Nullable Reply reauthenticating;
    private boolean inTurn;

    /** @param store null: what is not finished ends with the page */
    public Client(
            ClientOptions options, Clock clock, RandomSource random, ClientHost host, @Nullable ClientStore store) {
        this.options = options;
        this.clock = clock;
        this.random = random;
        this.host = host;
        version = options.connect().version();
        clientIdentifier = options.connect().clientIdentifier();
        records = new Records(store);
        ClientOptions.Bounds bounds = options.bounds();
        outbox = new Outbox(bounds, records, identifiers, told::add);
        inbox = new Inbox(records, (int)
                options.connect().properties().integer(Property.RECEIVE_MAXIMUM, bounds.receiveMaximum()));
        subscriptions = new Subscriptions(bounds.subscriptionsMax(), records, identifiers, told::add, host);
        outgoing = new Outgoing(host, records);
    }

    // ---- what the application asks

    /**
     * A record that the store has; before the first connect, in any order.
     *
     * @throws io.courtier.protocol.codec.MalformedPacketException where it is none: the store is not ours, or damaged
     */
    public void loaded(long number, byte[] record) {
        Map<Long, Runnable> to = loaded;
        if (to == null) throw new IllegalStateException("records are loaded before the client connects");
        records.read(number, record, new Records.Reader() {
            @Override
            public void session(String identifier) {
                if (clientIdentifier.isEmpty()) clientIdentifier = identifier;
            }

            @Override
            public void message(long at, int packetIdentifier, boolean released, ApplicationMessage message) {
                to.put(at, () -> outbox.restore(at, packetIdentifier, released, message));
            }

            @Override
            public void received(long at, int packetIdentifier) {
                to.put(at, () -> inbox.restore(packetIdentifier, handledBefore(at, packetIdentifier)));
            }

            @Override
            public void subscription(Subscription subscription, boolean leaving) {
                to.put(number, () -> subscriptions.restore(subscription, leaving));
            }
        });
    }

    private Delivery handledBefore(long record, int packetIdentifier) {
        Publish publish = new Publish(
                false, QoS.EXACTLY_ONCE, false, packetIdentifier, TopicName.NONE, new byte[0], Properties.NONE);
        Delivery delivery = new Delivery(this, publish, List.of());
        delivery.record = record;
        delivery.done();
        return delivery;
    }

    /** In the order of their numbers, which is that of the messages. */
    private void restore() {
        Map<Long, Runnable> all = loaded;
        loaded = null;
        if (all != null) for (Runnable each : all.values()) each.run();
    }

    /** Connects. The answer is CONNACK's; a second call while one is under way fails. */
    public void connect(Reply reply) {
        turn(() -> {
            if (state != State.DISCONNECTED || suspended) {
                String why = state == State.ENDED ? "the client has ended" : "the client is connected, or connects";
                told.add(() -> reply.failed(Failure.of(Failure.Kind.INVALID, why)));
                return;
            }
            restore();
            connecting = reply;
            attempts = 0;
            open();
        });
    }

    public void publish(Publication publication, Reply reply) {
        turn(() -> {
            ApplicationMessage message;
            try {
                message = publication.message(clock.epochMillis());
            } catch (IllegalArgumentException nonsense) {
                told.add(() -> reply.failed(Failure.of(Failure.Kind.INVALID, String.valueOf(nonsense.getMessage()))));
                return;
            }
            if (state == State.ENDED) {
                told.add(() -> reply.failed(ended()));
            } else if (message.qos() == QoS.AT_MOST_ONCE
                    && outgoing.heldBytes() > options.bounds().bytesMax()) {
                told.add(() -> reply.failed(
                        Failure.of(Failure.Kind.FULL, ReasonCode.QUOTA_EXCEEDED, "the store is too slow")));
            } else {
                restore();
                outbox.publish(message, reply, options.queueQoS0(), live(), clock.epochMillis());
            }
        });
    }

    /**
     * Subscribes, now or when there is a connection, and at each new session again. The answer has a reason for each filter;
     * it fails where one is refused, and none is subscribed to then. Gives the number of the subscription; 0 where it failed
     * at once.
     */
    public int subscribe(List<Subscribe.Request> requests, Properties properties, Reply reply) {
        int[] number = {0};
        turn(() -> {
            if (state == State.ENDED) {
                told.add(() -> reply.failed(ended()));
            } else {
                restore();
                number[0] = subscriptions.add(requests, properties, reply, live());
            }
        });
        return number[0];
    }

    /** Ends a subscription. Filters that another one has stay with the server. */
    public void unsubscribe(int subscription, Reply reply) {
        turn(() -> subscriptions.remove(subscription, reply, live()));
    }

    /**
     * Ends the connection with a DISCONNECT. What waits stays, for the next {@link #connect}.
     *
     * @param reason SUCCESS, or DISCONNECT_WITH_WILL_MESSAGE; before MQTT 5 it is not sent
     * @param properties Session Expiry Interval, which must be 0 where it was in CONNECT [MQTT-3.14.2-2]
     */
    public void disconnect(ReasonCode reason, Properties properties, Reply reply) {
        turn(() -> {
            if (!reason.isLegalIn(PacketType.DISCONNECT)
                    || properties.integer(Property.SESSION_EXPIRY_INTERVAL, 0) > 0
                            && options.connect().properties().integer(Property.SESSION_EXPIRY_INTERVAL, 0) == 0) {
                told.add(() -> reply.failed(Failure.of(Failure.Kind.INVALID, "no such DISCONNECT")));
                return;
            }
            leave(reason, properties, Failure.of(Failure.Kind.ENDED, "disconnected by the application"));
            resumes = false;
            told.add(() -> reply.done(List.of(ReasonCode.SUCCESS), Properties.NONE));
        });
    }

    /** Disconnects, and fails all that waits. Records in the store stay. */
    public void end() {
        turn(() -> {
            if (state == State.ENDED) return;
            leave(ReasonCode.SUCCESS, Properties.NONE, ended());
            outbox.end(ended());
            subscriptions.end(ended());
            state = State.ENDED;
        });
    }

    private static Failure ended() {
        return Failure.of(Failure.Kind.ENDED, "the client has ended");
    }

    private void leave(ReasonCode reason, Properties properties, Failure why) {
        suspended = false;
        Link from = link;
        if (from != null) {
            if (from.isAccepted()) from.send(new Disconnect(reason, properties));
            flush();
            outgoing.close(from.number(), records.endTurn());
        }
        over(why, State.DISCONNECTED);
    }

    /** Answers what the server asked by AUTH. The method is that of CONNECT. */
    public void respond(byte @Nullable [] data, Properties properties) {
        turn(() -> {
            Link to = link;
            if (to == null || !to.v5()) return;
            to.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, data, properties));
            if (!to.isAccepted())
                deadlineNanos = clock.nanos() + options.bounds().connectMillis() * MILLI;
        });
    }

    /** Begins to authenticate anew, on the connection that there is. */
    public void reauthenticate(byte @Nullable [] data, Properties properties, Reply reply) {
        turn(() -> {
            Link to = live();
            if (to == null || !to.v5() || method() == null || reauthenticating != null) {
                told.add(() -> reply.failed(Failure.of(
                        Failure.Kind.INVALID,
                        "it takes a connection of MQTT 5 with an Authentication Method, and one at a time")));
                return;
            }
            reauthenticating = reply;
            to.send(auth(ReasonCode.REAUTHENTICATE, data, properties));
        });
    }

    private Auth auth(ReasonCode reason, byte @Nullable [] data, Properties properties) {
        Properties.Builder all = properties.toBuilder();
        String method = method();
        if (method != null) all.set(Property.AUTHENTICATION_METHOD, method);
        if (data != null) all.set(Property.AUTHENTICATION_DATA, data);
        return new Auth(reason, all.build());
    }

    private @Nullable String method() {
        return options.connect().properties().string(Property.AUTHENTICATION_METHOD);
    }

    // ---- what the page tells

    /** The network is there, or not, as the browser believes. It may err: a connection is tried, not ended. */
    public void network(boolean up) {
        turn(() -> {
            online = up;
            Link to = live();
            if (to != null) ping(to);
            if (up && state == State.RECONNECTING && !suspended) open();
        });
    }

    /** The page is hidden for good, or put away: says goodbye at once. {@link #resume} connects again. */
    public void suspend() {
        turn(() -> {
            if (state == State.DISCONNECTED || state == State.ENDED || suspended) return;
            suspended = true;
            Link from = link;
            if (from != null) {
                // There may be no later: what waits for the store is lost here, and goes again.
                outgoing.drop(from.number());
                from.take(clock.nanos());
                if (from.isAccepted()) from.send(new Disconnect(ReasonCode.SUCCESS, Properties.NONE));
                byte[] bytes = from.take(clock.nanos());
                if (bytes.length > 0) host.send(from.number(), bytes);
                host.close(from.number());
                lost(Failure.of(Failure.Kind.ENDED, "the page was put away"));
            }
            state = State.RECONNECTING;
        });
    }

    public void resume() {
        turn(() -> {
            if (!suspended) return;
            suspended = false;
            open();
        });
    }

    /** The transport is open. */
    public void opened(int connection) {
        turn(() -> {
            Link to = link;
            if (to == null || to.number() != connection) return;
            to.send(connectPacket());
        });
    }

    private Connect connectPacket() {
        Connect wanted = options.connect();
        ClientOptions.Bounds bounds = options.bounds();
        Properties properties = Properties.NONE;
        if (version.hasProperties()) {
            Properties.Builder all = wanted.properties().toBuilder();
            if (!all.has(Property.RECEIVE_MAXIMUM)) all.set(Property.RECEIVE_MAXIMUM, bounds.receiveMaximum());
            if (!all.has(Property.MAXIMUM_PACKET_SIZE)) all.set(Property.MAXIMUM_PACKET_SIZE, packetBytesMax());
            if (!all.has(Property.TOPIC_ALIAS_MAXIMUM) && bounds.topicAliasesIn() > 0) {
                all.set(Property.TOPIC_ALIAS_MAXIMUM, bounds.topicAliasesIn());
            }
            properties = all.build();
        }
        return new Connect(
                version,
                clientIdentifier,
                // Before MQTT 5 it says as well what becomes of the session at the end.
                wanted.cleanStart() && !(resumes && version.hasProperties()),
                wanted.keepAliveSeconds(),
                wanted.will(),
                wanted.userName(),
                wanted.password(),
                properties);
    }

    private int packetBytesMax() {
        return (int) options.connect()
                .properties()
                .integer(Property.MAXIMUM_PACKET_SIZE, options.bounds().packetBytesMax());
    }

    /** Bytes came, which are the client's from now on. */
    public void received(int connection, byte[] bytes) {
        turn(() -> {
            Link from = link;
            if (from == null || from.number() != connection) return;
            from.received(clock.nanos());
            try {
                PacketDecoder decoder = from.decoder();
                decoder.feed(bytes, 0, bytes.length);
                for (PacketType type = decoder.next(); type != null; type = decoder.next()) {
                    handle(type, decoder, from);
                    if (link != from) return;
                }
            } catch (ProtocolException broken) {
                String text = String.valueOf(broken.getMessage());
                refuse(from, broken.reason(), Failure.of(Failure.Kind.PROTOCOL, broken.reason(), text));
            }
        });
    }

    /** The transport closed, or could not be opened. */
    public void closed(int connection, String why) {
        turn(() -> {
            Link from = link;
            if (from == null || from.number() != connection) return;
            outgoing.drop(connection);
            failed(Failure.of(Failure.Kind.LOST, why));
        });
    }

    /** What was committed up to a ticket is durable. */
    public void stored(long ticket) {
        turn(() -> {
            records.stored(ticket);
            outgoing.release();
        });
    }

    /** The store failed. The client goes on without: what it had is stale from now on, and should be thrown away. */
    public void storeLost(String why) {
        turn(() -> {
            if (!records.isKept()) return;
            records.lose();
            outgoing.release();
            told.add(() -> host.trouble(Failure.of(Failure.Kind.STORE, why)));
        });
    }

    /** Looks at the clock. A few times a second will do. */
    public void tick() {
        turn(() -> {
            long now = clock.nanos();
            outbox.expire(clock.epochMillis());
            Link at = link;
            if (at != null && !at.isAccepted() && now - deadlineNanos >= 0) {
                drop(at, Failure.of(Failure.Kind.TIMEOUT, "no CONNACK in time"));
            } else if (at != null && at.isSilent(now, options.bounds().pingMillis() * MILLI)) {
                String why =
                        "the server has not answered for " + options.bounds().pingMillis() + " ms";
                drop(at, Failure.of(Failure.Kind.TIMEOUT, ReasonCode.KEEP_ALIVE_TIMEOUT, why));
            } else if (at != null && at.isPingDue(now)) {
                ping(at);
            } else if (state == State.RECONNECTING && link == null && online && !suspended && now - retryNanos >= 0) {
                open();
            }
        });
    }

    private void ping(Link to) {
        if (to.isPinged()) return;
        to.send(new PingReq());
        to.pinged(clock.nanos());
    }

    /** A handler returned. */
    void handled(Delivery delivery) {
        turn(() -> {
            inbox.handled(delivery);
            Link to = live();
            if (to != null) inbox.answer(to);
        });
    }

    // ---- what can be asked

    public State state() {
        return state;
    }

    /** Messages that the server does not have. */
    public int queuedMessages() {
        return outbox.count();
    }

    public long queuedBytes() {
        return outbox.bytes();
    }

    /** As given, or as the server assigned it; empty before. */
    public String clientIdentifier() {
        return clientIdentifier;
    }

    // ---- turns

    private void turn(Runnable what) {
        if (inTurn) {
            what.run();
            return;
        }
        inTurn = true;
        try {
            what.run();
            while (!told.isEmpty()) told.remove().run();
        } finally {
            inTurn = false;
            flush();
        }
    }

    private void flush() {
        long ticket = records.endTurn();
        Link to = link;
        if (to != null) outgoing.send(to.number(), to.take(clock.nanos()), ticket);
    }

    /** The connection, where one is accepted. */
    private @Nullable Link live() {
        Link at = link;
        return at != null && at.isAccepted() ? at : null;
    }

    // ---- connections

    private void open() {
        state = State.CONNECTING;
        link = new Link(++connections, version, packetBytesMax());
        deadlineNanos = clock.nanos() + options.bounds().connectMillis() * MILLI;
        int connection = connections;
        told.add(() -> host.open(connection));
    }

    /** Tells a server that broke the standard, where its version can be told. [MQTT-4.13.1-1] */
    private void refuse(Link to, ReasonCode reason, Failure why) {
        if (to.isAccepted() && to.v5() && reason.isLegalIn(PacketType.DISCONNECT)) {
            to.send(new Disconnect(reason, Properties.NONE));
        }
        drop(to, why);
    }

    private void drop(Link from, Failure why) {
        flush();
        outgoing.close(from.number(), records.endTurn());
        failed(why);
    }

    /** The connection is over, or there was none: another is tried, where that may help. */
    private void failed(Failure why) {
        boolean first = connecting != null && !options.retryFirst();
        long now = clock.nanos();
        Link from = link;
        boolean stable = from != null
                && from.isAccepted()
                && now - connectedNanos >= options.backOff().stableMillis() * MILLI;
        if (stable) attempts = 0;
        ClientOptions.BackOff backOff = options.backOff();
        boolean exhausted = backOff.attemptsMax() > 0 && attempts >= backOff.attemptsMax();
        if (!backOff.enabled() || first || exhausted || !why.isPassing()) {
            over(why, State.DISCONNECTED);
            return;
        }
        lost(why);
        attempts++;
        double chance = (random.nextLong() >>> 11) * 0x1.0p-53;
        long delayMillis = backOff.delayMillis(attempts, chance);
        retryNanos = now + delayMillis * MILLI;
        state = State.RECONNECTING;
        int attempt = attempts;
        told.add(() -> host.reconnecting(attempt, delayMillis));
    }

    private void over(Failure why, State next) {
        boolean was = state != State.DISCONNECTED && state != State.ENDED;
        state = next;
        if (was) lost(why);
        Reply reply = connecting;
        connecting = null;
        if (reply != null) told.add(() -> reply.failed(why));
    }

    private void lost(Failure why) {
        link = null;
        subscriptions.lost();
        Reply waits = reauthenticating;
        reauthenticating = null;
        if (waits != null) told.add(() -> waits.failed(why));
        told.add(() -> host.disconnected(why));
    }

    // ---- packets

    private void handle(PacketType type, PacketDecoder in, Link from) {
        if (!from.isAccepted() && type != PacketType.CONNACK && type != PacketType.AUTH) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, type + " before CONNACK"); // [MQTT-3.2.0-1]
        }
        switch (type) {
            case PUBLISH -> publish(in, from);
            case PUBACK -> outbox.acknowledged(in.packetIdentifier(), in.reason(), in.properties(), from);
            case PUBREC -> outbox.received(in.packetIdentifier(), in.reason(), in.properties(), from);
            case PUBREL -> inbox.released(in.packetIdentifier(), from);
            case PUBCOMP -> outbox.completed(in.packetIdentifier(), from);
            case CONNACK -> connAck((ConnAck) in.packet(), from);
            case SUBACK -> subscriptions.acknowledged((SubAck) in.packet(), from);
            case UNSUBACK -> subscriptions.acknowledged((UnsubAck) in.packet());
            case PINGRESP -> from.pong();
            case AUTH -> auth((Auth) in.packet(), from);
            case DISCONNECT -> disconnected((Disconnect) in.packet(), from);
            default -> throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, type + " from a server");
        }
        if (type == PacketType.PUBACK || type == PacketType.PUBREC || type == PacketType.PUBCOMP) {
            outbox.pump(from, clock.epochMillis());
        }
    }

    private void connAck(ConnAck ack, Link to) {
        if (to.isAccepted()) throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "second CONNACK");
        if (ack.reason().isError()) {
            drop(to, Failure.said(ack.reason(), ack.properties()));
            return;
        }
        boolean clean = options.connect().cleanStart() && !(resumes && version.hasProperties());
        if (ack.sessionPresent() && clean) { // [MQTT-3.2.2-2]
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "a session where none was wanted");
        }
        Properties said = ack.properties();
        String assigned = said.string(Property.ASSIGNED_CLIENT_IDENTIFIER);
        if (assigned != null && clientIdentifier.isEmpty()) clientIdentifier = assigned;
        if (!resumes) records.session(clientIdentifier);
        resumes = true;
        ServerLimits limits = ServerLimits.of(said);
        int inMax = (int) options.connect()
                .properties()
                .integer(Property.TOPIC_ALIAS_MAXIMUM, options.bounds().topicAliasesIn());
        long keepAlive =
                said.integer(Property.SERVER_KEEP_ALIVE, options.connect().keepAliveSeconds());
        to.accepted(
                limits,
                new TopicAliases(
                        to.v5() ? inMax : 0, Math.min(options.bounds().topicAliasesOut(), limits.topicAliasMaximum())),
                keepAlive * 1_000 * MILLI);
        state = State.CONNECTED;
        connectedNanos = clock.nanos();
        Reply reply = connecting;
        connecting = null;
        if (reply != null) told.add(() -> reply.done(List.of(ack.reason()), said));
        told.add(() -> host.connected(ack));
        // MQTT 3.1 cannot say it: what is unfinished goes on as if it were, subscriptions are made again as if it were
        // not.
        boolean present = ack.sessionPresent() || version == ProtocolVersion.V3_1 && !clean;
        inbox.connected(present);
        // Subscriptions first: what is published next may be meant to come back.
        subscriptions.connected(to, ack.sessionPresent());
        outbox.connected(to, present);
        outbox.pump(to, clock.epochMillis());
    }

    private void publish(PacketDecoder in, Link from) {
        TopicName topic = from.aliases().resolve(in.topic(), in.topicAlias());
        if (topic == null) {
            throw new ProtocolException(ReasonCode.TOPIC_ALIAS_INVALID, "Topic Alias " + in.topicAlias());
        }
        Publish publish = new Publish(
                in.dup(), in.qos(), in.retain(), in.packetIdentifier(), topic, in.payload(), in.properties());
        Delivery delivery = new Delivery(this, publish, subscriptions.matching(topic, in.properties()));
        if (inbox.isNew(delivery, from.v5())) told.add(() -> host.message(delivery));
        else inbox.answer(from);
    }

    private void auth(Auth auth, Link from) {
        String method = auth.properties().string(Property.AUTHENTICATION_METHOD);
        if (auth.reason() == ReasonCode.SUCCESS) {
            Reply reply = reauthenticating;
            reauthenticating = null;
            if (reply == null) throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "AUTH that nobody waits for");
            told.add(() -> reply.done(List.of(ReasonCode.SUCCESS), auth.properties()));
            return;
        }
        if (auth.reason() != ReasonCode.CONTINUE_AUTHENTICATION || method() == null) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "AUTH that nobody asked for");
        }
        if (!from.isAccepted()) deadlineNanos = clock.nanos() + options.bounds().connectMillis() * MILLI;
        byte[] data = auth.properties().binary(Property.AUTHENTICATION_DATA);
        told.add(() -> host.auth(auth.reason(), method, data, auth.properties()));
    }

    private void disconnected(Disconnect disconnect, Link from) {
        drop(from, Failure.said(disconnect.reason(), disconnect.properties()));
    }
}
