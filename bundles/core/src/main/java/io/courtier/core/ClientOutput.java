// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.core.CoreEvents.Drop;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.EncodedPublish;
import io.courtier.protocol.codec.PacketEncoder;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.OutboundBytes;
import org.jspecify.annotations.Nullable;

/**
 * What leaves for one client, and in which form: in the grammar of its version, no packet larger than it takes, with
 * aliases where it takes them. Written as it comes, sent once at the end of the turn.
 */
final class ClientOutput {
    /** Answers are never dropped: a client that leaves so many of them unread is read no further. */
    private static final int UNREAD_ANSWERS_BYTES_MAX = 1 << 20;

    private final Shard shard;
    private final OutboundBytes out;
    private final ProtocolVersion version;
    private long maximumPacketSize = Long.MAX_VALUE;
    /** Null: the client takes no aliases. */
    private @Nullable TopicAliases aliases;

    private boolean writable = true;
    private boolean dirty;
    private boolean closed;
    /** What was written since it was not writable: answers, for messages wait. */
    private int unreadAnswersBytes;
    /** What waits until it is durable; made with the first. */
    private @Nullable HeldAnswers held;

    private boolean releasing;

    ClientOutput(Shard shard, OutboundBytes out, ProtocolVersion version) {
        this.shard = shard;
        this.out = out;
        this.version = version;
    }

    /** What CONNECT said of the packets that the client takes. */
    void take(long maximumPacketSize, @Nullable TopicAliases aliases) {
        this.maximumPacketSize = maximumPacketSize;
        this.aliases = aliases;
    }

    /** Whether the transport wants more: messages wait while it does not, answers do not. */
    boolean isWritable() {
        return writable && !isBarred();
    }

    // ---- answers that promise something

    /** How many answers wait until what they promise is durable. */
    int held() {
        return held == null ? 0 : held.size();
    }

    /** Whether one of them must leave before anything else. */
    boolean isBarred() {
        return held != null && held.isBarred();
    }

    /** Sends PUBACK, PUBREC, PUBREL or PUBCOMP without an error, as soon as both positions are durable. */
    void acknowledge(PacketType type, int identifier, long storedAt, long retainedAt) {
        if (mayLeave(storedAt, retainedAt)) acknowledge(type, identifier);
        else holding().add(type, identifier, storedAt, retainedAt);
    }

    /**
     * The same with any packet.
     *
     * @param barrier nothing may leave before it
     */
    boolean send(ControlPacket packet, boolean barrier, long storedAt, long retainedAt) {
        if (mayLeave(storedAt, retainedAt)) return send(packet);
        ByteBuilder bytes = shard.scratch();
        if (!PacketEncoder.encode(packet, version, maximumPacketSize, bytes)) return false;
        holding().add(java.util.Arrays.copyOf(bytes.array(), bytes.length()), barrier, storedAt, retainedAt);
        return true;
    }

    private boolean mayLeave(long storedAt, long retainedAt) {
        return held() == 0 && shard.log().isDurable(storedAt, retainedAt);
    }

    private HeldAnswers holding() {
        HeldAnswers now = held;
        if (now == null) held = now = new HeldAnswers();
        return now;
    }

    /** More is durable: sends what may leave now. */
    void release() {
        HeldAnswers waiting = held;
        if (waiting == null || closed) return;
        releasing = true;
        while (waiting.size() > 0 && waiting.isFirstDurable(shard.log())) {
            byte[] packet = waiting.firstPacket();
            if (packet != null) write(packet, packet.length);
            else acknowledge(waiting.firstType(), waiting.firstIdentifier());
            waiting.removeFirst();
        }
        releasing = false;
        if (waiting.isIdle()) held = null;
    }

    /** The transport has room again. */
    void writable() {
        writable = true;
        unreadAnswersBytes = 0;
    }

    /** Whether the client leaves more answers unread than anybody should. */
    boolean isChoked() {
        return unreadAnswersBytes > UNREAD_ANSWERS_BYTES_MAX;
    }

    /**
     * Sends a message. Null: it left. Otherwise why this client cannot have it; it is to be treated as if it had been
     * sent. [MQTT-3.1.2-25]
     */
    @Nullable
    Drop publish(
            ApplicationMessage message,
            int qos,
            boolean dup,
            boolean retain,
            int identifier,
            int @Nullable [] subscriptionIds,
            Layouts layouts) {
        long now = shard.turn().epochMillis();
        // What was sent once is sent again, however old it is by now. [MQTT-4.3.3-7]
        if (!dup && message.isExpired(now)) return Drop.EXPIRED;
        boolean v5 = version == ProtocolVersion.V5;
        if (v5 && (aliases != null || subscriptionIds != null)) {
            return publishOnce(message, qos, dup, retain, identifier, subscriptionIds, now);
        }
        EncodedPublish layout = layouts.layout(v5, qos > 0);
        if (layout.length() > maximumPacketSize) return Drop.PACKET_TOO_LARGE;
        layout.patch(dup, QoS.of(qos), retain, identifier);
        write(layout.array(), layout.length());
        shard.counters().messagesSent++;
        return null;
    }

    /** In an encoding of its own, for what is this client's alone. */
    private @Nullable Drop publishOnce(
            ApplicationMessage message,
            int qos,
            boolean dup,
            boolean retain,
            int identifier,
            int @Nullable [] subscriptionIds,
            long now) {
        int alias = aliases == null ? 0 : aliases.outbound(message.topic());
        ByteBuilder packet = shard.scratch();
        encodeOnce(message, qos, dup, retain, identifier, subscriptionIds, now, alias, packet);
        if (packet.length() > maximumPacketSize && alias < 0 && aliases != null) {
            // It carries the topic and a new alias: it may fit without. The client was not told of the alias.
            aliases.forget(message.topic());
            packet.clear();
            encodeOnce(message, qos, dup, retain, identifier, subscriptionIds, now, 0, packet);
        }
        if (packet.length() > maximumPacketSize) return Drop.PACKET_TOO_LARGE;
        write(packet.array(), packet.length());
        shard.counters().messagesSent++;
        return null;
    }

    /** @param alias as {@link TopicAliases#outbound} gives it */
    private static void encodeOnce(
            ApplicationMessage message,
            int qos,
            boolean dup,
            boolean retain,
            int identifier,
            int @Nullable [] subscriptionIds,
            long now,
            int alias,
            ByteBuilder packet) {
        EncodedPublish.encodeOnce(
                message,
                true,
                QoS.of(qos),
                retain,
                dup,
                identifier,
                Layouts.remainingExpirySeconds(message, now),
                Math.abs(alias),
                alias <= 0,
                subscriptionIds,
                packet);
    }

    /** Sends PUBACK, PUBREC, PUBREL or PUBCOMP without an error. */
    void acknowledge(PacketType type, int identifier) {
        ByteBuilder packet = shard.scratch();
        PacketEncoder.ack(type, identifier, packet);
        write(packet.array(), packet.length());
    }

    /**
     * Sends any packet, without its Reason String and User Properties where the client cannot take them. False: it cannot
     * take it even so. [MQTT-3.1.2-24]
     */
    boolean send(ControlPacket packet) {
        ByteBuilder bytes = shard.scratch();
        if (!PacketEncoder.encode(packet, version, maximumPacketSize, bytes)) return false;
        write(bytes.array(), bytes.length());
        return true;
    }

    private void write(byte[] bytes, int length) {
        if (closed) return;
        if (!releasing && held != null && held.isBarred()) {
            held.add(java.util.Arrays.copyOf(bytes, length), false, 0, 0);
            return;
        }
        shard.counters().bytesSent += length;
        if (!out.write(bytes, 0, length)) {
            if (!writable) unreadAnswersBytes += length;
            writable = false;
        }
        if (!dirty) {
            dirty = true;
            shard.dirty(this);
        }
    }

    /** Sends what was written. */
    void flush() {
        dirty = false;
        out.flush();
    }

    /** Nothing is written any more. */
    void end() {
        closed = true;
        held = null;
    }

    /** Sends what was written, then closes. */
    void close(CloseCause cause) {
        end();
        out.close(cause);
    }
}
