// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import java.util.List;

/** One or more subscriptions. [MQTT-3.8.3-2] */
public record Subscribe(int packetIdentifier, List<Request> requests, Properties properties) implements ControlPacket {
    /** A Topic Filter as it came (it may be invalid: SUBACK says so, filter by filter) and its options. */
    public record Request(String topicFilter, SubscriptionOptions options) {}

    @Override
    public PacketType type() {
        return PacketType.SUBSCRIBE;
    }
}
