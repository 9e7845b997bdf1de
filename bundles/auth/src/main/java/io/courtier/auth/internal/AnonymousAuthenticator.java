// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Principal;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Component;

/**
 * Lets clients in that present nothing, where their listener allows it. Asked last. A password without a user name is
 * something: if nobody else can check it, the client stays out.
 */
@Component(property = "service.ranking:Integer=-2147483648")
public final class AnonymousAuthenticator implements Authenticator {
    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        boolean presentsNothing = request.userName() == null && request.password() == null;
        answer.accept(
                presentsNothing && request.connection().anonymousAllowed()
                        ? new AuthenticationResult.Allow(Principal.ANONYMOUS)
                        : new AuthenticationResult.Abstain());
    }
}
