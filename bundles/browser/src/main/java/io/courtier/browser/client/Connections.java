// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.browser.Clock;
import io.courtier.core.RandomSource;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ReasonCode;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections to the server, one after the other: which there is, or when the next is tried. One that is lost is, after a
 * while ({@link Attempts}), unless the server said that it would be in vain, or the page is put away.
 */
final class Connections {
    private static final long MILLI = 1_000_000;

    private final ClientOptions options;
    private final Clock clock;
    private final ClientHost host;
    private final Records records;
    private final Outgoing outgoing;
    private final Handshake handshake;
    private final Turn turn;
    private final Consumer<Failure> lost;
    private final Attempts attempts;
    private Client.State state = Client.State.DISCONNECTED;
    private @Nullable Link link;
    private int last;
    private long retryNanos;
    private boolean online = true;
    private boolean suspended;
    private @Nullable Reply connecting;

    /** @param lost told when there was a connection, or an attempt, and it is over */
    Connections(
            ClientOptions options,
            Clock clock,
            RandomSource random,
            ClientHost host,
            Records records,
            Handshake handshake,
            Turn turn,
            Consumer<Failure> lost) {
        this.options = options;
        this.clock = clock;
        this.host = host;
        this.records = records;
        outgoing = new Outgoing(host, records);
        this.handshake = handshake;
        this.turn = turn;
        this.lost = lost;
        attempts = new Attempts(options.backOff(), random);
    }

    Client.State state() {
        return state;
    }

    boolean isEnded() {
        return state == Client.State.ENDED;
    }

    /** None is wanted: {@link #connect} may be called. */
    boolean isIdle() {
        return state == Client.State.DISCONNECTED && !suspended;
    }

    /** The connection, where one is accepted. */
    @Nullable
    Link live() {
        Link at = link;
        return at != null && at.isAccepted() ? at : null;
    }

    /** The connection, or the attempt, of this number; null where it is over. */
    @Nullable
    Link numbered(int connection) {
        Link at = link;
        return at != null && at.number() == connection ? at : null;
    }

    /** The connection, or the attempt, that there is. */
    @Nullable
    Link current() {
        return link;
    }

    /** Bytes that wait for the store. */
    long heldBytes() {
        return outgoing.heldBytes();
    }

    // ---- beginning

    void connect(Reply reply) {
        connecting = reply;
        attempts.endRow();
        open();
    }

    private void open() {
        state = Client.State.CONNECTING;
        int connection = ++last;
        link = new Link(
                connection,
                options.connect().version(),
                handshake.packetBytesMax(),
                options.bounds().connectMillis() * MILLI,
                clock.nanos());
        turn.tell(() -> host.open(connection));
    }

    /** CONNACK said yes. */
    void accepted(ConnAck ack) {
        state = Client.State.CONNECTED;
        Reply reply = connecting;
        connecting = null;
        if (reply != null) turn.tell(() -> reply.done(List.of(ack.reason()), ack.properties()));
        turn.tell(() -> host.connected(ack));
    }

    // ---- what the page tells

    /** The network is there, or not: a connection is tried, not ended. */
    void network(boolean up) {
        online = up;
        Link to = live();
        if (to != null) to.ping(clock.nanos());
        if (up && state == Client.State.RECONNECTING && !suspended) open();
    }

    /** Says goodbye at once. */
    void suspend() {
        if (state == Client.State.DISCONNECTED || isEnded() || suspended) return;
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
            over(Failure.of(Failure.Kind.ENDED, "the page was put away"));
        }
        state = Client.State.RECONNECTING;
    }

    void resume() {
        if (!suspended) return;
        suspended = false;
        open();
    }

    void tick() {
        long now = clock.nanos();
        Link at = link;
        if (at == null) {
            boolean due = state == Client.State.RECONNECTING && now - retryNanos >= 0;
            if (due && online && !suspended) open();
            return;
        }
        long pingMillis = options.bounds().pingMillis();
        if (at.isLate(now)) {
            drop(at, Failure.of(Failure.Kind.TIMEOUT, "no CONNACK in time"));
        } else if (at.isSilent(now, pingMillis * MILLI)) {
            String why = "the server has not answered for " + pingMillis + " ms";
            drop(at, Failure.of(Failure.Kind.TIMEOUT, ReasonCode.KEEP_ALIVE_TIMEOUT, why));
        } else if (at.isPingDue(now)) {
            at.ping(now);
        }
    }

    // ---- sending

    /** Ends a turn: what it sent leaves, when what it wrote down is durable. */
    void flush() {
        long ticket = records.endTurn();
        Link to = link;
        if (to != null) outgoing.send(to.number(), to.take(clock.nanos()), ticket);
    }

    /** More is durable. */
    void release() {
        outgoing.release();
    }

    // ---- ending

    /** The transport closed, or could not be opened. */
    void closed(Link which, String why) {
        outgoing.drop(which.number());
        failed(Failure.of(Failure.Kind.LOST, why));
    }

    /** Tells a server that broke the standard, where its version can be told. [MQTT-4.13.1-1] */
    void refuse(Link to, ReasonCode reason, Failure why) {
        if (to.isAccepted() && to.v5() && reason.isLegalIn(PacketType.DISCONNECT)) {
            to.send(new Disconnect(reason, Properties.NONE));
        }
        drop(to, why);
    }

    /** Closes the connection. Another is tried, where that may help. */
    void drop(Link from, Failure why) {
        close(from);
        failed(why);
    }

    /** Closes behind what was sent. */
    private void close(Link from) {
        flush();
        outgoing.close(from.number(), records.endTurn());
    }

    /** The application wants none any more. */
    void leave(ReasonCode reason, Properties properties, Failure why) {
        suspended = false;
        Link from = link;
        if (from != null) {
            if (from.isAccepted()) from.send(new Disconnect(reason, properties));
            close(from);
        }
        giveUp(why);
    }

    /** The same for good. */
    void end(Failure why) {
        leave(ReasonCode.SUCCESS, Properties.NONE, why);
        state = Client.State.ENDED;
    }

    /** The connection is over, or there was none: another is tried, where that may help. */
    private void failed(Failure why) {
        long now = clock.nanos();
        Link from = link;
        if (from != null && from.hasHeld(attempts.stableNanos(), now)) attempts.endRow();
        boolean first = connecting != null && !options.retryFirst();
        if (first || !attempts.isAnotherLeft() || !why.isPassing()) {
            giveUp(why);
            return;
        }
        over(why);
        long delayMillis = attempts.nextMillis();
        retryNanos = now + delayMillis * MILLI;
        state = Client.State.RECONNECTING;
        int attempt = attempts.number();
        turn.tell(() -> host.reconnecting(attempt, delayMillis));
    }

    private void giveUp(Failure why) {
        boolean was = state != Client.State.DISCONNECTED && !isEnded();
        state = Client.State.DISCONNECTED;
        if (was) over(why);
        Reply reply = connecting;
        connecting = null;
        if (reply != null) turn.tell(() -> reply.failed(why));
    }

    private void over(Failure why) {
        link = null;
        lost.accept(why);
        turn.tell(() -> host.disconnected(why));
    }
}
