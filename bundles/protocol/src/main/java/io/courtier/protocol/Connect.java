// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The first packet of a client. The client identifier may be empty [MQTT-3.1.3-6]; the keep alive is in seconds, 0 for
 * none; cleanStart is Clean Session before MQTT 5. The password's bytes are not to be modified.
 */
public record Connect(
        ProtocolVersion version,
        String clientIdentifier,
        boolean cleanStart,
        int keepAliveSeconds,
        @Nullable Will will,
        @Nullable String userName,
        byte @Nullable [] password,
        Properties properties)
        implements ControlPacket {
    @Override
    public PacketType type() {
        return PacketType.CONNECT;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Connect[" + version + ", clientIdentifier=" + clientIdentifier + ", cleanStart=" + cleanStart
                + ", keepAliveSeconds=" + keepAliveSeconds + ", userName=" + userName + ", will=" + (will != null)
                + ", properties=" + properties + "]";
    }
}
