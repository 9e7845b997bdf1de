// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One CONNECT on its way through the chain of authenticators. Belongs to its shard's loop. */
final class Waiting {
    final AuthenticationRequest request;
    final Consumer<AuthenticationResult> answer;
    private List<Authenticator> chain = List.of();
    private int at;
    /** Raised whenever it is asked anew: an answer to an earlier question counts no more. */
    private int question;

    Waiting(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        this.request = request;
        this.answer = answer;
    }

    /** From the beginning, with these. */
    void begin(List<Authenticator> authenticators) {
        chain = authenticators;
        at = 0;
        question++;
    }

    /** Whoever is asked now, or null where all have abstained. */
    @Nullable
    Authenticator current() {
        return at < chain.size() ? chain.get(at) : null;
    }

    void next() {
        at++;
        question++;
    }

    int question() {
        return question;
    }
}
