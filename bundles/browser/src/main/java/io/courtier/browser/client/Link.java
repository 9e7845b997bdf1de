// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;

/** One connection to the server: its grammar, its limits, and what this turn sends on it. */
final class Link {
    private final int number;
    private final ProtocolVersion version;
    private final PacketDecoder decoder;
    private ByteBuilder out = new ByteBuilder(512);
    private ServerLimits limits = ServerLimits.of(Properties.NONE);
    private TopicAliases aliases = new TopicAliases(0, 0);
    private boolean accepted;
    private long keepAliveNanos;
    private long sentNanos;
    private long receivedNanos;
    private long pingedNanos;
    private boolean pinged;

    Link(int number, ProtocolVersion version, int packetBytesMax) {
        this.number = number;
        this.version = version;
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

    void accepted(ServerLimits limits, TopicAliases aliases, long keepAliveNanos) {
        accepted = true;
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

    /** Where packets are appended by who encodes them. */
    ByteBuilder out() {
        return out;
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

    void pinged(long nowNanos) {
        pinged = true;
        pingedNanos = nowNanos;
    }

    boolean isPinged() {
        return pinged;
    }

    /** Nothing came for so long after a PINGREQ. Whatever comes is a sign of life: a large message may hold up PINGRESP. */
    boolean isSilent(long nowNanos, long forNanos) {
        if (!pinged) return false;
        long since = receivedNanos - pingedNanos > 0 ? receivedNanos : pingedNanos;
        return nowNanos - since >= forNanos;
    }
}
