// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import java.util.List;

/** The Topic Filters to be left, as they came. [MQTT-3.10.3-2] */
public record Unsubscribe(int packetIdentifier, List<String> topicFilters, Properties properties)
        implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.UNSUBSCRIBE;
    }
}
