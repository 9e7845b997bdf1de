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
import io.courtier.spi.auth.Gatekeeper;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.intercept.PublishInterceptor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the plugins for one shard and brings their answers home. A plugin that throws, or that nobody provides, opens no
 * door: it fails closed. While a guard is being replaced, whoever comes waits for the new one.
 */
final class ShardPlugins implements Plugins {
    private static final Logger LOG = LoggerFactory.getLogger(ShardPlugins.class);

    /** More than a shard has connections for before they have said who they are. */
    private static final int HELD_MAX = 100_000;

    private final PluginSnapshot.Holder plugins;
    private final ShardRunner runner;
    /** Those whose authenticator has not answered yet. */
    private final Set<Waiting> asked = new LinkedHashSet<>();
    /** What waits until the guard is there again. */
    private final List<Consumer<PluginSnapshot>> held = new ArrayList<>();

    ShardPlugins(PluginSnapshot.Holder plugins, ShardRunner runner) {
        this.plugins = plugins;
        this.runner = runner;
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        judge(new Waiting(request, answer));
    }

    private void judge(Waiting waiting) {
        // Read once: a guard may go at any moment, and who comes is judged by those of one moment.
        PluginSnapshot now = plugins.current;
        if (now.holding()) hold(waiting);
        else begin(waiting, now);
    }

    /** Guards came or went. On the loop. */
    void changed() {
        PluginSnapshot now = plugins.current;
        // Who is asking somebody that has gone asks anew: the answer may be that of one who was being taken apart.
        for (Waiting waiting : List.copyOf(asked)) {
            if (isPresent(waiting.current())) continue;
            asked.remove(waiting);
            hold(waiting);
        }
        if (now.holding()) return;
        List<Consumer<PluginSnapshot>> released = List.copyOf(held);
        held.clear();
        for (Consumer<PluginSnapshot> each : released) each.accept(now);
    }

    private void hold(Waiting waiting) {
        if (held.size() >= HELD_MAX) {
            waiting.answer.accept(new AuthenticationResult.Deny(ReasonCode.SERVER_BUSY, "too many wait for the guard"));
            return;
        }
        held.add(now -> begin(waiting, now));
    }

    private void begin(Waiting waiting, PluginSnapshot now) {
        AuthenticationResult.Deny refusal = refusal(waiting.request, now);
        if (refusal != null) {
            waiting.answer.accept(refusal);
            return;
        }
        List<Authenticator> chain = now.authenticators();
        if (chain.isEmpty()) {
            waiting.answer.accept(
                    new AuthenticationResult.Deny(ReasonCode.SERVER_UNAVAILABLE, "there is no authenticator"));
            return;
        }
        waiting.begin(chain);
        asked.add(waiting);
        ask(waiting);
    }

    private void ask(Waiting waiting) {
        Authenticator authenticator = waiting.current();
        if (authenticator == null) {
            answer(waiting, new AuthenticationResult.Abstain());
            return;
        }
        int question = waiting.question();
        Consumer<AuthenticationResult> answered = home(result -> {
            if (waiting.question() != question || !asked.contains(waiting)) return;
            if (!isPresent(authenticator)) {
                // It has gone. changed() is on its way, but by then it may be back, and would seem to be still asked.
                asked.remove(waiting);
                judge(waiting);
                return;
            }
            if (result instanceof AuthenticationResult.Abstain) {
                waiting.next();
                ask(waiting);
            } else {
                answer(waiting, result);
            }
        });
        try {
            authenticator.authenticate(waiting.request, answered);
        } catch (RuntimeException | LinkageError e) {
            if (isPresent(authenticator)) {
                LOG.error(
                        "authenticator {} failed; {} is refused",
                        authenticator.getClass().getName(),
                        waiting.request,
                        e);
            }
            answered.accept(new AuthenticationResult.Deny(ReasonCode.SERVER_UNAVAILABLE, "an authenticator failed"));
        }
    }

    private void answer(Waiting waiting, AuthenticationResult result) {
        asked.remove(waiting);
        boolean letIn = result instanceof AuthenticationResult.Allow;
        ReasonCode reason =
                result instanceof AuthenticationResult.Deny deny ? deny.reason() : ReasonCode.NOT_AUTHORIZED;
        // Who presents nothing guesses nothing.
        boolean presents = waiting.request.userName() != null || waiting.request.password() != null;
        if (letIn || presents && isAboutCredentials(reason)) judged(waiting.request, letIn);
        waiting.answer.accept(result);
    }

    /** Why gatekeepers turn this client away, or null. */
    private AuthenticationResult.@Nullable Deny refusal(AuthenticationRequest request, PluginSnapshot now) {
        for (Gatekeeper gatekeeper : now.gatekeepers()) {
            try {
                AuthenticationResult.Deny refusal = gatekeeper.refuses(request);
                if (refusal != null) return refusal;
            } catch (RuntimeException | LinkageError e) {
                LOG.error(
                        "gatekeeper {} failed; {} is refused",
                        gatekeeper.getClass().getName(),
                        request,
                        e);
                return new AuthenticationResult.Deny(ReasonCode.SERVER_UNAVAILABLE, "a gatekeeper failed");
            }
        }
        return null;
    }

    private void judged(AuthenticationRequest request, boolean letIn) {
        for (Gatekeeper gatekeeper : plugins.current.gatekeepers()) {
            try {
                gatekeeper.judged(request, letIn);
            } catch (RuntimeException | LinkageError e) {
                LOG.error("gatekeeper {} failed", gatekeeper.getClass().getName(), e);
            }
        }
    }

    private static boolean isAboutCredentials(ReasonCode reason) {
        return reason == ReasonCode.BAD_USER_NAME_OR_PASSWORD || reason == ReasonCode.NOT_AUTHORIZED;
    }

    private boolean isPresent(@Nullable Authenticator authenticator) {
        for (Authenticator present : plugins.current.authenticators()) {
            if (present == authenticator) return true;
        }
        return false;
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
        PluginSnapshot now = plugins.current;
        return now.holding() ? new LateExchange(method, request) : begin(method, request, now);
    }

    private EnhancedAuthenticator.@Nullable Exchange begin(
            String method, AuthenticationRequest request, PluginSnapshot now) {
        AuthenticationResult.Deny refusal = refusal(request, now);
        if (refusal != null) {
            return (data, answer) ->
                    answer.accept(new EnhancedAuthenticator.Answer.Failure(refusal.reason(), refusal.why()));
        }
        for (EnhancedAuthenticator authenticator : now.enhanced()) {
            if (!authenticator.method().equals(method)) continue;
            try {
                EnhancedAuthenticator.Exchange exchange = authenticator.begin(request);
                return (data, answer) -> step(exchange, data, home(result -> {
                    if (result instanceof EnhancedAuthenticator.Answer.Success) judged(request, true);
                    else if (result instanceof EnhancedAuthenticator.Answer.Failure failure
                            && isAboutCredentials(failure.reason())) judged(request, false);
                    answer.accept(result);
                }));
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

    /** An exchange whose authenticator is being replaced: it begins with the new one. */
    private final class LateExchange implements EnhancedAuthenticator.Exchange {
        private final String method;
        private final AuthenticationRequest request;
        private EnhancedAuthenticator.@Nullable Exchange begun;

        LateExchange(String method, AuthenticationRequest request) {
            this.method = method;
            this.request = request;
        }

        @Override
        public void step(byte @Nullable [] data, Consumer<EnhancedAuthenticator.Answer> answer) {
            step(data, answer, plugins.current);
        }

        private void step(byte @Nullable [] data, Consumer<EnhancedAuthenticator.Answer> answer, PluginSnapshot now) {
            if (begun == null && now.holding() && held.size() < HELD_MAX) {
                held.add(later -> step(data, answer, later));
                return;
            }
            if (begun == null) begun = begin(method, request, now);
            if (begun == null) {
                answer.accept(new EnhancedAuthenticator.Answer.Failure(
                        ReasonCode.BAD_AUTHENTICATION_METHOD, "nobody speaks this Authentication Method"));
            } else {
                begun.step(data, answer);
            }
        }
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
