// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Turns clients away before anybody looks at their credentials: those that are banned, and those that have guessed too often.
 * Registered as a service; all of them are asked, for each CONNECT and each exchange that begins. Called on event loops: it
 * must answer at once. One that throws turns the client away.
 */
@ConsumerType
public interface Gatekeeper {
    /** Why this client is turned away, or null where nothing speaks against it. */
    AuthenticationResult.@Nullable Deny refuses(AuthenticationRequest request);

    /**
     * What came of a request that no gatekeeper refused and that presented something: credentials, or an exchange of AUTH
     * packets. Refused for another reason than that (we are busy, a directory is down) is not told.
     */
    default void judged(AuthenticationRequest request, boolean letIn) {}
}
