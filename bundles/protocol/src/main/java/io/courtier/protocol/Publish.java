// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/**
 * A PUBLISH as it stands on one connection: the envelope. What lives on is its {@link ApplicationMessage}.
 * The topic is empty where a Topic Alias stands for it; the identifier is 0 at QoS 0. [MQTT-2.2.1-2]
 */
public record Publish(
        boolean dup,
        QoS qos,
        boolean retain,
        int packetIdentifier,
        TopicName topic,
        byte[] payload,
        Properties properties)
        implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.PUBLISH;
    }
}
