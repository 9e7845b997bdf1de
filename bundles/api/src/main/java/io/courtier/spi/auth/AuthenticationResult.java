// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.Utf8;
import org.jspecify.annotations.Nullable;

/** What an authenticator makes of a request. */
public sealed interface AuthenticationResult {
    /** Let it in, as this principal. */
    record Allow(Principal principal) implements AuthenticationResult {}

    /**
     * Keep it out.
     *
     * @param reason one that CONNACK may carry
     * @param why for the log, never sent to the client
     * @param serverReference where else to connect, with Use another server and Server moved only; null: not
     *     said. (MQTT 5, 3.2.2.3.16)
     */
    record Deny(ReasonCode reason, String why, @Nullable String serverReference) implements AuthenticationResult {
        public Deny {
            if (serverReference != null) {
                if (reason != ReasonCode.USE_ANOTHER_SERVER && reason != ReasonCode.SERVER_MOVED)
                    throw new IllegalArgumentException(reason + " names no other server");
                int bytes = Utf8.length(serverReference);
                if (bytes < 0 || bytes > 65_535)
                    throw new IllegalArgumentException("not a UTF-8 Encoded String of MQTT");
            }
        }

        public Deny(ReasonCode reason, String why) {
            this(reason, why, null);
        }
    }

    /** Not mine: ask the next one. */
    record Abstain() implements AuthenticationResult {}
}
