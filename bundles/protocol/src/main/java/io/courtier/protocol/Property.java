// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import org.jspecify.annotations.Nullable;

/** The properties of MQTT 5 with their types and the packets that may carry them (section 2.2.2.2 of the standard). */
public enum Property {
    PAYLOAD_FORMAT_INDICATOR(0x01, Type.BYTE, true, PacketType.PUBLISH),
    MESSAGE_EXPIRY_INTERVAL(0x02, Type.FOUR_BYTE_INTEGER, true, PacketType.PUBLISH),
    CONTENT_TYPE(0x03, Type.UTF8_STRING, true, PacketType.PUBLISH),
    RESPONSE_TOPIC(0x08, Type.UTF8_STRING, true, PacketType.PUBLISH),
    CORRELATION_DATA(0x09, Type.BINARY_DATA, true, PacketType.PUBLISH),
    SUBSCRIPTION_IDENTIFIER(0x0B, Type.VARIABLE_BYTE_INTEGER, false, PacketType.PUBLISH, PacketType.SUBSCRIBE),
    SESSION_EXPIRY_INTERVAL(
            0x11, Type.FOUR_BYTE_INTEGER, false, PacketType.CONNECT, PacketType.CONNACK, PacketType.DISCONNECT),
    ASSIGNED_CLIENT_IDENTIFIER(0x12, Type.UTF8_STRING, false, PacketType.CONNACK),
    SERVER_KEEP_ALIVE(0x13, Type.TWO_BYTE_INTEGER, false, PacketType.CONNACK),
    AUTHENTICATION_METHOD(0x15, Type.UTF8_STRING, false, PacketType.CONNECT, PacketType.CONNACK, PacketType.AUTH),
    AUTHENTICATION_DATA(0x16, Type.BINARY_DATA, false, PacketType.CONNECT, PacketType.CONNACK, PacketType.AUTH),
    REQUEST_PROBLEM_INFORMATION(0x17, Type.BYTE, false, PacketType.CONNECT),
    WILL_DELAY_INTERVAL(0x18, Type.FOUR_BYTE_INTEGER, true),
    REQUEST_RESPONSE_INFORMATION(0x19, Type.BYTE, false, PacketType.CONNECT),
    RESPONSE_INFORMATION(0x1A, Type.UTF8_STRING, false, PacketType.CONNACK),
    SERVER_REFERENCE(0x1C, Type.UTF8_STRING, false, PacketType.CONNACK, PacketType.DISCONNECT),
    REASON_STRING(
            0x1F,
            Type.UTF8_STRING,
            false,
            PacketType.CONNACK,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.PUBREL,
            PacketType.PUBCOMP,
            PacketType.SUBACK,
            PacketType.UNSUBACK,
            PacketType.DISCONNECT,
            PacketType.AUTH),
    RECEIVE_MAXIMUM(0x21, Type.TWO_BYTE_INTEGER, false, PacketType.CONNECT, PacketType.CONNACK),
    TOPIC_ALIAS_MAXIMUM(0x22, Type.TWO_BYTE_INTEGER, false, PacketType.CONNECT, PacketType.CONNACK),
    TOPIC_ALIAS(0x23, Type.TWO_BYTE_INTEGER, false, PacketType.PUBLISH),
    MAXIMUM_QOS(0x24, Type.BYTE, false, PacketType.CONNACK),
    RETAIN_AVAILABLE(0x25, Type.BYTE, false, PacketType.CONNACK),
    USER_PROPERTY(
            0x26,
            Type.UTF8_STRING_PAIR,
            true,
            PacketType.CONNECT,
            PacketType.CONNACK,
            PacketType.PUBLISH,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.PUBREL,
            PacketType.PUBCOMP,
            PacketType.SUBSCRIBE,
            PacketType.SUBACK,
            PacketType.UNSUBSCRIBE,
            PacketType.UNSUBACK,
            PacketType.DISCONNECT,
            PacketType.AUTH),
    MAXIMUM_PACKET_SIZE(0x27, Type.FOUR_BYTE_INTEGER, false, PacketType.CONNECT, PacketType.CONNACK),
    WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Type.BYTE, false, PacketType.CONNACK),
    SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Type.BYTE, false, PacketType.CONNACK),
    SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Type.BYTE, false, PacketType.CONNACK);

    /** How the value looks on the wire. */
    public enum Type {
        BYTE,
        TWO_BYTE_INTEGER,
        FOUR_BYTE_INTEGER,
        VARIABLE_BYTE_INTEGER,
        UTF8_STRING,
        BINARY_DATA,
        UTF8_STRING_PAIR
    }

    private static final @Nullable Property[] BY_IDENTIFIER = new Property[0x2B];

    static {
        for (Property property : values()) BY_IDENTIFIER[property.identifier] = property;
    }

    private final int identifier;
    private final Type type;
    private final boolean legalInWill;
    private final int packets;

    Property(int identifier, Type type, boolean legalInWill, PacketType... packets) {
        this.identifier = identifier;
        this.type = type;
        this.legalInWill = legalInWill;
        int bits = 0;
        for (PacketType packet : packets) bits |= 1 << packet.ordinal();
        this.packets = bits;
    }

    /** The Property Identifier; all that exist fit one byte. */
    public int identifier() {
        return identifier;
    }

    public Type type() {
        return type;
    }

    public boolean isLegalIn(PacketType packet) {
        return (packets & 1 << packet.ordinal()) != 0;
    }

    /** Whether the Will Properties of a CONNECT may carry it. */
    public boolean isLegalInWill() {
        return legalInWill;
    }

    /** True where the value is a number. */
    public boolean isInteger() {
        return type.ordinal() <= Type.VARIABLE_BYTE_INTEGER.ordinal();
    }

    /** The property of an identifier, or null where the standard has none. */
    public static @Nullable Property of(int identifier) {
        return identifier >= 0 && identifier < BY_IDENTIFIER.length ? BY_IDENTIFIER[identifier] : null;
    }
}
