// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ProtocolVersion;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.transport.ConnectionInfo;
import java.nio.charset.StandardCharsets;

/** What a client presents in a test. */
final class Presents {
    private Presents() {}

    static AuthenticationRequest to(boolean anonymousAllowed, String userName, String password) {
        return on(
                new ConnectionInfo("tcp-default", "tcp", "192.0.2.7", 4711, anonymousAllowed, null),
                userName,
                password);
    }

    static AuthenticationRequest on(ConnectionInfo connection, String userName, String password) {
        return new AuthenticationRequest(
                connection,
                ProtocolVersion.V5,
                "pump-7",
                userName,
                password == null ? null : password.getBytes(StandardCharsets.UTF_8));
    }
}
