// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.OutboundBytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client of MQTT 5 on one shard, both ends of its connection at hand. */
final class TestClient implements OutboundBytes {
    final String identifier;
    final NetworkConnection connection;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    boolean writable = true;
    boolean readable = true;
    boolean closed;

    /** Opened, and at home on this shard of two. */
    TestClient(Shard shard, String name) {
        int i = 0;
        while (Shard.homeOf(name + i, 2) != shard.index()) i++;
        identifier = name + i;
        connection = shard.accept(new ConnectionInfo("t", "tcp", "127.0.0.1", 1, true, null), this);
    }

    TestClient connect(int keepAliveSeconds, long expirySeconds) {
        send(new Connect(
                ProtocolVersion.V5,
                identifier,
                false,
                keepAliveSeconds,
                null,
                null,
                null,
                Properties.builder()
                        .set(Property.SESSION_EXPIRY_INTERVAL, expirySeconds)
                        .build()));
        return this;
    }

    TestClient subscribe(String filter, QoS qos) {
        send(new Subscribe(1, List.of(new Subscribe.Request(filter, SubscriptionOptions.of(qos))), Properties.NONE));
        return this;
    }

    void publish(String topic, String payload, QoS qos) {
        send(new Publish(
                false,
                qos,
                false,
                qos == QoS.AT_MOST_ONCE ? 0 : 1,
                TopicName.of(topic),
                payload.getBytes(StandardCharsets.UTF_8),
                Properties.NONE));
    }

    void send(ControlPacket packet) {
        ByteBuilder bytes = new ByteBuilder(64);
        PacketEncoder.encode(packet, ProtocolVersion.V5, bytes);
        byte[] exact = new byte[bytes.length()];
        System.arraycopy(bytes.array(), 0, exact, 0, exact.length);
        try {
            connection.received(exact, 0, exact.length);
        } catch (RuntimeException e) {
            // As every host does.
            connection.broken(e.toString());
        }
    }

    /** The network fails. */
    void lost() {
        closed = true;
        connection.closed(CloseCause.PEER_CLOSED);
    }

    /** Every packet that came. */
    List<ControlPacket> packets() {
        PacketDecoder decoder = new PacketDecoder(1 << 20);
        decoder.version(ProtocolVersion.V5);
        byte[] all = written.toByteArray();
        decoder.feed(all, 0, all.length);
        List<ControlPacket> packets = new ArrayList<>();
        while (decoder.next() != null) packets.add(decoder.packet());
        return packets;
    }

    List<String> payloads() {
        List<String> found = new ArrayList<>();
        for (ControlPacket packet : packets()) {
            if (packet instanceof Publish publish) found.add(new String(publish.payload(), StandardCharsets.UTF_8));
        }
        return found;
    }

    int writtenBytes() {
        return written.size();
    }

    // ---- what the broker does

    @Override
    public boolean write(byte[] bytes, int offset, int length) {
        written.write(bytes, offset, length);
        return writable;
    }

    @Override
    public boolean writeShared(byte[] bytes, int offset, int length) {
        return write(bytes, offset, length);
    }

    @Override
    public void flush() {}

    @Override
    public void readable(boolean wanted) {
        readable = wanted;
    }

    @Override
    public void moveTo(EventLoop home, Runnable arrived) {
        throw new AssertionError("moved by Peers");
    }

    @Override
    public void close(CloseCause cause) {
        closed = true;
    }
}
