// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.core.Plugins;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who may come in, and what they may do: the page says. */
final class JsPlugins implements Plugins {
    private final JsTypes.BrokerHost host;
    private final Consumer<Runnable> turn;

    JsPlugins(JsTypes.BrokerHost host, Consumer<Runnable> turn) {
        this.host = host;
        this.turn = turn;
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        byte[] password = request.password();
        host.authenticate(
                request.clientIdentifier(),
                request.userName(),
                password == null ? null : Bytes.toJs(password),
                request.connection().listener(),
                (reason, why, roles) -> turn.accept(() -> answer.accept(
                        reason == 0
                                ? new AuthenticationResult.Allow(new Principal(request.userName(), Set.of(), "page"))
                                : new AuthenticationResult.Deny(ReasonCode.NOT_AUTHORIZED, why))));
    }

    @Override
    public EnhancedAuthenticator.@Nullable Exchange enhanced(String method, AuthenticationRequest request) {
        return null;
    }

    @Override
    public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
        return Permissions.ALL;
    }

    @Override
    public @Nullable ApplicationMessage intercept(ApplicationMessage message) {
        return message;
    }
}
