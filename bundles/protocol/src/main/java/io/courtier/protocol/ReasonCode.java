// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import org.jspecify.annotations.Nullable;

/** The Reason Codes of MQTT 5, each with the packets that it is legal in (section 2.4 of the standard). */
public enum ReasonCode {
    SUCCESS(
            0x00,
            "Success, Normal disconnection, Granted QoS 0",
            PacketType.CONNACK,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.PUBREL,
            PacketType.PUBCOMP,
            PacketType.SUBACK,
            PacketType.UNSUBACK,
            PacketType.DISCONNECT,
            PacketType.AUTH),
    GRANTED_QOS_1(0x01, "Granted QoS 1", PacketType.SUBACK),
    GRANTED_QOS_2(0x02, "Granted QoS 2", PacketType.SUBACK),
    DISCONNECT_WITH_WILL_MESSAGE(0x04, "Disconnect with Will Message", PacketType.DISCONNECT),
    NO_MATCHING_SUBSCRIBERS(0x10, "No matching subscribers", PacketType.PUBACK, PacketType.PUBREC),
    NO_SUBSCRIPTION_EXISTED(0x11, "No subscription existed", PacketType.UNSUBACK),
    CONTINUE_AUTHENTICATION(0x18, "Continue authentication", PacketType.AUTH),
    REAUTHENTICATE(0x19, "Re-authenticate", PacketType.AUTH),
    UNSPECIFIED_ERROR(
            0x80,
            "Unspecified error",
            PacketType.CONNACK,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.SUBACK,
            PacketType.UNSUBACK,
            PacketType.DISCONNECT),
    MALFORMED_PACKET(0x81, "Malformed Packet", PacketType.CONNACK, PacketType.DISCONNECT),
    PROTOCOL_ERROR(0x82, "Protocol Error", PacketType.CONNACK, PacketType.DISCONNECT),
    IMPLEMENTATION_SPECIFIC_ERROR(
            0x83,
            "Implementation specific error",
            PacketType.CONNACK,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.SUBACK,
            PacketType.UNSUBACK,
            PacketType.DISCONNECT),
    UNSUPPORTED_PROTOCOL_VERSION(0x84, "Unsupported Protocol Version", PacketType.CONNACK),
    CLIENT_IDENTIFIER_NOT_VALID(0x85, "Client Identifier not valid", PacketType.CONNACK),
    BAD_USER_NAME_OR_PASSWORD(0x86, "Bad User Name or Password", PacketType.CONNACK),
    NOT_AUTHORIZED(
            0x87,
            "Not authorized",
            PacketType.CONNACK,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.SUBACK,
            PacketType.UNSUBACK,
            PacketType.DISCONNECT),
    SERVER_UNAVAILABLE(0x88, "Server unavailable", PacketType.CONNACK),
    SERVER_BUSY(0x89, "Server busy", PacketType.CONNACK, PacketType.DISCONNECT),
    BANNED(0x8A, "Banned", PacketType.CONNACK),
    SERVER_SHUTTING_DOWN(0x8B, "Server shutting down", PacketType.DISCONNECT),
    BAD_AUTHENTICATION_METHOD(0x8C, "Bad authentication method", PacketType.CONNACK, PacketType.DISCONNECT),
    KEEP_ALIVE_TIMEOUT(0x8D, "Keep Alive timeout", PacketType.DISCONNECT),
    SESSION_TAKEN_OVER(0x8E, "Session taken over", PacketType.DISCONNECT),
    TOPIC_FILTER_INVALID(0x8F, "Topic Filter invalid", PacketType.SUBACK, PacketType.UNSUBACK, PacketType.DISCONNECT),
    TOPIC_NAME_INVALID(
            0x90,
            "Topic Name invalid",
            PacketType.CONNACK,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.DISCONNECT),
    PACKET_IDENTIFIER_IN_USE(
            0x91,
            "Packet Identifier in use",
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.SUBACK,
            PacketType.UNSUBACK),
    PACKET_IDENTIFIER_NOT_FOUND(0x92, "Packet Identifier not found", PacketType.PUBREL, PacketType.PUBCOMP),
    RECEIVE_MAXIMUM_EXCEEDED(0x93, "Receive Maximum exceeded", PacketType.DISCONNECT),
    TOPIC_ALIAS_INVALID(0x94, "Topic Alias invalid", PacketType.DISCONNECT),
    PACKET_TOO_LARGE(0x95, "Packet too large", PacketType.CONNACK, PacketType.DISCONNECT),
    MESSAGE_RATE_TOO_HIGH(0x96, "Message rate too high", PacketType.DISCONNECT),
    QUOTA_EXCEEDED(
            0x97,
            "Quota exceeded",
            PacketType.CONNACK,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.SUBACK,
            PacketType.DISCONNECT),
    ADMINISTRATIVE_ACTION(0x98, "Administrative action", PacketType.DISCONNECT),
    PAYLOAD_FORMAT_INVALID(
            0x99,
            "Payload format invalid",
            PacketType.CONNACK,
            PacketType.PUBACK,
            PacketType.PUBREC,
            PacketType.DISCONNECT),
    RETAIN_NOT_SUPPORTED(0x9A, "Retain not supported", PacketType.CONNACK, PacketType.DISCONNECT),
    QOS_NOT_SUPPORTED(0x9B, "QoS not supported", PacketType.CONNACK, PacketType.DISCONNECT),
    USE_ANOTHER_SERVER(0x9C, "Use another server", PacketType.CONNACK, PacketType.DISCONNECT),
    SERVER_MOVED(0x9D, "Server moved", PacketType.CONNACK, PacketType.DISCONNECT),
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(
            0x9E, "Shared Subscriptions not supported", PacketType.SUBACK, PacketType.DISCONNECT),
    CONNECTION_RATE_EXCEEDED(0x9F, "Connection rate exceeded", PacketType.CONNACK, PacketType.DISCONNECT),
    MAXIMUM_CONNECT_TIME(0xA0, "Maximum connect time", PacketType.DISCONNECT),
    SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED(
            0xA1, "Subscription Identifiers not supported", PacketType.SUBACK, PacketType.DISCONNECT),
    WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED(
            0xA2, "Wildcard Subscriptions not supported", PacketType.SUBACK, PacketType.DISCONNECT);

    private static final @Nullable ReasonCode[] BY_CODE = new ReasonCode[256];

    static {
        for (ReasonCode reason : values()) BY_CODE[reason.code] = reason;
    }

    private final int code;
    private final String text;
    private final int packets;

    ReasonCode(int code, String text, PacketType... packets) {
        this.code = code;
        this.text = text;
        int bits = 0;
        for (PacketType type : packets) bits |= 1 << type.ordinal();
        this.packets = bits;
    }

    /** The byte on the wire. */
    public int code() {
        return code;
    }

    /** The name that the standard gives it. */
    public String text() {
        return text;
    }

    /** True from 0x80: the operation failed. */
    public boolean isError() {
        return code >= 0x80;
    }

    public boolean isLegalIn(PacketType type) {
        return (packets & 1 << type.ordinal()) != 0;
    }

    /** The reason of a byte, or null where the standard has none. */
    public static @Nullable ReasonCode of(int code) {
        return BY_CODE[code & 0xFF];
    }

    /** The SUBACK reason that grants this QoS. */
    public static ReasonCode granted(QoS qos) {
        return switch (qos) {
            case AT_MOST_ONCE -> SUCCESS;
            case AT_LEAST_ONCE -> GRANTED_QOS_1;
            case EXACTLY_ONCE -> GRANTED_QOS_2;
        };
    }
}
