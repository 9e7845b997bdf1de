// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.PubComp;
import io.courtier.protocol.ReasonCode;

/** Decides what the four answers mean that finish a QoS 1 or QoS 2 message. [MQTT-4.3.2-5] [MQTT-4.3.3-13] */
final class AcknowledgementFlow {
    private AcknowledgementFlow() {}

    /** The client has a QoS 1 message. For an identifier that is not in use it means nothing and does no harm. */
    static void pubAck(ClientConnection connection) {
        connection.session().outbox.acknowledged(connection.decoder.packetIdentifier());
    }

    /** The client has a QoS 2 message, or refuses it: then it is finished. [MQTT-4.3.3-4] */
    static void pubRec(ClientConnection connection) {
        int identifier = connection.decoder.packetIdentifier();
        Session session = connection.session();
        if (connection.decoder.reason().isError()) {
            session.outbox.refused(identifier);
        } else if (session.outbox.releasable(identifier) || !connection.isV5()) {
            connection.sendPubRel(identifier);
        } else {
            connection.sendPubRel(identifier, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        }
    }

    /** The client releases its QoS 2 message: its identifier may come again. [MQTT-4.3.3-11] */
    static void pubRel(ClientConnection connection) {
        int identifier = connection.decoder.packetIdentifier();
        boolean known = connection.session().releasedInbound(identifier);
        // When that is forgotten, the next message under this identifier is taken for the same.
        if (known || !connection.isV5()) {
            connection.acknowledge(
                    PacketType.PUBCOMP, identifier, connection.session().writtenAt(), 0);
        } else {
            connection.acknowledge(
                    new PubComp(identifier, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, Properties.NONE), 0, 0);
        }
    }

    static void pubComp(ClientConnection connection) {
        connection.session().outbox.completed(connection.decoder.packetIdentifier());
    }
}
