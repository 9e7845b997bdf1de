// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.protocol.ProtocolVersion;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.transport.ConnectionInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Two identities that a chain of authenticators is tried with before clients are judged by it: one that it must let in and
 * one that it must keep out. Without one of the two, only the other is tried.
 */
record Probe(@Nullable Identity allowed, @Nullable Identity denied) {
    record Identity(String userName, String password) {
        @Override
        public String toString() {
            return userName;
        }
    }

    /** Null where neither has a name: nothing is tried then. */
    static @Nullable Probe of(String allowed, String itsPassword, String denied, String otherPassword) {
        Identity in = allowed.isBlank() ? null : new Identity(allowed.strip(), itsPassword);
        Identity out = denied.isBlank() ? null : new Identity(denied.strip(), otherPassword);
        return in == null && out == null ? null : new Probe(in, out);
    }

    /** Answers once, on any thread: null where the chain stands the test, otherwise what is wrong with it. */
    void ask(List<Authenticator> chain, Consumer<@Nullable String> verdict) {
        judge(chain, allowed, lets -> {
            if (allowed != null && !lets) {
                verdict.accept("it keeps " + allowed + " out, whom it must let in");
                return;
            }
            judge(
                    chain,
                    denied,
                    letsIn -> verdict.accept(
                            denied != null && letsIn ? "it lets " + denied + " in, whom it must keep out" : null));
        });
    }

    private static void judge(List<Authenticator> chain, @Nullable Identity identity, Consumer<Boolean> letIn) {
        if (identity == null) {
            letIn.accept(false);
            return;
        }
        ConnectionInfo nowhere = new ConnectionInfo("probe", "probe", "127.0.0.1", 0, false, null);
        AuthenticationRequest request = new AuthenticationRequest(
                nowhere,
                ProtocolVersion.V5,
                "courtier-probe",
                identity.userName(),
                identity.password().getBytes(StandardCharsets.UTF_8));
        judge(chain, 0, request, letIn);
    }

    private static void judge(
            List<Authenticator> chain, int at, AuthenticationRequest request, Consumer<Boolean> letIn) {
        if (at == chain.size()) {
            letIn.accept(false);
            return;
        }
        AtomicBoolean answered = new AtomicBoolean();
        try {
            chain.get(at).authenticate(request, result -> {
                if (!answered.compareAndSet(false, true)) return;
                if (result instanceof AuthenticationResult.Abstain) judge(chain, at + 1, request, letIn);
                else letIn.accept(result instanceof AuthenticationResult.Allow);
            });
        } catch (RuntimeException | LinkageError broken) {
            if (answered.compareAndSet(false, true)) letIn.accept(false);
        }
    }
}
