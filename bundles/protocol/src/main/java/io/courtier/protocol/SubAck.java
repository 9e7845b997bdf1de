// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import java.util.List;

/** One reason for each request of the SUBSCRIBE, in its order. [MQTT-3.9.3-1] */
public record SubAck(int packetIdentifier, List<ReasonCode> reasons, Properties properties) implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.SUBACK;
    }
}
