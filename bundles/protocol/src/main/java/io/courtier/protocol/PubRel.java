// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The answer to PUBREC. */
public record PubRel(int packetIdentifier, ReasonCode reason, Properties properties) implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.PUBREL;
    }
}
