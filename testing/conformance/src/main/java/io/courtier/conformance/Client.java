// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.PingReq;
import io.courtier.protocol.PingResp;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.PubComp;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import io.courtier.protocol.Will;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client for scenarios: it sends what it is told, right or wrong, and shows every packet that comes, in order. It answers
 * nothing by itself.
 */
public final class Client {
    private final Wire wire;
    private final ProtocolVersion version;
    private final PacketDecoder decoder = new PacketDecoder(16 << 20);
    private int lastIdentifier;
    private boolean fed;

    public Client(Door door, ProtocolVersion version) {
        this(door.open(), version);
    }

    public Client(Wire wire, ProtocolVersion version) {
        this.wire = wire;
        this.version = version;
        decoder.version(version);
    }

    public Wire wire() {
        return wire;
    }

    // ---- sending

    public void send(ControlPacket packet) {
        ByteBuilder bytes = new ByteBuilder(256);
        if (!PacketEncoder.encode(packet, version, bytes)) throw new IllegalArgumentException("cannot be encoded");
        byte[] exact = new byte[bytes.length()];
        System.arraycopy(bytes.array(), 0, exact, 0, exact.length);
        wire.send(exact);
    }

    /** Sends bytes as they stand: {@code "c0 00"}. */
    public void sendHex(String hex) {
        wire.send(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    public static Connect connect(ProtocolVersion version, String identifier, boolean clean) {
        return new Connect(version, identifier, clean, 0, null, null, null, Properties.NONE);
    }

    public ConnAck connect(String identifier, boolean clean) {
        return connect(identifier, clean, null, Properties.NONE);
    }

    public ConnAck connect(String identifier, boolean clean, @Nullable Will will, Properties properties) {
        return connect(new Connect(version, identifier, clean, 0, will, null, null, properties));
    }

    public ConnAck connect(Connect connect) {
        send(connect);
        return expect(ConnAck.class);
    }

    /** Publishes and does not wait; gives the Packet Identifier. */
    public int publish(String topic, String payload, QoS qos, boolean retain, Properties properties) {
        int identifier = qos == QoS.AT_MOST_ONCE ? 0 : nextIdentifier();
        send(new Publish(
                false,
                qos,
                retain,
                identifier,
                TopicName.of(topic),
                payload.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                properties));
        return identifier;
    }

    public int publish(String topic, String payload, QoS qos) {
        return publish(topic, payload, qos, false, Properties.NONE);
    }

    /** Publishes and takes part in the whole exchange of its QoS. */
    public ReasonCode publishAndWait(String topic, String payload, QoS qos, boolean retain) {
        int identifier = publish(topic, payload, qos, retain, Properties.NONE);
        switch (qos) {
            case AT_MOST_ONCE -> {
                barrier();
                return ReasonCode.SUCCESS;
            }
            case AT_LEAST_ONCE -> {
                return expect(PubAck.class).reason();
            }
            case EXACTLY_ONCE -> {
                PubRec received = expect(PubRec.class);
                if (received.reason().isError()) return received.reason();
                send(new PubRel(identifier, ReasonCode.SUCCESS, Properties.NONE));
                return expect(PubComp.class).reason();
            }
        }
        throw new AssertionError(qos);
    }

    public SubAck subscribe(String filter, QoS qos) {
        return subscribe(filter, SubscriptionOptions.of(qos), Properties.NONE);
    }

    public SubAck subscribe(String filter, SubscriptionOptions options, Properties properties) {
        send(new Subscribe(nextIdentifier(), List.of(new Subscribe.Request(filter, options)), properties));
        return expect(SubAck.class);
    }

    public UnsubAck unsubscribe(String filter) {
        send(new Unsubscribe(nextIdentifier(), List.of(filter), Properties.NONE));
        return expect(UnsubAck.class);
    }

    public void disconnect() {
        send(new Disconnect(ReasonCode.SUCCESS, Properties.NONE));
        if (!wire.awaitClosed()) throw new AssertionError("the broker did not close");
    }

    public void answer(Publish publish) {
        switch (publish.qos()) {
            case AT_MOST_ONCE -> {
                // Nothing is owed.
            }
            case AT_LEAST_ONCE -> send(new PubAck(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
            case EXACTLY_ONCE -> {
                send(new PubRec(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
                expect(PubRel.class);
                send(new PubComp(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
            }
        }
    }

    public int nextIdentifier() {
        return lastIdentifier = lastIdentifier % 65_535 + 1;
    }

    // ---- receiving

    /** The next packet, which must be of this type. */
    public <T extends ControlPacket> T expect(Class<T> type) {
        ControlPacket packet = next();
        if (packet == null) {
            throw new AssertionError("expected " + type.getSimpleName() + ", but nothing came"
                    + (wire.awaitClosed() ? ": the broker closed the connection" : ""));
        }
        if (!type.isInstance(packet))
            throw new AssertionError("expected " + type.getSimpleName() + ", but came " + packet);
        return type.cast(packet);
    }

    /** The next message, acknowledged. */
    public Publish expectMessage() {
        Publish publish = expect(Publish.class);
        answer(publish);
        return publish;
    }

    /** The payload of the next message, acknowledged. */
    public String expectPayload() {
        return payload(expectMessage());
    }

    public static String payload(Publish publish) {
        return new String(publish.payload(), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Nothing is on its way to this client. */
    public void expectNothing() {
        List<ControlPacket> came = drain();
        if (!came.isEmpty()) throw new AssertionError("expected nothing, but came " + came);
    }

    /** All that is on its way to this client. */
    public List<ControlPacket> drain() {
        List<ControlPacket> came = new ArrayList<>();
        // Twice: the first answer may overtake what another shard was just handed, the second may not.
        for (int i = 0; i < 2; i++) {
            send(new PingReq());
            while (true) {
                ControlPacket packet = next();
                if (packet == null) throw new AssertionError("no PINGRESP");
                if (packet instanceof PingResp) break;
                came.add(packet);
            }
        }
        return came;
    }

    /** Everything that was sent so far has been handled. */
    public void barrier() {
        List<ControlPacket> came = drain();
        if (!came.isEmpty()) throw new AssertionError("came in between: " + came);
    }

    /** The broker closes, after a DISCONNECT with this reason where the version has one. */
    public void expectDisconnected(ReasonCode reason) {
        if (version == ProtocolVersion.V5) {
            Disconnect last = expect(Disconnect.class);
            if (last.reason() != reason) throw new AssertionError("expected " + reason + ", but came " + last);
        }
        expectClosed();
    }

    /** The broker closes without another packet. */
    public void expectClosed() {
        ControlPacket packet = next();
        if (packet != null) throw new AssertionError("expected the end, but came " + packet);
        if (!wire.awaitClosed()) throw new AssertionError("the broker did not close");
    }

    /** The next packet, or null where none has come. */
    public @Nullable ControlPacket poll() {
        return next();
    }

    private @Nullable ControlPacket next() {
        while (true) {
            if (fed) {
                PacketType type = decoder.next();
                if (type != null) return decoder.packet();
                fed = false;
            }
            byte[] bytes = wire.receive();
            if (bytes == null) return null;
            decoder.feed(bytes, 0, bytes.length);
            fed = true;
        }
    }
}
