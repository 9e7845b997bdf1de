// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.core.Plugins;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Authorizer;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.intercept.PublishInterceptor;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the plugins for one shard and brings their answers home. A plugin that throws, or that nobody provides, opens no
 * door: it fails closed.
 */
final class ShardPlugins implements Plugins {
    private static final Logger LOG = LoggerFactory.getLogger(ShardPlugins.class);

    private final PluginSnapshot.Holder plugins;
    private final ShardRunner runner;

    ShardPlugins(PluginSnapshot.Holder plugins, ShardRunner runner) {
        this.plugins = plugins;
        this.runner = runner;
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        List<Authenticator> chain = plugins.current.authenticators();
        if (chain.isEmpty()) {
            answer.accept(new AuthenticationResult.Deny(ReasonCode.SERVER_UNAVAILABLE, "there is no authenticator"));
            return;
        }
        ask(chain, 0, request, answer);
    }

    private void ask(
            List<Authenticator> chain, int at, AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        if (at == chain.size()) {
            answer.accept(new AuthenticationResult.Abstain());
            return;
        }
        Consumer<AuthenticationResult> next = home(result -> {
            if (result instanceof AuthenticationResult.Abstain) ask(chain, at + 1, request, answer);
            else answer.accept(result);
        });
        try {
            chain.get(at).authenticate(request, next);
        } catch (RuntimeException e) {
            LOG.error(
                    "authenticator {} failed; {} is refused",
                    chain.get(at).getClass().getName(),
                    request,
                    e);
            next.accept(new AuthenticationResult.Deny(ReasonCode.SERVER_UNAVAILABLE, "an authenticator failed"));
        }
    }

    /** Runs an answer on the shard's loop, whatever thread it comes on, and once. */
    private <T> Consumer<T> home(Consumer<T> answer) {
        AtomicBoolean answered = new AtomicBoolean();
        return result -> {
            if (!answered.compareAndSet(false, true)) return;
            if (runner.inEventLoop()) {
                runner.beginTurn();
                answer.accept(result);
            } else {
                runner.post(() -> answer.accept(result));
            }
        };
    }

    @Override
    public EnhancedAuthenticator.@Nullable Exchange enhanced(String method, AuthenticationRequest request) {
        for (EnhancedAuthenticator authenticator : plugins.current.enhanced()) {
            if (!authenticator.method().equals(method)) continue;
            try {
                EnhancedAuthenticator.Exchange exchange = authenticator.begin(request);
                return (data, answer) -> step(exchange, data, home(answer));
            } catch (RuntimeException e) {
                LOG.error(
                        "enhanced authenticator {} failed",
                        authenticator.getClass().getName(),
                        e);
                return null;
            }
        }
        return null;
    }

    private static void step(
            EnhancedAuthenticator.Exchange exchange,
            byte @Nullable [] data,
            Consumer<EnhancedAuthenticator.Answer> answer) {
        try {
            exchange.step(data, answer);
        } catch (RuntimeException e) {
            LOG.error("an enhanced authenticator failed", e);
            answer.accept(new EnhancedAuthenticator.Answer.Failure(
                    ReasonCode.SERVER_UNAVAILABLE, "an enhanced authenticator failed"));
        }
    }

    @Override
    public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
        Authorizer authorizer = plugins.current.authorizer();
        if (authorizer == null) return Permissions.NONE;
        try {
            return new FailingClosed(clientIdentifier, authorizer.permissions(principal, clientIdentifier, listener));
        } catch (RuntimeException e) {
            LOG.error(
                    "authorizer {} failed; client {} may do nothing",
                    authorizer.getClass().getName(),
                    clientIdentifier,
                    e);
            return Permissions.NONE;
        }
    }

    @Override
    public @Nullable ApplicationMessage intercept(ApplicationMessage message) {
        PublishInterceptor[] interceptors = plugins.current.interceptors();
        ApplicationMessage current = message;
        for (PublishInterceptor interceptor : interceptors) {
            current = interceptor.publish(current);
            if (current == null) return null;
        }
        return current;
    }
}
