// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.PubComp;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.Publish;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import io.courtier.protocol.Will;
import org.jspecify.annotations.Nullable;

/**
 * Appends packets in the grammar of a version: what the version does not have is left out, Reason Codes become the nearest
 * return codes of MQTT 3.1 and 3.1.1. Messages to subscribers go by {@link EncodedPublish} instead. A record that no packet
 * can hold (a string of more than 65,535 bytes, half a surrogate pair) is our fault: IllegalArgumentException, and what was
 * appended is to be thrown away.
 */
public final class PacketEncoder {
    /** The size of the largest packet that there can be. */
    public static final long PACKET_SIZE_MAX = 268_435_460;

    private PacketEncoder() {}

    /** Appends a packet. False, and nothing written, where the version has no such packet: AUTH before MQTT 5. */
    public static boolean encode(ControlPacket packet, ProtocolVersion version, ByteBuilder out) {
        return encode(packet, version, PACKET_SIZE_MAX, out);
    }

    /**
     * Appends a packet of so many bytes at most, as the receiver's Maximum Packet Size wants it. [MQTT-3.1.2-24] What is
     * too large goes without Reason String, then without User Properties too, if it may [MQTT-3.2.2-19]
     * [MQTT-3.2.2-20]; false, and nothing written, where that is not enough.
     */
    public static boolean encode(
            ControlPacket packet, ProtocolVersion version, long maximumPacketSize, ByteBuilder out) {
        if (packet instanceof Auth && !version.hasProperties()) return false;
        if (append(packet, version, null, null, maximumPacketSize, out)) return true;
        if (!version.hasProperties() || !Property.REASON_STRING.isLegalIn(packet.type())) return false;
        return append(packet, version, Property.REASON_STRING, null, maximumPacketSize, out)
                || append(packet, version, Property.REASON_STRING, Property.USER_PROPERTY, maximumPacketSize, out);
    }

    /** Appends a PUBACK, PUBREC, PUBREL or PUBCOMP of success: four bytes in every version. */
    public static void ack(PacketType type, int packetIdentifier, ByteBuilder out) {
        out.reserve(4);
        byte[] to = out.array();
        int at = out.length();
        to[at] = (byte) (type.value() << 4 | type.reservedFlags());
        to[at + 1] = 2;
        to[at + 2] = (byte) (packetIdentifier >> 8);
        to[at + 3] = (byte) packetIdentifier;
        out.advance(4);
    }

    /** Appends a PUBACK, PUBREC, PUBREL or PUBCOMP; before MQTT 5 the reason is not sent. */
    public static void ack(
            PacketType type, int packetIdentifier, ReasonCode reason, ProtocolVersion version, ByteBuilder out) {
        if (reason == ReasonCode.SUCCESS || !version.hasProperties()) {
            ack(type, packetIdentifier, out);
        } else {
            out.u8(type.value() << 4 | type.reservedFlags())
                    .u8(3)
                    .u16(packetIdentifier)
                    .u8(reason.code());
        }
    }

    private static boolean append(
            ControlPacket packet,
            ProtocolVersion version,
            @Nullable Property left,
            @Nullable Property leftToo,
            long maximumPacketSize,
            ByteBuilder out) {
        int start = out.length();
        // Before anything is copied: the payload may be large.
        if (packet instanceof Publish publish && publish.payload().length > maximumPacketSize) return false;
        out.u8(packet.type().value() << 4 | flags(packet)).u8(0);
        body(packet, version, left, leftToo, out);
        if (EncodedPublish.packetSize(out.length() - start - 2L) > maximumPacketSize) {
            out.truncate(start);
            return false;
        }
        out.lengthAt(start + 1);
        return true;
    }

    private static int flags(ControlPacket packet) {
        if (packet instanceof Publish publish) {
            return (publish.dup() ? 8 : 0) | publish.qos().value() << 1 | (publish.retain() ? 1 : 0);
        }
        return packet.type().reservedFlags();
    }

    private static void body(
            ControlPacket packet,
            ProtocolVersion version,
            @Nullable Property left,
            @Nullable Property leftToo,
            ByteBuilder out) {
        boolean v5 = version.hasProperties();
        if (packet instanceof Publish publish) {
            publish(publish, v5, out);
        } else if (packet instanceof Connect connect) {
            connect(connect, version, out);
        } else if (packet instanceof ConnAck ack) {
            // Session Present came with MQTT 3.1.1.
            out.u8(ack.sessionPresent() && version != ProtocolVersion.V3_1 ? 1 : 0);
            out.u8(v5 ? ack.reason().code() : returnCode(ack.reason()));
            if (v5) PropertySection.write(ack.properties(), left, leftToo, out);
        } else if (packet instanceof PubAck ack) {
            answer(ack.packetIdentifier(), ack.reason(), ack.properties(), v5, left, leftToo, out);
        } else if (packet instanceof PubRec ack) {
            answer(ack.packetIdentifier(), ack.reason(), ack.properties(), v5, left, leftToo, out);
        } else if (packet instanceof PubRel ack) {
            answer(ack.packetIdentifier(), ack.reason(), ack.properties(), v5, left, leftToo, out);
        } else if (packet instanceof PubComp ack) {
            answer(ack.packetIdentifier(), ack.reason(), ack.properties(), v5, left, leftToo, out);
        } else if (packet instanceof Subscribe subscribe) {
            out.u16(subscribe.packetIdentifier());
            if (v5) PropertySection.write(subscribe.properties(), null, null, out);
            for (Subscribe.Request request : subscribe.requests()) {
                out.utf8(request.topicFilter()).u8(options(request.options(), v5));
            }
        } else if (packet instanceof SubAck ack) {
            out.u16(ack.packetIdentifier());
            if (v5) PropertySection.write(ack.properties(), left, leftToo, out);
            for (ReasonCode reason : ack.reasons()) {
                out.u8(v5 || !reason.isError() ? reason.code() : ReasonCode.UNSPECIFIED_ERROR.code());
            }
        } else if (packet instanceof Unsubscribe unsubscribe) {
            out.u16(unsubscribe.packetIdentifier());
            if (v5) PropertySection.write(unsubscribe.properties(), null, null, out);
            for (String filter : unsubscribe.topicFilters()) out.utf8(filter);
        } else if (packet instanceof UnsubAck ack) {
            out.u16(ack.packetIdentifier());
            if (v5) {
                PropertySection.write(ack.properties(), left, leftToo, out);
                for (ReasonCode reason : ack.reasons()) out.u8(reason.code());
            }
        } else if (packet instanceof Disconnect disconnect) {
            if (v5) last(disconnect.reason(), disconnect.properties(), left, leftToo, out);
        } else if (packet instanceof Auth auth) {
            last(auth.reason(), auth.properties(), left, leftToo, out);
        }
        // PINGREQ and PINGRESP have no body.
    }

    private static void publish(Publish publish, boolean v5, ByteBuilder out) {
        byte[] topic = publish.topic().utf8();
        out.u16(topic.length).raw(topic, 0, topic.length);
        if (publish.qos().value() > 0) out.u16(publish.packetIdentifier());
        if (v5) PropertySection.write(publish.properties(), null, null, out);
        out.raw(publish.payload(), 0, publish.payload().length);
    }

    private static void connect(Connect connect, ProtocolVersion version, ByteBuilder out) {
        boolean v5 = version.hasProperties();
        Will will = connect.will();
        String userName = connect.userName();
        byte[] password = connect.password();
        int flags = connect.cleanStart() ? 0b10 : 0;
        if (will != null) flags |= 0b100 | will.qos().value() << 3 | (will.retain() ? 0b100000 : 0);
        if (password != null) flags |= 0x40;
        if (userName != null) flags |= 0x80;
        out.utf8(version.protocolName()).u8(version.level()).u8(flags).u16(connect.keepAliveSeconds());
        if (v5) PropertySection.write(connect.properties(), null, null, out);
        out.utf8(connect.clientIdentifier());
        if (will != null) {
            if (v5) PropertySection.write(will.properties(), null, null, out);
            byte[] topic = will.topic().utf8();
            out.u16(topic.length).raw(topic, 0, topic.length).binary(will.payload());
        }
        if (userName != null) out.utf8(userName);
        if (password != null) out.binary(password);
    }

    /** Reason and properties of the four answers to PUBLISH are left out where they say nothing. */
    private static void answer(
            int packetIdentifier,
            ReasonCode reason,
            Properties properties,
            boolean v5,
            @Nullable Property left,
            @Nullable Property leftToo,
            ByteBuilder out) {
        out.u16(packetIdentifier);
        if (!v5 || reason == ReasonCode.SUCCESS && properties.isEmpty()) return;
        out.u8(reason.code());
        if (!properties.isEmpty()) PropertySection.write(properties, left, leftToo, out);
    }

    /** Reason and properties of DISCONNECT and AUTH. The length of no properties is written: AUTH must have it. */
    private static void last(
            ReasonCode reason,
            Properties properties,
            @Nullable Property left,
            @Nullable Property leftToo,
            ByteBuilder out) {
        if (reason == ReasonCode.SUCCESS && properties.isEmpty()) return;
        out.u8(reason.code());
        PropertySection.write(properties, left, leftToo, out);
    }

    private static int options(SubscriptionOptions options, boolean v5) {
        int bits = options.maximumQoS().value();
        if (!v5) return bits;
        return bits
                | (options.noLocal() ? 0b100 : 0)
                | (options.retainAsPublished() ? 0b1000 : 0)
                | options.retainHandling().value() << 4;
    }

    /** The CONNACK return code of MQTT 3.1 and 3.1.1 that says most of a reason. */
    private static int returnCode(ReasonCode reason) {
        return switch (reason) {
            case SUCCESS -> 0;
            case UNSUPPORTED_PROTOCOL_VERSION -> 1;
            case CLIENT_IDENTIFIER_NOT_VALID -> 2;
            case BAD_USER_NAME_OR_PASSWORD -> 4;
            case NOT_AUTHORIZED, BANNED, BAD_AUTHENTICATION_METHOD -> 5;
            default -> 3;
        };
    }
}
