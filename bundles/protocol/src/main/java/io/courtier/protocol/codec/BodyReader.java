// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over what follows the fixed header of one packet: the data types and the property section of the standard.
 * Every step checks what is left before it reads or allocates.
 */
final class BodyReader {
    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int position;
    private int limit;
    private int topicAlias;
    private boolean subscriptionIdentifier;

    void begin(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        position = from;
        limit = to;
        topicAlias = 0;
        subscriptionIdentifier = false;
    }

    /** Lets go of the array. */
    void release() {
        begin(NOTHING, 0, 0);
    }

    int left() {
        return limit - position;
    }

    /** The Topic Alias of the properties read last; 0 for none. */
    int topicAlias() {
        return topicAlias;
    }

    boolean hasSubscriptionIdentifier() {
        return subscriptionIdentifier;
    }

    int u8() {
        need(1);
        return bytes[position++] & 0xFF;
    }

    int u16() {
        need(2);
        int value = (bytes[position] & 0xFF) << 8 | bytes[position + 1] & 0xFF;
        position += 2;
        return value;
    }

    long u32() {
        long high = u16();
        return high << 16 | u16();
    }

    /** A Variable Byte Integer; more than four bytes or more than needed are malformed. [MQTT-1.5.5-1] */
    int variableByteInteger() {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int b = u8();
            value |= (b & 0x7F) << shift;
            if (b < 0x80) {
                if (b == 0 && shift > 0)
                    throw new MalformedPacketException("Variable Byte Integer with needless bytes");
                return value;
            }
        }
        throw new MalformedPacketException("Variable Byte Integer of more than four bytes");
    }

    /** A Packet Identifier, never 0. [MQTT-2.2.1-3] */
    int packetIdentifier() {
        int identifier = u16();
        if (identifier == 0) throw new MalformedPacketException("Packet Identifier 0");
        return identifier;
    }

    /** A UTF-8 Encoded String. [MQTT-1.5.4-1] [MQTT-1.5.4-2] */
    String string() {
        int length = u16();
        need(length);
        String text = length == 0 ? "" : Utf8.decode(bytes, position, length);
        if (text == null) throw new MalformedPacketException("not a UTF-8 Encoded String");
        position += length;
        return text;
    }

    byte[] binary() {
        return copy(u16());
    }

    /** All that is left. */
    byte[] rest() {
        return copy(left());
    }

    /** A copy of all that is left, without a step. */
    byte[] peekRest() {
        byte[] copy = rest();
        position -= copy.length;
        return copy;
    }

    /** A Topic Name; the empty string is {@link TopicName#NONE}, for the caller to judge. */
    TopicName topicName(@Nullable TopicNames topics) {
        int length = u16();
        need(length);
        if (length == 0) return TopicName.NONE;
        TopicName topic =
                topics == null ? TopicName.decode(bytes, position, length) : topics.topic(bytes, position, length);
        if (topic == null) {
            if (!Utf8.isValid(bytes, position, length)) throw new MalformedPacketException("Topic Name is not UTF-8");
            throw new ProtocolException(ReasonCode.TOPIC_NAME_INVALID, "wildcard in a Topic Name");
        }
        position += length;
        return topic;
    }

    /** Whether the next bytes are a UTF-8 Encoded String of these ASCII characters; steps over it if so. */
    boolean skips(String ascii) {
        int length = ascii.length();
        if (left() < 2 + length || bytes[position] != 0 || bytes[position + 1] != length) return false;
        for (int i = 0; i < length; i++) if (bytes[position + 2 + i] != ascii.charAt(i)) return false;
        position += 2 + length;
        return true;
    }

    /** A Reason Code that is legal in this packet. */
    ReasonCode reason(PacketType packet) {
        int code = u8();
        ReasonCode reason = ReasonCode.of(code);
        if (reason == null || !reason.isLegalIn(packet)) {
            throw new MalformedPacketException("Reason Code " + code + " in " + packet);
        }
        return reason;
    }

    /** Nothing may follow. */
    void end() {
        if (position != limit) throw new MalformedPacketException(left() + " bytes too many");
    }

    /** The property section of a packet, without its Topic Alias, which {@link #topicAlias} tells. */
    Properties properties(PacketType packet) {
        return properties(packet, false);
    }

    Properties willProperties() {
        return properties(PacketType.CONNECT, true);
    }

    private Properties properties(PacketType packet, boolean inWill) {
        int length = variableByteInteger();
        if (length == 0) return Properties.NONE;
        need(length);
        int behind = limit;
        // The section ends where it says: a value that reaches beyond is malformed.
        limit = position + length;
        Properties.Builder builder = null;
        long seen = 0;
        while (position < limit) {
            int identifier = variableByteInteger();
            Property property = Property.of(identifier);
            if (property == null) throw new MalformedPacketException("property " + identifier);
            if (inWill ? !property.isLegalInWill() : !property.isLegalIn(packet)) {
                throw new MalformedPacketException(property + " in " + (inWill ? "Will Properties" : packet));
            }
            if ((seen & bit(property)) != 0 && !mayRepeat(property, packet)) {
                throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, property + " twice");
            }
            seen |= bit(property);
            if (property == Property.TOPIC_ALIAS) {
                topicAlias = u16();
                if (topicAlias == 0) throw new ProtocolException(ReasonCode.TOPIC_ALIAS_INVALID, "Topic Alias 0");
            } else {
                if (builder == null) builder = Properties.builder();
                value(property, builder);
            }
        }
        limit = behind;
        subscriptionIdentifier = (seen & bit(Property.SUBSCRIPTION_IDENTIFIER)) != 0;
        if ((seen & bit(Property.AUTHENTICATION_DATA)) != 0 && (seen & bit(Property.AUTHENTICATION_METHOD)) == 0) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "Authentication Data without Authentication Method");
        }
        return builder == null ? Properties.NONE : builder.build();
    }

    private void value(Property property, Properties.Builder builder) {
        switch (property.type()) {
            case BYTE -> builder.set(property, inRange(property, u8()));
            case TWO_BYTE_INTEGER -> builder.set(property, inRange(property, u16()));
            case FOUR_BYTE_INTEGER -> builder.set(property, inRange(property, u32()));
            case VARIABLE_BYTE_INTEGER -> builder.set(property, inRange(property, variableByteInteger()));
            case UTF8_STRING -> {
                String text = string();
                // A Response Topic is a Topic Name. [MQTT-3.3.2-13] [MQTT-3.3.2-14]
                if (property == Property.RESPONSE_TOPIC
                        && (text.isEmpty() || text.indexOf('+') >= 0 || text.indexOf('#') >= 0)) {
                    throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "Response Topic is no Topic Name");
                }
                builder.set(property, text);
            }
            case BINARY_DATA -> builder.set(property, binary());
            case UTF8_STRING_PAIR -> builder.userProperty(string(), string());
        }
    }

    private static long inRange(Property property, long value) {
        boolean legal =
                switch (property) {
                    case RECEIVE_MAXIMUM, MAXIMUM_PACKET_SIZE, SUBSCRIPTION_IDENTIFIER -> value != 0;
                    default -> property.type() != Property.Type.BYTE || value <= 1;
                };
        if (!legal) throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, property + " of " + value);
        return value;
    }

    private static boolean mayRepeat(Property property, PacketType packet) {
        return property == Property.USER_PROPERTY
                || property == Property.SUBSCRIPTION_IDENTIFIER && packet == PacketType.PUBLISH;
    }

    private static long bit(Property property) {
        return 1L << property.identifier();
    }

    private byte[] copy(int length) {
        need(length);
        byte[] copy = new byte[length];
        System.arraycopy(bytes, position, copy, 0, length);
        position += length;
        return copy;
    }

    private void need(int length) {
        if (length > limit - position) throw new MalformedPacketException("ends too early");
    }
}
