// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.core.CoreEvents.Drop;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.ProtocolException;
import io.courtier.spi.store.DurableLog;
import org.jspecify.annotations.Nullable;

/** Decides which packet answers a PUBLISH, and when. QoS 2 routes on PUBLISH, and once. [MQTT-4.3.3-10] */
final class PublishFlow {
    private PublishFlow() {}

    static void publish(ClientConnection connection) {
        PacketDecoder decoder = connection.decoder;
        Shard shard = connection.shard;
        Limits limits = shard.limits();
        QoS qos = decoder.qos();
        Properties properties = decoder.properties();
        shard.counters().messagesReceived++;
        if (shard.limitsMessages() && !connection.throttle().admit(decoder.size())) return;
        if (qos.value() > limits.maximumQoS()) {
            throw new ProtocolException(
                    ReasonCode.QOS_NOT_SUPPORTED, "PUBLISH of QoS " + qos.value()); // [MQTT-3.2.2-11]
        }
        if (decoder.retain() && !limits.retainAvailable()) {
            throw new ProtocolException(ReasonCode.RETAIN_NOT_SUPPORTED, "PUBLISH to be retained"); // [MQTT-3.2.2-14]
        }
        if (!properties.isEmpty() && properties.has(Property.SUBSCRIPTION_IDENTIFIER)) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR, "a Subscription Identifier from a client"); // [MQTT-3.3.4-6]
        }
        TopicName topic = topic(connection, decoder, limits);
        int identifier = decoder.packetIdentifier();
        if (qos == QoS.EXACTLY_ONCE) {
            InboundPacketIdentifiers received = connection.session().received();
            if (received.contains(identifier)) {
                // It came before and was routed then: only the answer was lost.
                connection.acknowledge(
                        PacketType.PUBREC, identifier, connection.session().writtenAt(), 0);
                return;
            }
            if (connection.isV5() && received.size() >= limits.receiveMaximum()) {
                throw new ProtocolException(
                        ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                        "more than " + limits.receiveMaximum() + " messages unreleased"); // [MQTT-3.3.4-7]
            }
        }
        ReasonCode reason = accept(connection, topic, decoder.payload(), qos, decoder.retain(), properties);
        if (reason != null) answer(connection, qos, identifier, reason);
    }

    /** The topic of the packet, by its Topic Alias where it has one. [MQTT-3.3.2-8] [MQTT-3.3.2-12] */
    private static TopicName topic(ClientConnection connection, PacketDecoder decoder, Limits limits) {
        int alias = decoder.topicAlias();
        TopicName topic = decoder.topic();
        if (alias == 0) {
            if (topic.length() == 0) {
                throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "neither a Topic Name nor a Topic Alias");
            }
            return topic;
        }
        TopicAliases aliases = connection.aliases;
        if (aliases == null || !aliases.isLegal(alias)) {
            throw new ProtocolException(
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    "Topic Alias " + alias + " of at most " + limits.topicAliasMaximum()); // [MQTT-3.3.2-9]
        }
        if (topic.length() > 0) {
            aliases.set(alias, topic);
            return topic;
        }
        TopicName known = aliases.topic(alias);
        if (known == null) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "Topic Alias " + alias + " was never set");
        }
        return known;
    }

    /** Null: it gets no answer, for there is none that it would understand. */
    private static @Nullable ReasonCode accept(
            ClientConnection connection,
            TopicName topic,
            byte[] payload,
            QoS qos,
            boolean retain,
            Properties properties) {
        Shard shard = connection.shard;
        shard.router().begin();
        if (topic.levels().length > shard.limits().topicLevelsMax()) {
            connection.session().dropped(Drop.TOPIC_TOO_DEEP);
            return ReasonCode.TOPIC_NAME_INVALID;
        }
        if (!connection.mayPublish(topic, qos, retain)) {
            connection.session().dropped(Drop.NOT_AUTHORIZED);
            return shard.limits().notAuthorized();
        }
        ApplicationMessage message = new ApplicationMessage(
                topic,
                payload,
                qos,
                retain,
                properties,
                connection.clientIdentifier,
                expiresAtMillis(properties, shard.turn().epochMillis()));
        ApplicationMessage routed = shard.plugins().intercept(message);
        if (routed == null) {
            connection.session().dropped(Drop.INTERCEPTED);
            return ReasonCode.SUCCESS;
        }
        if (qos != QoS.AT_MOST_ONCE) {
            DurableLog.Trouble trouble = shard.router().trouble(routed, connection);
            if (trouble != null) {
                connection.session().dropped(Drop.REFUSED);
                if (connection.isV5()) return trouble.reason();
                connection.disconnect(trouble.reason(), trouble.why());
                return null;
            }
        }
        return shard.router().publish(routed, connection);
    }

    static long expiresAtMillis(Properties properties, long epochMillis) {
        if (properties.isEmpty()) return ApplicationMessage.NEVER;
        long seconds = properties.integer(Property.MESSAGE_EXPIRY_INTERVAL, -1);
        return seconds < 0 ? ApplicationMessage.NEVER : epochMillis + seconds * 1_000;
    }

    /** Before MQTT 5 there is no way to refuse a message but to close: it is acknowledged and goes nowhere. ([MQTT-3.3.5-2] of 3.1.1) */
    private static void answer(ClientConnection connection, QoS qos, int identifier, ReasonCode reason) {
        Router router = connection.shard.router();
        boolean plain = reason == ReasonCode.SUCCESS || !connection.isV5();
        switch (qos) {
            case AT_MOST_ONCE -> {
                // Nothing answers QoS 0.
            }
            case AT_LEAST_ONCE -> {
                if (plain)
                    connection.acknowledge(PacketType.PUBACK, identifier, router.storedAt(), router.retainedAt());
                else
                    connection.acknowledge(
                            new PubAck(identifier, reason, Properties.NONE), router.storedAt(), router.retainedAt());
            }
            case EXACTLY_ONCE -> {
                // A refused message is finished with its PUBREC. [MQTT-4.3.3-9]
                long promisedAt = router.storedAt();
                if (plain || !reason.isError())
                    promisedAt = connection.session().receivedAt(identifier, promisedAt);
                else if (promisedAt > 0) connection.session().releasedInbound(identifier);
                if (plain) connection.acknowledge(PacketType.PUBREC, identifier, promisedAt, router.retainedAt());
                else
                    connection.acknowledge(
                            new PubRec(identifier, reason, Properties.NONE), promisedAt, router.retainedAt());
            }
        }
    }
}
