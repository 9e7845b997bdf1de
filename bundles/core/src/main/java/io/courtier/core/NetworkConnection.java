// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import io.courtier.protocol.codec.ProtocolException;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.InboundBytes;
import io.courtier.spi.transport.OutboundBytes;
import org.jspecify.annotations.Nullable;

/**
 * A connection from its opening on: reads CONNECT and nothing else [MQTT-3.1.0-1], moves to the shard of the client
 * identifier, and is from then on that of a {@link ClientConnection}. Before CONNECT it may cost little: a bounded packet
 * and a bounded time.
 */
public final class NetworkConnection implements InboundBytes {
    /** Client identifier, user name, password, will topic and will payload of 64 KiB each would be odd. */
    private static final int CONNECT_BYTES_MAX = 128 * 1024;

    private final ConnectionInfo info;
    private final OutboundBytes out;
    private final Timer timer = new Timer(this::timedOut);
    private Shard shard;
    private @Nullable PacketDecoder decoder;
    private @Nullable ClientConnection client;
    private boolean closed;

    NetworkConnection(Shard shard, ConnectionInfo info, OutboundBytes out) {
        this.shard = shard;
        this.info = info;
        this.out = out;
        timeOutAfter(shard.limits().connectSeconds() * 1_000_000_000L);
    }

    /** The shard that owns it at the moment. */
    public Shard shard() {
        return shard;
    }

    /** Something in here broke, through no fault of the client: the connection ends, the session stays. */
    public void broken(String why) {
        if (client != null) client.disconnect(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, why);
        else if (!closed) fail(CloseCause.SERVER_DISCONNECTED, why);
    }

    private void timeOutAfter(long nanos) {
        shard.timers().set(timer, shard.turn().nowNanos() + nanos);
    }

    private void timedOut() {
        if (client != null) client.timedOut();
        else if (!closed) fail(CloseCause.TIMEOUT, "no CONNECT in time");
    }

    @Override
    public void received(byte[] bytes, int offset, int length) {
        shard.counters().bytesReceived += length;
        if (client != null) {
            client.received(bytes, offset, length);
            return;
        }
        if (closed) return;
        if (decoder == null) {
            decoder =
                    new PacketDecoder(Math.min(CONNECT_BYTES_MAX, shard.limits().packetBytesMax()), shard.topics());
        }
        PacketDecoder reading = decoder;
        try {
            reading.feed(bytes, offset, length);
            PacketType type = reading.next();
            if (type == null) return;
            if (!(reading.packet() instanceof Connect connect)) {
                shard.counters().protocolErrors++;
                fail(CloseCause.PROTOCOL_VIOLATION, "the first packet is " + type + ", not CONNECT");
                return;
            }
            connect(reading, connect);
        } catch (ProtocolException e) {
            refuse(reading.version(), e);
        }
    }

    private void connect(PacketDecoder reading, Connect connect) {
        Connect complete = connect;
        String assigned = null;
        if (connect.clientIdentifier().isEmpty() && ConnectFlow.mayAssignIdentifier(connect)) {
            assigned = shard.newClientIdentifier();
            complete = ConnectFlow.withIdentifier(connect, assigned);
        }
        Connect named = complete;
        String given = assigned;
        int home = Shard.homeOf(named.clientIdentifier(), shard.peers().count());
        decoder = null;
        if (home == shard.index()) {
            reading.maximumPacketSize(shard.limits().packetBytesMax());
            ClientConnection made = new ClientConnection(shard, info, out, timer, reading, named.version());
            client = made;
            ConnectFlow.begin(made, named, given);
            made.process();
            return;
        }
        byte[] unread = reading.takeUnread();
        shard.timers().cancel(timer);
        shard.peers().move(out, home, target -> arrived(target, named, given, unread));
    }

    private void arrived(Shard target, Connect connect, @Nullable String assigned, byte[] unread) {
        shard = target;
        if (closed) return;
        timeOutAfter(target.limits().connectSeconds() * 1_000_000_000L);
        PacketDecoder decoding = new PacketDecoder(target.limits().packetBytesMax(), target.topics());
        decoding.version(connect.version());
        ClientConnection made = new ClientConnection(target, info, out, timer, decoding, connect.version());
        client = made;
        ConnectFlow.begin(made, connect, assigned);
        if (unread.length > 0) made.received(unread, 0, unread.length);
    }

    /** Answers a bad CONNECT where the client can understand it, and closes. [MQTT-3.1.4-1] [MQTT-3.1.4-6] */
    private void refuse(@Nullable ProtocolVersion version, ProtocolException e) {
        shard.counters().protocolErrors++;
        ByteBuilder answer = shard.scratch();
        if (e.reason() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION) {
            // Of a version that we do not know, this is what all versions so far can read.
            PacketEncoder.encode(new ConnAck(false, e.reason(), Properties.NONE), ProtocolVersion.V3_1_1, answer);
        } else if (version == ProtocolVersion.V5 && e.reason().isLegalIn(PacketType.CONNACK)) {
            PacketEncoder.encode(new ConnAck(false, e.reason(), Properties.NONE), version, answer);
        }
        if (answer.length() > 0) out.write(answer.array(), 0, answer.length());
        fail(CloseCause.PROTOCOL_VIOLATION, e.getMessage());
    }

    private void fail(CloseCause cause, String why) {
        closed = true;
        decoder = null;
        shard.timers().cancel(timer);
        shard.counters().connectionsRefused++;
        shard.events().refused("", info, ReasonCode.UNSPECIFIED_ERROR, why);
        out.flush();
        out.close(cause);
    }

    @Override
    public void writable() {
        if (client != null) client.writable();
    }

    @Override
    public void closing() {
        if (client != null) client.disconnect(ReasonCode.SERVER_SHUTTING_DOWN, "the listener closes");
        else if (!closed) fail(CloseCause.LISTENER_CLOSED, "the listener closes");
    }

    @Override
    public void closed(CloseCause cause) {
        if (client != null) {
            client.closed(cause);
        } else {
            closed = true;
            decoder = null;
            shard.timers().cancel(timer);
        }
    }
}
