// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What lives: a message on its way through the broker, however many connections it leaves by. Immutable and shared among
 * threads; its payload is never copied again and never modified.
 *
 * <p>The QoS and the retain flag are as published. The properties are those that are handed on: neither Topic Alias nor
 * Subscription Identifier [MQTT-3.3.2-6], and the Message Expiry Interval as received. [MQTT-3.3.2-6]
 */
public final class ApplicationMessage {
    /** The {@link #expiresAtMillis} of a message that never expires. */
    public static final long NEVER = Long.MAX_VALUE;

    private final TopicName topic;
    private final byte[] payload;
    private final Properties properties;
    private final @Nullable String publisher;
    private final long expiresAtMillis;
    private final long position;
    private final byte qos;
    private final boolean retain;

    /**
     * @param publisher the Client Identifier of who published it, for No Local; null for the broker's own
     * @param expiresAtMillis since the epoch, or {@link #NEVER}
     */
    public ApplicationMessage(
            TopicName topic,
            byte[] payload,
            QoS qos,
            boolean retain,
            Properties properties,
            @Nullable String publisher,
            long expiresAtMillis) {
        this(topic, payload, (byte) qos.value(), retain, properties, publisher, expiresAtMillis, 0);
    }

    private ApplicationMessage(
            TopicName topic,
            byte[] payload,
            byte qos,
            boolean retain,
            Properties properties,
            @Nullable String publisher,
            long expiresAtMillis,
            long position) {
        this.topic = topic;
        this.payload = payload;
        this.properties = properties;
        this.publisher = publisher;
        this.expiresAtMillis = expiresAtMillis;
        this.position = position;
        this.qos = qos;
        this.retain = retain;
    }

    /** The same message, at a position of a store. */
    public ApplicationMessage at(long position) {
        return new ApplicationMessage(topic, payload, qos, retain, properties, publisher, expiresAtMillis, position);
    }

    /** The same message, which expires at another time; its Message Expiry Interval stays as it was received. */
    public ApplicationMessage expiringAt(long epochMillis) {
        return new ApplicationMessage(topic, payload, qos, retain, properties, publisher, epochMillis, position);
    }

    /** Where the store of sessions has it; 0: nowhere. */
    public long position() {
        return position;
    }

    public TopicName topic() {
        return topic;
    }

    /** Not to be modified. */
    public byte[] payload() {
        return payload;
    }

    public QoS qos() {
        return QoS.of(qos);
    }

    public boolean retain() {
        return retain;
    }

    public Properties properties() {
        return properties;
    }

    public @Nullable String publisher() {
        return publisher;
    }

    public long expiresAtMillis() {
        return expiresAtMillis;
    }

    public boolean isExpired(long epochMillis) {
        return expiresAtMillis <= epochMillis;
    }

    /** What it costs a queue, roughly: topic, payload, properties and a hundred bytes of objects. */
    public int weight() {
        return 100 + topic.length() + payload.length + properties.weight();
    }

    @Override
    public String toString() {
        return "ApplicationMessage[" + topic + ", " + payload.length + " bytes, qos=" + qos + ", retain=" + retain
                + "]";
    }
}
