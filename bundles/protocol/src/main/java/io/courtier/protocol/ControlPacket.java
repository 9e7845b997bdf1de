// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** Any MQTT Control Packet. Packet identifiers are 1 to 65535. */
public sealed interface ControlPacket
        permits Connect,
                ConnAck,
                Publish,
                PubAck,
                PubRec,
                PubRel,
                PubComp,
                Subscribe,
                SubAck,
                Unsubscribe,
                UnsubAck,
                PingReq,
                PingResp,
                Disconnect,
                Auth {
    PacketType type();

    /** Its properties; none in MQTT 3.1 and 3.1.1. */
    default Properties properties() {
        return Properties.NONE;
    }
}
