// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The answer to PINGREQ. [MQTT-3.12.4-1] */
public record PingResp() implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.PINGRESP;
    }
}
