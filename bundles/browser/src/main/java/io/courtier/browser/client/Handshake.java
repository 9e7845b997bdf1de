// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ProtocolException;

/**
 * What CONNECT asks for at each connection, and what CONNACK makes of it. The first connection has the Clean Start of the
 * application; those after it go on with the session that the first began.
 */
final class Handshake {
    private final Connect wanted;
    private final ClientOptions.Bounds bounds;
    private final Records records;
    private String clientIdentifier;
    private boolean resumes;

    Handshake(ClientOptions options, Records records) {
        wanted = options.connect();
        bounds = options.bounds();
        this.records = records;
        clientIdentifier = wanted.clientIdentifier();
    }

    /** As given, or as the server assigned it; empty before. */
    String clientIdentifier() {
        return clientIdentifier;
    }

    /** The one that a page before this one was assigned. */
    void restore(String identifier) {
        if (clientIdentifier.isEmpty()) clientIdentifier = identifier;
    }

    /** The application disconnected: its Clean Start counts again. */
    void ended() {
        resumes = false;
    }

    Connect connect() {
        Properties properties = Properties.NONE;
        if (wanted.version().hasProperties()) {
            Properties.Builder all = wanted.properties().toBuilder();
            if (!all.has(Property.RECEIVE_MAXIMUM)) all.set(Property.RECEIVE_MAXIMUM, bounds.receiveMaximum());
            if (!all.has(Property.MAXIMUM_PACKET_SIZE)) all.set(Property.MAXIMUM_PACKET_SIZE, packetBytesMax());
            if (!all.has(Property.TOPIC_ALIAS_MAXIMUM) && bounds.topicAliasesIn() > 0) {
                all.set(Property.TOPIC_ALIAS_MAXIMUM, bounds.topicAliasesIn());
            }
            properties = all.build();
        }
        return new Connect(
                wanted.version(),
                clientIdentifier,
                isClean(),
                wanted.keepAliveSeconds(),
                wanted.will(),
                wanted.userName(),
                wanted.password(),
                properties);
    }

    /** Before MQTT 5 it says as well what becomes of the session at the end, so it stays what it is. */
    private boolean isClean() {
        return wanted.cleanStart() && !(resumes && wanted.version().hasProperties());
    }

    /** Of a packet from the server. */
    int packetBytesMax() {
        return (int) wanted.properties().integer(Property.MAXIMUM_PACKET_SIZE, bounds.packetBytesMax());
    }

    /** CONNACK said yes. Gives whether the session goes on, as far as messages under way are concerned. */
    boolean accepted(ConnAck ack, Link to, long nowNanos) {
        boolean clean = isClean();
        if (ack.sessionPresent() && clean) { // [MQTT-3.2.2-2]
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "a session where none was wanted");
        }
        Properties said = ack.properties();
        String assigned = said.string(Property.ASSIGNED_CLIENT_IDENTIFIER);
        if (assigned != null && clientIdentifier.isEmpty()) clientIdentifier = assigned;
        if (!resumes) records.session(clientIdentifier);
        resumes = true;
        ServerLimits limits = ServerLimits.of(said);
        int aliasesIn = (int) wanted.properties().integer(Property.TOPIC_ALIAS_MAXIMUM, bounds.topicAliasesIn());
        int aliasesOut = Math.min(bounds.topicAliasesOut(), limits.topicAliasMaximum());
        long keepAliveSeconds = said.integer(Property.SERVER_KEEP_ALIVE, wanted.keepAliveSeconds());
        to.accepted(
                limits,
                new TopicAliases(to.v5() ? aliasesIn : 0, aliasesOut),
                keepAliveSeconds * 1_000_000_000,
                nowNanos);
        // MQTT 3.1 cannot say it: what is unfinished goes on as if it were, subscriptions are made again as if it were
        // not.
        return ack.sessionPresent() || wanted.version() == ProtocolVersion.V3_1 && !clean;
    }
}
