// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.api.ClientInfo;
import io.courtier.core.CoreEvents.Drop;
import io.courtier.core.Reading.Obstacle;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.PingResp;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Unsubscribe;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.ProtocolException;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.OutboundBytes;
import org.jspecify.annotations.Nullable;

/**
 * One client's Network Connection after its CONNECT: which packet is for which flow, when it is read, and how it ends. The
 * flows beside it hold the rules of each packet, {@link ClientOutput} what may be sent and how.
 */
final class ClientConnection {
    enum State {
        /** The authenticator is thinking; what the client sends meanwhile is parked. */
        AUTHENTICATING,
        /** Enhanced authentication: an AUTH is expected, nothing else. */
        EXCHANGING,
        CONNECTED,
        CLOSED
    }

    private static final PingResp PINGRESP = new PingResp();
    /** The end of what lets a client in is a time of the wall clock, which may be set: it is looked at this often. */
    private static final long WALL_CLOCK_MILLIS = 60_000;
    /** What may come behind a pause for the rate: a reading or two, or what the system had when the peer closed. */
    private static final int PARKED_BYTES_MAX = 1 << 20;

    final Shard shard;
    final ConnectionInfo info;
    final PacketDecoder decoder;
    final ProtocolVersion version;
    final Reading reading;
    private final ClientOutput output;
    private final Timer timer;
    /** For those who may be here for a time only. */
    private @Nullable Timer expiryTimer;

    State state = State.AUTHENTICATING;
    String clientIdentifier = "";
    int keepAliveSeconds;
    boolean problemInformation = true;

    @Nullable
    TopicAliases aliases;

    @Nullable
    AuthFlow authentication;

    private @Nullable Session session;
    /** It is among those that are told when more is durable. */
    private boolean inHeld;
    /** What the session owes waits for CONNACK. */
    private boolean resumes;

    private int sendQuota;

    private long lastReceivedNanos;
    private byte @Nullable [] parked;
    private @Nullable Throttle throttle;
    private @Nullable TopicName allowedTopic;
    private int allowedFlags;

    ClientConnection(
            Shard shard,
            ConnectionInfo info,
            OutboundBytes out,
            Timer timer,
            PacketDecoder decoder,
            ProtocolVersion version) {
        this.shard = shard;
        this.info = info;
        this.reading = new Reading(out);
        this.output = new ClientOutput(shard, out, version);
        this.timer = timer;
        this.decoder = decoder;
        this.version = version;
        lastReceivedNanos = shard.turn().nowNanos();
    }

    /** The session; there is one from CONNACK on. */
    Session session() {
        if (session == null) throw new IllegalStateException("no session before CONNACK");
        return session;
    }

    boolean isV5() {
        return version == ProtocolVersion.V5;
    }

    // ---- bytes in

    void received(byte[] bytes, int offset, int length) {
        if (state == State.CLOSED) return;
        lastReceivedNanos = shard.turn().nowNanos();
        if (state == State.AUTHENTICATING || isThrottled()) {
            park(bytes, offset, length);
            return;
        }
        decoder.feed(bytes, offset, length);
        process();
    }

    /** Handles the packets that the decoder holds. What the peer did wrong is caught here and nowhere else. */
    void process() {
        try {
            while (!isThrottled() && (state == State.CONNECTED || state == State.EXCHANGING)) {
                PacketType type = decoder.next();
                if (type == null) return;
                handle(type);
            }
            if (state == State.AUTHENTICATING || isThrottled()) {
                byte[] unread = decoder.takeUnread();
                if (unread.length > 0) park(unread, 0, unread.length);
            }
        } catch (ProtocolException e) {
            shard.counters().protocolErrors++;
            disconnect(e.reason(), e.getMessage());
        }
    }

    private void handle(PacketType type) {
        if (state == State.EXCHANGING && type != PacketType.AUTH && type != PacketType.DISCONNECT) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, type + " before the end of authentication");
        }
        switch (type) {
            case PUBLISH -> PublishFlow.publish(this);
            case PUBACK -> AcknowledgementFlow.pubAck(this);
            case PUBREC -> AcknowledgementFlow.pubRec(this);
            case PUBREL -> AcknowledgementFlow.pubRel(this);
            case PUBCOMP -> AcknowledgementFlow.pubComp(this);
            case SUBSCRIBE -> SubscribeFlow.subscribe(this, (Subscribe) decoder.packet());
            case UNSUBSCRIBE -> SubscribeFlow.unsubscribe(this, (Unsubscribe) decoder.packet());
            case PINGREQ -> send(PINGRESP);
            case DISCONNECT -> DisconnectFlow.disconnect(this, (Disconnect) decoder.packet());
            case AUTH -> AuthFlow.auth(this);
            case CONNECT ->
                throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "a second CONNECT"); // [MQTT-3.1.0-2]
            default -> throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "only a server sends " + type);
        }
    }

    private void park(byte[] bytes, int offset, int length) {
        byte[] before = parked;
        int had = before == null ? 0 : before.length;
        // A transport that was told to stop delivers what it has, and all of it when the peer closes.
        if (isThrottled() && had + length > PARKED_BYTES_MAX) {
            disconnect(ReasonCode.MESSAGE_RATE_TOO_HIGH, "too much came behind what its rate allows");
            return;
        }
        byte[] all = new byte[had + length];
        if (before != null) System.arraycopy(before, 0, all, 0, had);
        System.arraycopy(bytes, offset, all, had, length);
        parked = all;
    }

    /** Waits for an authenticator: nothing is read any more, and so the parked bytes stay few. */
    void awaitAuthenticator() {
        if (state == State.AUTHENTICATING) reading.stop(Obstacle.AUTHENTICATION);
    }

    /** The authenticator answered: goes on with what was parked. */
    void goOn(State next, boolean waited) {
        if (state == State.CLOSED) return;
        state = next;
        if (waited) reading.goOn(Obstacle.AUTHENTICATION);
        unpark();
    }

    private void unpark() {
        byte[] bytes = parked;
        parked = null;
        if (bytes != null) received(bytes, 0, bytes.length);
    }

    // ---- the session

    /** CONNACK leaves: from now on this is the session's connection. */
    void connected(
            Session session,
            int sendQuota,
            long maximumPacketSize,
            @Nullable TopicAliases aliases,
            boolean aliasesOutbound) {
        // From here on every end is one of the session's: whatever breaks while it resumes.
        state = State.CONNECTED;
        this.session = session;
        this.sendQuota = sendQuota;
        this.aliases = aliases;
        output.take(maximumPacketSize, aliasesOutbound ? aliases : null);
        shard.timers().cancel(timer);
        // While an authenticator was thinking nothing was read: that was not the client's silence.
        lastReceivedNanos = shard.turn().nowNanos();
        superviseKeepAlive();
        Counters counters = shard.counters();
        counters.clientsConnected++;
        counters.clientsMaximum = Math.max(counters.clientsMaximum, counters.clientsConnected);
        session.connected(this);
        superviseExpiry();
        if (shard.limitsMessages()) throttle().begin();
    }

    /** How many QoS 1 and 2 messages may be unanswered at once. [MQTT-3.3.4-9] */
    int sendQuota() {
        return sendQuota;
    }

    private void superviseKeepAlive() {
        if (keepAliveSeconds > 0) shard.timers().set(timer, lastReceivedNanos + keepAliveSeconds * 1_500_000_000L);
    }

    /** The time of CONNECT and authentication is over, or one and a half times the Keep Alive. [MQTT-3.1.2-22] */
    void timedOut() {
        if (state == State.CLOSED) return;
        // Who is not read cannot be heard.
        if (reading.isStoppedBy(Obstacle.CONGESTION) || reading.isStoppedBy(Obstacle.STORE) || isThrottled())
            lastReceivedNanos = shard.turn().nowNanos();
        if (state != State.CONNECTED) {
            ConnectFlow.refuse(this, ReasonCode.SERVER_UNAVAILABLE, "authentication took too long", CloseCause.TIMEOUT);
        } else if (shard.turn().nowNanos() - lastReceivedNanos >= keepAliveSeconds * 1_500_000_000L) {
            disconnect(
                    ReasonCode.KEEP_ALIVE_TIMEOUT, "silent for more than " + keepAliveSeconds + " s and a half of it");
        } else {
            superviseKeepAlive();
        }
    }

    /** Somebody who may be here until a time goes then, unless a re-authentication moved it. The will is published. */
    void superviseExpiry() {
        if (state != State.CONNECTED) return;
        long expiresAtMillis = session().principal.expiresAtMillis();
        if (expiryTimer != null) shard.timers().cancel(expiryTimer);
        if (expiresAtMillis == Principal.NEVER) return;
        long nowMillis = shard.turn().epochMillis();
        if (nowMillis >= expiresAtMillis) {
            disconnect(ReasonCode.MAXIMUM_CONNECT_TIME, "what it came in by has expired");
            return;
        }
        if (expiryTimer == null) expiryTimer = new Timer(this::superviseExpiry);
        long waitMillis =
                nowMillis < expiresAtMillis - WALL_CLOCK_MILLIS ? WALL_CLOCK_MILLIS : expiresAtMillis - nowMillis;
        shard.timers().set(expiryTimer, shard.turn().nowNanos() + waitMillis * 1_000_000L);
    }

    /** Whether the client may publish this, asked once for a run of messages to one topic. */
    @SuppressWarnings("ReferenceEquality") // The shard's topics are interned: another object is just asked for again.
    boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
        int flags = qos.value() << 1 | (retain ? 1 : 0);
        if (topic == allowedTopic && flags == allowedFlags) return true;
        if (!session().permissions.mayPublish(topic, qos, retain)) return false;
        allowedTopic = topic;
        allowedFlags = flags;
        return true;
    }

    /** The permissions changed: ask again. */
    void forgetDecisions() {
        allowedTopic = null;
    }

    ClientInfo describe() {
        Session of = session();
        return new ClientInfo(
                clientIdentifier,
                of.principal.userName(),
                version,
                info.listener(),
                info.remoteAddress(),
                keepAliveSeconds,
                of.subscriptions().size(),
                of.outbox.queued(),
                of.outbox.inflight(),
                of.droppedMessages,
                throttle == null ? 0 : throttle.pauses());
    }

    // ---- bytes out

    boolean isWritable() {
        return output.isWritable();
    }

    /** The transport has room again. */
    void writable() {
        output.writable();
        reading.goOn(Obstacle.UNREAD_ANSWERS);
        if (state == State.CONNECTED) session().outbox.pump();
    }

    /** Sends a message. False: this client cannot have it, and it is to be treated as if it had been sent. */
    boolean send(
            ApplicationMessage message,
            int qos,
            boolean dup,
            boolean retain,
            int identifier,
            int @Nullable [] subscriptionIds,
            Layouts layouts) {
        Session to = session();
        Drop drop = to.mayReceive(message)
                ? output.publish(message, qos, dup, retain, identifier, subscriptionIds, layouts)
                : Drop.NOT_AUTHORIZED;
        if (drop != null) to.dropped(drop);
        return drop == null;
    }

    /** Sends PUBACK, PUBREC, PUBREL or PUBCOMP without an error. */
    void acknowledge(PacketType type, int identifier) {
        output.acknowledge(type, identifier);
        if (output.isChoked()) reading.stop(Obstacle.UNREAD_ANSWERS);
    }

    /** The same, as soon as what it promises is durable: both positions. */
    void acknowledge(PacketType type, int identifier, long storedAt, long retainedAt) {
        output.acknowledge(type, identifier, storedAt, retainedAt);
        if (output.held() > 0) held();
        if (output.isChoked()) reading.stop(Obstacle.UNREAD_ANSWERS);
    }

    /** The same with an acknowledgement that says more. */
    void acknowledge(ControlPacket packet, long storedAt, long retainedAt) {
        output.send(packet, false, storedAt, retainedAt);
        if (output.held() > 0) held();
        if (output.isChoked()) reading.stop(Obstacle.UNREAD_ANSWERS);
    }

    /** PUBREL, when it is durable that it is owed: or the message would be sent again, and be another. */
    void sendPubRel(int identifier) {
        acknowledge(PacketType.PUBREL, identifier, session().writtenAt(), 0);
    }

    void sendPubRel(int identifier, ReasonCode reason) {
        acknowledge(new PubRel(identifier, reason, Properties.NONE), 0, 0);
    }

    /** Sends any other packet. False: it is larger than the client takes. [MQTT-3.1.2-24] */
    boolean send(ControlPacket packet) {
        boolean sent = output.send(packet);
        if (output.isChoked()) reading.stop(Obstacle.UNREAD_ANSWERS);
        return sent;
    }

    /** Sends a packet when what it promises for the session is durable, and no message before it. */
    boolean promise(ControlPacket packet, long storedAt) {
        boolean sent = output.send(packet, true, storedAt, 0);
        if (output.held() > 0) held();
        if (output.isChoked()) reading.stop(Obstacle.UNREAD_ANSWERS);
        return sent;
    }

    private void held() {
        if (!inHeld) {
            inHeld = true;
            shard.log().hold(this);
        }
        if (output.held() > shard.log().heldMax()) reading.stop(Obstacle.STORE);
    }

    /** More is durable. */
    void release() {
        inHeld = false;
        boolean wasBarred = output.isBarred();
        output.release();
        if (output.held() <= shard.log().heldMax() / 2) reading.goOn(Obstacle.STORE);
        if (wasBarred && !output.isBarred() && state == State.CONNECTED) {
            if (resumes) resume();
            else session().outbox.pump();
        }
        if (output.held() > 0) held();
    }

    /** Sends what the session owes the client, after CONNACK. */
    void resume() {
        resumes = output.isBarred();
        if (!resumes) session().outbox.resume();
    }

    /** Sends an answer that the client is owed; one that cannot take it is disconnected rather than left to wait. */
    void answer(ControlPacket packet) {
        if (!promise(packet, session().writtenAt())) {
            disconnect(ReasonCode.PACKET_TOO_LARGE, packet.type() + " is larger than the client takes");
        }
    }

    /** A Reason String, where the client wants to know. [MQTT-3.1.2-29] */
    Properties reasonString(String why) {
        if (!problemInformation || !isV5()) return Properties.NONE;
        return Properties.builder().set(Property.REASON_STRING, why).build();
    }

    /** Stops reading while other shards are congested. False: it was stopped already. */
    boolean pause() {
        return state != State.CLOSED && reading.stop(Obstacle.CONGESTION);
    }

    void readAgain() {
        lastReceivedNanos = shard.turn().nowNanos();
        reading.goOn(Obstacle.CONGESTION);
    }

    // ---- the rate

    /** What holds it to its rates; only asked for where there are any. */
    Throttle throttle() {
        Throttle made = throttle;
        if (made == null) throttle = made = new Throttle(this);
        return made;
    }

    private boolean isThrottled() {
        return throttle != null && throttle.holds();
    }

    /** The limits are others: who waits by the old ones waits no longer. */
    void rateChanged() {
        if (throttle != null) throttle.goOn();
    }

    /** The client is back at its rate: goes on with what was parked. */
    void goOnAtRate() {
        lastReceivedNanos = shard.turn().nowNanos();
        unpark();
    }

    // ---- the end

    /** The server ends it: tells the reason where the version can [MQTT-4.13.1-1] [MQTT-3.14.0-1], then closes. */
    void disconnect(ReasonCode reason, String why) {
        if (state == State.CLOSED) return;
        if (state != State.CONNECTED) {
            ConnectFlow.refuse(this, reason, why, CloseCause.PROTOCOL_VIOLATION);
            return;
        }
        if (isV5() && reason.isLegalIn(PacketType.DISCONNECT)) send(new Disconnect(reason, reasonString(why)));
        finish(CloseCause.SERVER_DISCONNECTED, reason, why);
    }

    /** Closes, and leaves the session to itself. */
    void finish(CloseCause cause, @Nullable ReasonCode reason, String why) {
        if (state == State.CLOSED) return;
        boolean wasConnected = state == State.CONNECTED;
        output.close(cause);
        gone();
        if (wasConnected) {
            shard.events().disconnected(clientIdentifier, cause, reason, why);
            left();
        }
    }

    /** The network closed it. */
    void closed(CloseCause cause) {
        if (state == State.CLOSED) return;
        if (throttle != null && parked != null && throttle.outlives(cause)) return;
        close(cause);
    }

    /** The same, now that what came before was taken. */
    void close(CloseCause cause) {
        if (state == State.CLOSED) return;
        boolean wasConnected = state == State.CONNECTED;
        gone();
        if (wasConnected) {
            shard.events().disconnected(clientIdentifier, cause, null, "");
            left();
        }
    }

    private void gone() {
        state = State.CLOSED;
        output.end();
        parked = null;
        authentication = null;
        shard.timers().cancel(timer);
        if (expiryTimer != null) shard.timers().cancel(expiryTimer);
        if (throttle != null) throttle.end();
    }

    private void left() {
        shard.counters().clientsConnected--;
        Session of = session();
        if (of.connection() == this) of.disconnected();
    }
}
