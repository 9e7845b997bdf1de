// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Property;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ProtocolException;
import io.courtier.spi.transport.CloseCause;

/** Decides what a client's DISCONNECT does to its will and to the life of its session. */
final class DisconnectFlow {
    private DisconnectFlow() {}

    static void disconnect(ClientConnection connection, Disconnect packet) {
        if (connection.state != ClientConnection.State.CONNECTED) {
            connection.finish(CloseCause.CLIENT_DISCONNECTED, null, "");
            return;
        }
        Session session = connection.session();
        long expiry = packet.properties().integer(Property.SESSION_EXPIRY_INTERVAL, session.expirySeconds);
        if (expiry != session.expirySeconds) {
            if (session.expirySeconds == 0) {
                throw new ProtocolException(
                        ReasonCode.PROTOCOL_ERROR,
                        "a Session Expiry Interval, after none in CONNECT"); // [MQTT-3.14.2-2]
            }
            session.expirySeconds = Math.min(expiry, connection.shard.limits().sessionExpirySecondsMax());
        }
        if (packet.reason() == ReasonCode.SUCCESS) session.discardWill(); // [MQTT-3.14.4-3]
        connection.finish(CloseCause.CLIENT_DISCONNECTED, null, packet.reason().text());
    }
}
