// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import java.util.List;

/** One reason for each filter of the UNSUBSCRIBE, in its order; before MQTT 5 the reasons are not sent. [MQTT-3.11.3-1] */
public record UnsubAck(int packetIdentifier, List<ReasonCode> reasons, Properties properties) implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.UNSUBACK;
    }
}
