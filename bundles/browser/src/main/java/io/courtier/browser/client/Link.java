// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.PingReq;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.EncodedPublish;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import org.jspecify.annotations.Nullable;

/** One connection to the server: its grammar, its limits, and what this turn sends on it. */
final class Link {
    private final int number;
    private final ProtocolVersion version;
    private final PacketDecoder decoder;
    private ByteBuilder out = new ByteBuilder(512);
    private ServerLimits limits = ServerLimits.of(Properties.NONE);
    private TopicAliases aliases = new TopicAliases(0, 0);
    private final long connectNanos;
    private long connectDeadlineNanos;
    private boolean accepted;
    private long acceptedNanos;
    private long keepAliveNanos;
    private long sentNanos;
    private long receivedNanos;
    private long pingedNanos;
    private boolean pinged;

    /** @param connectNanos how long CONNACK may take */
    Link(int number, ProtocolVersion version, int packetBytesMax, long connectNanos, long nowNanos) {
        this.number = number;
        this.version = version;
        this.connectNanos = connectNanos;
        await(nowNanos);
        decoder = new PacketDecoder(packetBytesMax);
        decoder.version(version);
    }

    int number() {
        return number;
    }

    boolean v5() {
        return version.hasProperties();
    }

    PacketDecoder decoder() {
        return decoder;
    }

    ServerLimits limits() {
        return limits;
    }

    TopicAliases aliases() {
        return aliases;
    }

    /** CONNACK said yes. */
    boolean isAccepted() {
        return accepted;
    }

    /** The time for CONNACK begins, or begins anew with a step of authentication. */
    void await(long nowNanos) {
        connectDeadlineNanos = nowNanos + connectNanos;
    }

    /** CONNACK did not come in time. */
    boolean isLate(long nowNanos) {
        return !accepted && nowNanos - connectDeadlineNanos >= 0;
    }

    /** It was accepted so long ago. */
    boolean hasHeld(long forNanos, long nowNanos) {
        return accepted && nowNanos - acceptedNanos >= forNanos;
    }

    void accepted(ServerLimits limits, TopicAliases aliases, long keepAliveNanos, long nowNanos) {
        accepted = true;
        acceptedNanos = nowNanos;
        this.limits = limits;
        this.aliases = aliases;
        this.keepAliveNanos = keepAliveNanos;
    }

    /** False, and nothing sent, where it is larger than the server takes. [MQTT-3.2.2-15] */
    boolean send(ControlPacket packet) {
        return PacketEncoder.encode(packet, version, limits.maximumPacketSize(), out);
    }

    void acknowledge(PacketType type, int packetIdentifier, ReasonCode reason) {
        PacketEncoder.ack(type, packetIdentifier, reason, version, out);
    }

    /**
     * Sends a message of the application, by an alias where there is one. Gives why not, where the server takes none like it;
     * else null.
     *
     * @param packetIdentifier 0 with QoS 0
     */
    @Nullable
    Failure publish(ApplicationMessage message, boolean dup, int packetIdentifier, long epochMillis) {
        QoS qos = message.qos();
        ReasonCode refused = limits.refuses(qos, message.retain());
        if (refused != null) return Failure.of(Failure.Kind.INVALID, refused, "the server says: " + refused.text());
        long remaining = message.expiresAtMillis() == ApplicationMessage.NEVER
                ? -1
                : Math.max(0, (message.expiresAtMillis() - epochMillis + 999) / 1_000);
        int alias = aliases.known(message.topic());
        boolean withTopic = alias == 0;
        long size = EncodedPublish.size(message, v5(), qos, remaining, alias, withTopic, null);
        if (size > limits.maximumPacketSize()) {
            return Failure.of(
                    Failure.Kind.TOO_LARGE,
                    ReasonCode.PACKET_TOO_LARGE,
                    size + " bytes, and the server takes " + limits.maximumPacketSize());
        }
        // Setting an alias may cost some bytes.
        if (withTopic && size + 8 <= limits.maximumPacketSize()) alias = aliases.assign(message.topic());
        EncodedPublish.encodeOnce(
                message, v5(), qos, message.retain(), dup, packetIdentifier, remaining, alias, withTopic, null, out);
        return null;
    }

    /** What was sent since the last call; empty: nothing. */
    byte[] take(long nowNanos) {
        byte[] bytes = new byte[out.length()];
        System.arraycopy(out.array(), 0, bytes, 0, bytes.length);
        out.clear();
        // One great message must not cost its room for ever.
        if (out.array().length > 65_536) out = new ByteBuilder(512);
        if (bytes.length > 0) sentNanos = nowNanos;
        return bytes;
    }

    // ---- keep alive

    void received(long nowNanos) {
        receivedNanos = nowNanos;
    }

    void pong() {
        pinged = false;
    }

    /**
     * Whether a PINGREQ is due: after half the Keep Alive, since a page that nobody looks at is woken once a minute.
     * [MQTT-3.1.2-20]
     */
    boolean isPingDue(long nowNanos) {
        return accepted && !pinged && keepAliveNanos > 0 && nowNanos - sentNanos >= keepAliveNanos / 2;
    }

    /** Sends PINGREQ, unless one is not answered yet. */
    void ping(long nowNanos) {
        if (pinged) return;
        send(new PingReq());
        pinged = true;
        pingedNanos = nowNanos;
    }

    /** Nothing came for so long after a PINGREQ. Whatever comes is a sign of life: a large message may hold up PINGRESP. */
    boolean isSilent(long nowNanos, long forNanos) {
        if (!pinged) return false;
        long since = receivedNanos - pingedNanos > 0 ? receivedNanos : pingedNanos;
        return nowNanos - since >= forNanos;
    }
}
