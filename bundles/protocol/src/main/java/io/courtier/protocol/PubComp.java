// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The answer to PUBREL, the last packet of a QoS 2 delivery. */
public record PubComp(int packetIdentifier, ReasonCode reason, Properties properties) implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.PUBCOMP;
    }
}
