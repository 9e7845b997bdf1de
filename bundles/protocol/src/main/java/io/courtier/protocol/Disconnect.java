// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The last packet of a connection. Before MQTT 5 only the client sends it, and without a reason. */
public record Disconnect(ReasonCode reason, Properties properties) implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.DISCONNECT;
    }
}
