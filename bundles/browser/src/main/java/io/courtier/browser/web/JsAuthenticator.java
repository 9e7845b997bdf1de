// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.broker.TabGate;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.EnhancedAuthenticator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks the page who somebody is. */
final class JsAuthenticator implements Authenticator, TabGate.Enhanced {
    private final JsTypes.BrokerHost host;

    JsAuthenticator(JsTypes.BrokerHost host) {
        this.host = host;
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        byte[] password = request.password();
        host.authenticate(
                request.clientIdentifier(),
                request.userName(),
                password == null ? null : Bytes.toJs(password),
                request.connection().listener(),
                (reason, why, roles, serverReference) ->
                        answer.accept(TabGate.result(request.userName(), reason, why, roles, serverReference)));
    }

    @Override
    public EnhancedAuthenticator.@Nullable Exchange begin(String method, AuthenticationRequest request) {
        JsTypes.Enhanced enhanced = host.getEnhanced();
        if (enhanced == null) return null;
        JsTypes.Exchange exchange = enhanced.begin(
                method, request.clientIdentifier(), request.connection().listener());
        if (exchange == null) return null;
        return (data, answer) -> exchange.step(
                data == null ? null : Bytes.toJs(data),
                (reason, more, userName, roles, why) -> answer.accept(
                        TabGate.answer(reason, more == null ? null : Bytes.toJava(more), userName, roles, why)));
    }
}
