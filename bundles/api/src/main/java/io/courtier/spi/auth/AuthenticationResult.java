// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import io.courtier.protocol.ReasonCode;

/** What an authenticator makes of a request. */
public sealed interface AuthenticationResult {
    /** Let it in, as this principal. */
    record Allow(Principal principal) implements AuthenticationResult {}

    /**
     * Keep it out. The reason is one that CONNACK may carry; why is for the log and never sent to the client.
     */
    record Deny(ReasonCode reason, String why) implements AuthenticationResult {}

    /** Not mine: ask the next one. */
    record Abstain() implements AuthenticationResult {}
}
