// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The answer to CONNECT. For MQTT 3.1 and 3.1.1 the encoder writes the nearest return code. */
public record ConnAck(boolean sessionPresent, ReasonCode reason, Properties properties) implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.CONNACK;
    }
}
