// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The first answer to a QoS 2 PUBLISH. */
public record PubRec(int packetIdentifier, ReasonCode reason, Properties properties) implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.PUBREC;
    }
}
