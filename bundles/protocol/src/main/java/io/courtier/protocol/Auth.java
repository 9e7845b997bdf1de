// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** A step of enhanced authentication; MQTT 5 only. */
public record Auth(ReasonCode reason, Properties properties) implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.AUTH;
    }
}
