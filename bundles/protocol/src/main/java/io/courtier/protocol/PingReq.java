// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** A sign of life from the client. */
public record PingReq() implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.PINGREQ;
    }
}
