// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The plugins of the moment, as a shard sees them. All answers come back on the shard's own loop, in a turn of its own. */
public interface Plugins {
    /** Asks the chain of authenticators; without any: refused with Server unavailable. */
    void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer);

    /** Begins an exchange of an Authentication Method, or null where nobody speaks it. */
    EnhancedAuthenticator.@Nullable Exchange enhanced(String method, AuthenticationRequest request);

    Permissions permissions(Principal principal, String clientIdentifier, String listener);

    /** What the interceptors make of a message: null drops it. */
    @Nullable
    ApplicationMessage intercept(ApplicationMessage message);
}
