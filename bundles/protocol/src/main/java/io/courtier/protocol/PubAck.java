// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The answer to a QoS 1 PUBLISH. */
public record PubAck(int packetIdentifier, ReasonCode reason, Properties properties) implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.PUBACK;
    }
}
