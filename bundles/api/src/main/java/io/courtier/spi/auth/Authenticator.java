// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Says who a client is. Registered as a service; the broker asks all of them in the order of their
 * {@code service.ranking}, highest first, until one does not abstain. If all abstain, or there is none, the client is
 * refused.
 */
@ConsumerType
public interface Authenticator {
    /**
     * Answers once, through the callback, on any thread, at once or later. Called on an event loop: whatever may wait (a
     * directory, a database, a slow hash) belongs on a thread of the authenticator's own.
     */
    void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer);
}
