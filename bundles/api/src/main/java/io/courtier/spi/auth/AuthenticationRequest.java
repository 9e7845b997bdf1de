// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import io.courtier.protocol.ProtocolVersion;
import io.courtier.spi.transport.ConnectionInfo;
import org.jspecify.annotations.Nullable;

/** What a CONNECT presents. The password's bytes are not to be modified, kept or logged. */
public record AuthenticationRequest(
        ConnectionInfo connection,
        ProtocolVersion version,
        String clientIdentifier,
        @Nullable String userName,
        byte @Nullable [] password) {
    /** Without the password. */
    @Override
    public String toString() {
        return "AuthenticationRequest[" + connection.listener() + ", client=" + clientIdentifier + ", user=" + userName
                + "]";
    }
}
