// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import org.jspecify.annotations.Nullable;

/**
 * One encoding of an Application Message, sent to every subscriber of a fan-out whose packets look alike but for flags and
 * Packet Identifier: {@link #encode} once for each layout (with properties or not, with an identifier or not), then
 * {@link #patch} those three bytes and copy. A receiver with a Topic Alias or Subscription Identifiers gets
 * {@link #encodeOnce}.
 *
 * <p>The message's properties go out as they are, in their order [MQTT-3.3.2-17] [MQTT-3.3.2-18], but the Message Expiry Interval is what
 * remains of it. [MQTT-3.3.2-6] Kept by its owner from message to message; not for more than one thread.
 */
public final class EncodedPublish {
    /** An array beyond this is given back when a message that needs no such array comes. */
    private static final int KEPT_BYTES_MAX = 64 * 1024;

    /** The greatest Remaining Length. */
    private static final long REMAINING_LENGTH_MAX = 268_435_455;

    private ByteBuilder bytes = new ByteBuilder(256);
    private int identifierAt;

    /**
     * Encodes with QoS 0 or 1 and no other flag, and Packet Identifier 0: {@link #patch} before use.
     *
     * @param remainingExpirySeconds -1 for no Message Expiry Interval
     * @throws IllegalArgumentException where no packet can hold it; see {@link #size}
     */
    public void encode(ApplicationMessage message, boolean v5, boolean withIdentifier, long remainingExpirySeconds) {
        int properties = v5 ? propertiesSize(message.properties(), remainingExpirySeconds, 0, null) : -1;
        int length = checked(remainingLength(message, properties, withIdentifier, true));
        if (bytes.array().length > KEPT_BYTES_MAX && length < KEPT_BYTES_MAX / 2) bytes = new ByteBuilder(256);
        bytes.clear();
        int first = header(false, withIdentifier ? QoS.AT_LEAST_ONCE : QoS.AT_MOST_ONCE, false);
        identifierAt = write(
                message, first, length, withIdentifier, 0, properties, remainingExpirySeconds, 0, true, null, bytes);
    }

    /** The packet, up to {@link #length}; valid until the next call of {@link #encode}. */
    public byte[] array() {
        return bytes.array();
    }

    public int length() {
        return bytes.length();
    }

    /** Makes it one subscriber's. The QoS must fit the layout; the identifier is not looked at with QoS 0. */
    public void patch(boolean dup, QoS qos, boolean retain, int packetIdentifier) {
        if (qos == QoS.AT_MOST_ONCE != (identifierAt == 0)) throw new IllegalStateException("another layout");
        byte[] array = bytes.array();
        array[0] = (byte) header(dup, qos, retain);
        if (identifierAt > 0) {
            array[identifierAt] = (byte) (packetIdentifier >> 8);
            array[identifierAt + 1] = (byte) packetIdentifier;
        }
    }

    /**
     * Appends a packet that no other subscriber shares.
     *
     * @param packetIdentifier not looked at with QoS 0
     * @param remainingExpirySeconds -1 for no Message Expiry Interval
     * @param topicAlias 0 for none
     * @param withTopic false where the alias stands for the topic
     * @param subscriptionIdentifiers null for none
     * @throws IllegalArgumentException where no packet can hold it; see {@link #size}
     */
    public static void encodeOnce(
            ApplicationMessage message,
            boolean v5,
            QoS qos,
            boolean retain,
            boolean dup,
            int packetIdentifier,
            long remainingExpirySeconds,
            int topicAlias,
            boolean withTopic,
            int @Nullable [] subscriptionIdentifiers,
            ByteBuilder out) {
        boolean withIdentifier = qos != QoS.AT_MOST_ONCE;
        int properties = v5
                ? propertiesSize(message.properties(), remainingExpirySeconds, topicAlias, subscriptionIdentifiers)
                : -1;
        int length = checked(remainingLength(message, properties, withIdentifier, withTopic));
        write(
                message,
                header(dup, qos, retain),
                length,
                withIdentifier,
                packetIdentifier,
                properties,
                remainingExpirySeconds,
                topicAlias,
                withTopic,
                subscriptionIdentifiers,
                out);
    }

    /** The bytes that encoding the same would take, fixed header included; more than 268,435,460 fit no packet. */
    public static long size(
            ApplicationMessage message,
            boolean v5,
            QoS qos,
            long remainingExpirySeconds,
            int topicAlias,
            boolean withTopic,
            int @Nullable [] subscriptionIdentifiers) {
        int properties = v5
                ? propertiesSize(message.properties(), remainingExpirySeconds, topicAlias, subscriptionIdentifiers)
                : -1;
        return packetSize(remainingLength(message, properties, qos != QoS.AT_MOST_ONCE, withTopic));
    }

    static long packetSize(long remainingLength) {
        int length = (int) Math.min(remainingLength, REMAINING_LENGTH_MAX);
        return 1 + ByteBuilder.variableByteIntegerSize(length) + remainingLength;
    }

    /** @param properties the bytes of the properties, or -1 where the version has none */
    private static long remainingLength(
            ApplicationMessage message, int properties, boolean withIdentifier, boolean withTopic) {
        return 2L
                + (withTopic ? message.topic().length() : 0)
                + (withIdentifier ? 2 : 0)
                + (properties < 0 ? 0 : ByteBuilder.variableByteIntegerSize(properties) + properties)
                + message.payload().length;
    }

    private static int checked(long remainingLength) {
        if (remainingLength > REMAINING_LENGTH_MAX) throw new IllegalArgumentException("fits no packet");
        return (int) remainingLength;
    }

    private static int header(boolean dup, QoS qos, boolean retain) {
        return PacketType.PUBLISH.value() << 4 | (dup ? 8 : 0) | qos.value() << 1 | (retain ? 1 : 0);
    }

    private static int propertiesSize(
            Properties properties,
            long remainingExpirySeconds,
            int topicAlias,
            int @Nullable [] subscriptionIdentifiers) {
        int size = (remainingExpirySeconds >= 0 ? 5 : 0) + (topicAlias != 0 ? 3 : 0);
        if (subscriptionIdentifiers != null) {
            for (int identifier : subscriptionIdentifiers) size += 1 + ByteBuilder.variableByteIntegerSize(identifier);
        }
        for (int i = 0; i < properties.size(); i++) {
            if (isHandedOn(properties.name(i))) size += PropertySection.size(properties.name(i), properties.value(i));
        }
        return size;
    }

    private static boolean isHandedOn(Property name) {
        return name != Property.MESSAGE_EXPIRY_INTERVAL
                && name != Property.TOPIC_ALIAS
                && name != Property.SUBSCRIPTION_IDENTIFIER;
    }

    /** Appends the packet; returns how far behind its first byte the Packet Identifier is, or 0 where it has none. */
    private static int write(
            ApplicationMessage message,
            int first,
            int length,
            boolean withIdentifier,
            int packetIdentifier,
            int properties,
            long remainingExpirySeconds,
            int topicAlias,
            boolean withTopic,
            int @Nullable [] subscriptionIdentifiers,
            ByteBuilder out) {
        out.reserve(5 + length);
        byte[] to = out.array();
        int start = out.length();
        int at = start;
        to[at++] = (byte) first;
        at = ByteBuilder.writeVariableByteInteger(length, to, at);
        byte[] topic = withTopic ? message.topic().utf8() : TopicName.NONE.utf8();
        to[at++] = (byte) (topic.length >> 8);
        to[at++] = (byte) topic.length;
        System.arraycopy(topic, 0, to, at, topic.length);
        at += topic.length;
        int identifierAt = 0;
        if (withIdentifier) {
            identifierAt = at - start;
            to[at++] = (byte) (packetIdentifier >> 8);
            to[at++] = (byte) packetIdentifier;
        }
        if (properties == 0) {
            to[at++] = 0;
        } else if (properties > 0) {
            out.advance(at - start);
            out.variableByteInteger(properties);
            writeProperties(message.properties(), remainingExpirySeconds, topicAlias, subscriptionIdentifiers, out);
            start = at = out.length();
        }
        byte[] payload = message.payload();
        System.arraycopy(payload, 0, to, at, payload.length);
        out.advance(at - start + payload.length);
        return identifierAt;
    }

    private static void writeProperties(
            Properties properties,
            long remainingExpirySeconds,
            int topicAlias,
            int @Nullable [] subscriptionIdentifiers,
            ByteBuilder out) {
        if (remainingExpirySeconds >= 0) {
            out.u8(Property.MESSAGE_EXPIRY_INTERVAL.identifier()).u32(remainingExpirySeconds);
        }
        if (topicAlias != 0) out.u8(Property.TOPIC_ALIAS.identifier()).u16(topicAlias);
        if (subscriptionIdentifiers != null) {
            for (int identifier : subscriptionIdentifiers) {
                out.u8(Property.SUBSCRIPTION_IDENTIFIER.identifier()).variableByteInteger(identifier);
            }
        }
        for (int i = 0; i < properties.size(); i++) {
            if (isHandedOn(properties.name(i))) PropertySection.write(properties.name(i), properties.value(i), out);
        }
    }
}
