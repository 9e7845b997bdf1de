// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.AuthenticationResult.Abstain;
import io.courtier.spi.auth.AuthenticationResult.Allow;
import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnonymousAuthenticatorTest {
    @Test
    void letsAClientInThatPresentsNothingWhereTheListenerAllowsIt() {
        assertThat(answer(true, null, null)).isEqualTo(new Allow(Principal.ANONYMOUS));
    }

    @Test
    void abstainsWhereTheListenerDoesNotAllowIt() {
        assertThat(answer(false, null, null)).isEqualTo(new Abstain());
    }

    @Test
    void abstainsFromAnyCredentials() {
        assertThat(answer(true, "joe", null)).isEqualTo(new Abstain());
        assertThat(answer(true, "", null)).isEqualTo(new Abstain());
        assertThat(answer(true, "joe", "secret")).isEqualTo(new Abstain());
        assertThat(answer(true, null, "token")).isEqualTo(new Abstain());
    }

    private static AuthenticationResult answer(boolean allowed, String user, String password) {
        List<AuthenticationResult> answers = new ArrayList<>();
        new AnonymousAuthenticator().authenticate(Presents.to(allowed, user, password), answers::add);
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }
}
