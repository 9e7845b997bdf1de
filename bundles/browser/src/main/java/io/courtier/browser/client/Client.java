// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.browser.Clock;
import io.courtier.core.RandomSource;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.ProtocolException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client for applications, without threads, sockets and timers: the page tells it what happens and calls {@link #tick}.
 *
 * <p>What the application wants goes on over {@link Connections}: messages wait in {@link Outbox} until the server has them,
 * {@link Subscriptions} are asked for again where the server forgot them, and {@link Inbox} answers what came. Whatever is
 * called is a {@link Turn}.
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

    private final ClientOptions options;
    private final Clock clock;
    private final ClientHost host;
    private final Turn turn;
    private final Records records;
    private final Handshake handshake;
    private final Authentication authentication;
    private final Outbox outbox;
    private final Inbox inbox;
    private final Subscriptions subscriptions;
    private final Restoration restoration;
    private final Connections connections;

    /** @param store null: what is not finished ends with the page */
    public Client(
            ClientOptions options, Clock clock, RandomSource random, ClientHost host, @Nullable ClientStore store) {
        this.options = options;
        this.clock = clock;
        this.host = host;
        Properties properties = options.connect().properties();
        ClientOptions.Bounds bounds = options.bounds();
        PacketIdentifiers identifiers = new PacketIdentifiers();
        turn = new Turn(this::flush);
        records = new Records(store);
        handshake = new Handshake(options, records);
        authentication = new Authentication(properties.string(Property.AUTHENTICATION_METHOD), turn, host);
        outbox = new Outbox(bounds, records, identifiers, turn);
        inbox = new Inbox(records, (int) properties.integer(Property.RECEIVE_MAXIMUM, bounds.receiveMaximum()));
        subscriptions = new Subscriptions(bounds.subscriptionsMax(), records, identifiers, turn, host);
        restoration = new Restoration(records, handshake, outbox, inbox, subscriptions);
        connections = new Connections(options, clock, random, host, records, handshake, turn, this::lost);
    }

    private void flush() {
        connections.flush();
    }

    private void lost(Failure why) {
        subscriptions.lost();
        authentication.lost(why);
    }

    // ---- what the application asks

    /**
     * A record that the store has; before the first connect, in any order.
     *
     * @throws io.courtier.protocol.codec.MalformedPacketException where it is none: the store is not ours, or damaged
     */
    public void loaded(long number, byte[] record) {
        restoration.loaded(number, record);
    }

    /** Connects. The answer is CONNACK's; a second call while one is under way fails. */
    public void connect(Reply reply) {
        turn.run(() -> {
            if (!connections.isIdle()) {
                String why = connections.isEnded() ? "the client has ended" : "the client is connected, or connects";
                turn.tell(() -> reply.failed(Failure.of(Failure.Kind.INVALID, why)));
                return;
            }
            restoration.restore();
            connections.connect(reply);
        });
    }

    public void publish(Publication publication, Reply reply) {
        turn.run(() -> {
            ApplicationMessage message;
            try {
                message = publication.message(clock.epochMillis());
            } catch (IllegalArgumentException nonsense) {
                turn.tell(() -> reply.failed(Failure.of(Failure.Kind.INVALID, String.valueOf(nonsense.getMessage()))));
                return;
            }
            if (connections.isEnded()) {
                turn.tell(() -> reply.failed(ended()));
            } else if (message.qos() == QoS.AT_MOST_ONCE
                    && connections.heldBytes() > options.bounds().bytesMax()) {
                turn.tell(() -> reply.failed(
                        Failure.of(Failure.Kind.FULL, ReasonCode.QUOTA_EXCEEDED, "the store is too slow")));
            } else {
                restoration.restore();
                outbox.publish(message, reply, options.queueQoS0(), connections.live(), clock.epochMillis());
            }
        });
    }

    /** Whether a message would find room among those that the server does not have yet. */
    public boolean hasRoom(Publication publication) {
        try {
            return outbox.hasRoom(publication.message(clock.epochMillis()).weight());
        } catch (IllegalArgumentException nonsense) {
            // It needs none: publish says what is wrong with it.
            return true;
        }
    }

    /**
     * Subscribes, now or when there is a connection, and at each new session again. The answer has a reason for each filter;
     * it fails where one is refused, and none is subscribed to then. Gives the number of the subscription; 0 where it failed
     * at once.
     */
    public int subscribe(List<Subscribe.Request> requests, Properties properties, Reply reply) {
        int[] number = {0};
        turn.run(() -> {
            if (connections.isEnded()) {
                turn.tell(() -> reply.failed(ended()));
            } else {
                restoration.restore();
                number[0] = subscriptions.add(requests, properties, reply, connections.live());
            }
        });
        return number[0];
    }

    /** Whether a topic is of one of the filters of a subscription, granted or not. */
    public boolean isFor(int subscription, TopicName topic) {
        return subscriptions.isFor(subscription, topic);
    }

    /** Ends a subscription. Filters that another one has stay with the server. */
    public void unsubscribe(int subscription, Reply reply) {
        turn.run(() -> subscriptions.remove(subscription, reply, connections.live()));
    }

    /**
     * Ends the connection with a DISCONNECT. What waits stays, for the next {@link #connect}.
     *
     * @param reason SUCCESS, or DISCONNECT_WITH_WILL_MESSAGE; before MQTT 5 it is not sent
     * @param properties Session Expiry Interval, which must be 0 where it was in CONNECT [MQTT-3.14.2-2]
     */
    public void disconnect(ReasonCode reason, Properties properties, Reply reply) {
        turn.run(() -> {
            if (connections.isEnded()) {
                turn.tell(() -> reply.failed(ended()));
                return;
            }
            if (!reason.isLegalIn(PacketType.DISCONNECT)
                    || properties.integer(Property.SESSION_EXPIRY_INTERVAL, 0) > 0
                            && options.connect().properties().integer(Property.SESSION_EXPIRY_INTERVAL, 0) == 0) {
                turn.tell(() -> reply.failed(Failure.of(Failure.Kind.INVALID, "no such DISCONNECT")));
                return;
            }
            connections.leave(reason, properties, Failure.of(Failure.Kind.ENDED, "disconnected by the application"));
            handshake.ended();
            turn.tell(() -> reply.done(List.of(ReasonCode.SUCCESS), Properties.NONE));
        });
    }

    /** Disconnects, and fails all that waits. Records in the store stay. */
    public void end() {
        turn.run(() -> {
            if (connections.isEnded()) return;
            connections.end(ended());
            outbox.end(ended());
            subscriptions.end(ended());
        });
    }

    private static Failure ended() {
        return Failure.of(Failure.Kind.ENDED, "the client has ended");
    }

    /** Answers what the server asked by AUTH. The method is that of CONNECT. */
    public void respond(byte @Nullable [] data, Properties properties) {
        turn.run(() -> {
            Link to = connections.current();
            if (to != null && to.v5()) authentication.respond(to, data, properties, clock.nanos());
        });
    }

    /** Begins to authenticate anew, on the connection that there is. */
    public void reauthenticate(byte @Nullable [] data, Properties properties, Reply reply) {
        turn.run(() -> authentication.begin(connections.live(), data, properties, reply));
    }

    // ---- what the page tells

    /** The network is there, or not, as the browser believes. It may err: a connection is tried, not ended. */
    public void network(boolean up) {
        turn.run(() -> connections.network(up));
    }

    /** The page is hidden for good, or put away: says goodbye at once. {@link #resume} connects again. */
    public void suspend() {
        turn.run(connections::suspend);
    }

    public void resume() {
        turn.run(connections::resume);
    }

    /** The transport is open. */
    public void opened(int connection) {
        turn.run(() -> {
            Link to = connections.numbered(connection);
            if (to != null) to.send(handshake.connect());
        });
    }

    /** Bytes came, which are the client's from now on. */
    public void received(int connection, byte[] bytes) {
        turn.run(() -> {
            Link from = connections.numbered(connection);
            if (from == null) return;
            from.received(clock.nanos());
            try {
                PacketDecoder decoder = from.decoder();
                decoder.feed(bytes, 0, bytes.length);
                for (PacketType type = decoder.next(); type != null; type = decoder.next()) {
                    handle(type, decoder, from);
                    if (connections.current() != from) return;
                }
            } catch (ProtocolException broken) {
                String text = String.valueOf(broken.getMessage());
                connections.refuse(from, broken.reason(), Failure.of(Failure.Kind.PROTOCOL, broken.reason(), text));
            }
        });
    }

    /** The transport closed, or could not be opened. */
    public void closed(int connection, String why) {
        turn.run(() -> {
            Link from = connections.numbered(connection);
            if (from != null) connections.closed(from, why);
        });
    }

    /** What was committed up to a ticket is durable. */
    public void stored(long ticket) {
        turn.run(() -> {
            records.stored(ticket);
            connections.release();
        });
    }

    /** The store failed. The client goes on without: what it had is stale from now on, and should be thrown away. */
    public void storeLost(String why) {
        turn.run(() -> {
            if (!records.isKept()) return;
            records.lose();
            connections.release();
            turn.tell(() -> host.trouble(Failure.of(Failure.Kind.STORE, why)));
        });
    }

    /** Looks at the clock. A few times a second will do. */
    public void tick() {
        turn.run(() -> {
            outbox.expire(clock.epochMillis());
            connections.tick();
        });
    }

    // ---- what can be asked

    public State state() {
        return connections.state();
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
        return handshake.clientIdentifier();
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
            case AUTH -> authentication.came((Auth) in.packet(), from, clock.nanos());
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
            connections.drop(to, Failure.said(ack.reason(), ack.properties()));
            return;
        }
        boolean goesOn = handshake.accepted(ack, to, clock.nanos());
        connections.accepted(ack);
        inbox.connected(goesOn);
        // Subscriptions first: what is published next may be meant to come back.
        subscriptions.connected(to, ack.sessionPresent());
        outbox.connected(to, goesOn);
        outbox.pump(to, clock.epochMillis());
    }

    private void publish(PacketDecoder in, Link from) {
        TopicName topic = from.aliases().resolve(in.topic(), in.topicAlias());
        if (topic == null) {
            throw new ProtocolException(ReasonCode.TOPIC_ALIAS_INVALID, "Topic Alias " + in.topicAlias());
        }
        Publish publish = new Publish(
                in.dup(), in.qos(), in.retain(), in.packetIdentifier(), topic, in.payload(), in.properties());
        List<Integer> matching = subscriptions.matching(topic, in.properties());
        Delivery delivery = new Delivery(this::handled, publish, matching);
        if (inbox.isNew(delivery, from.v5())) turn.tell(() -> host.message(delivery));
        else inbox.answer(from);
    }

    /** A handler returned. */
    private void handled(Delivery delivery) {
        turn.run(() -> {
            inbox.handled(delivery);
            Link to = connections.live();
            if (to != null) inbox.answer(to);
        });
    }

    private void disconnected(Disconnect disconnect, Link from) {
        connections.drop(from, Failure.said(disconnect.reason(), disconnect.properties()));
    }
}
