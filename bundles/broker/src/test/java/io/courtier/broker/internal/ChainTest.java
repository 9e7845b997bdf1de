// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationResult.Abstain;
import io.courtier.spi.auth.AuthenticationResult.Allow;
import io.courtier.spi.auth.AuthenticationResult.Deny;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainTest {
    private static final Authenticator GOOD = (request, answer) -> answer.accept(
            "probe".equals(request.userName())
                    ? new Allow(new Principal("probe", java.util.Set.of(), "test"))
                    : new Deny(ReasonCode.BAD_USER_NAME_OR_PASSWORD, "no"));
    private static final Authenticator OPEN_TO_ALL = (request, answer) -> answer.accept(new Allow(Principal.ANONYMOUS));
    private static final Authenticator SHUT =
            (request, answer) -> answer.accept(new Deny(ReasonCode.NOT_AUTHORIZED, "no"));
    private static final Authenticator INDIFFERENT = (request, answer) -> answer.accept(new Abstain());
    private static final Authenticator BROKEN = (request, answer) -> {
        throw new NoClassDefFoundError("gone");
    };

    private final Probe probe = Probe.of("probe", "secret", "stranger", "guess");
    private final Chain chain = new Chain(probe);

    @Test
    void withoutAProbeAllAreTaken() {
        Chain trusting = new Chain(null);
        assertThat(trusting.present(List.of(OPEN_TO_ALL), false)).isNull();
        assertThat(trusting.adopted()).containsExactly(OPEN_TO_ALL);
        assertThat(trusting.isBroken(false)).isFalse();
    }

    @Test
    void thoseThatStandTheTestAreTaken() {
        assertThat(settle(INDIFFERENT, GOOD)).isNull();
        assertThat(chain.adopted()).containsExactly(INDIFFERENT, GOOD);
        assertThat(chain.isBroken(true)).isFalse();
    }

    @Test
    void oneThatIsOpenToAllIsKeptOutAndTheOldOneGoesOn() {
        settle(GOOD);
        Chain.Trial trial = chain.present(List.of(OPEN_TO_ALL, GOOD), false);
        assertThat(chain.adopted()).as("meanwhile").containsExactly(GOOD);
        assertThat(chain.isBroken(true)).as("nobody waits").isFalse();
        assertThat(judge(trial)).isEqualTo("it lets stranger in, whom it must keep out");
        assertThat(chain.adopted()).containsExactly(GOOD);
        assertThat(chain.keepsOut(OPEN_TO_ALL)).isTrue();
        assertThat(chain.keepsOut(GOOD)).isFalse();
        assertThat(chain.present(List.of(OPEN_TO_ALL, GOOD), false))
                .as("it is not tried twice")
                .isNull();
    }

    @Test
    void oneThatKeepsEverybodyOutIsKeptOut() {
        settle(GOOD);
        assertThat(settle(SHUT, GOOD)).isEqualTo("it keeps probe out, whom it must let in");
        assertThat(settle(BROKEN, GOOD)).isNotNull();
        assertThat(chain.adopted()).containsExactly(GOOD);
    }

    @Test
    void inThePlaceOfAnotherItIsWaitedFor() {
        settle(GOOD);
        chain.present(List.of(), true);
        assertThat(chain.adopted()).isEmpty();
        Authenticator renewed = (request, answer) -> GOOD.authenticate(request, answer);
        Chain.Trial trial = chain.present(List.of(renewed), false);
        assertThat(chain.isBroken(true)).isTrue();
        assertThat(judge(trial)).isNull();
        assertThat(chain.isBroken(true)).isFalse();
        assertThat(chain.adopted()).containsExactly(renewed);
    }

    @Test
    void aBadOneInThePlaceOfAnotherLeavesTheDoorShut() {
        settle(GOOD);
        chain.present(List.of(), true);
        assertThat(settle(OPEN_TO_ALL)).isNotNull();
        assertThat(chain.adopted()).isEmpty();
    }

    @Test
    void nothingIsTriedWhileOthersAreExpected() {
        assertThat(chain.present(List.of(INDIFFERENT), true)).isNull();
        assertThat(settle(INDIFFERENT, GOOD)).isNull();
    }

    @Test
    void aVerdictOnWhatWasThereBeforeCountsNoMore() {
        settle(GOOD);
        Chain.Trial trial = chain.present(List.of(SHUT, GOOD), false);
        chain.present(List.of(GOOD), false);
        assertThat(chain.tried(trial, true)).isFalse();
        assertThat(chain.adopted()).containsExactly(GOOD);
    }

    private String settle(Authenticator... present) {
        Chain.Trial trial = chain.present(List.of(present), false);
        return trial == null ? null : judge(trial);
    }

    private String judge(Chain.Trial trial) {
        List<String> verdicts = new ArrayList<>();
        trial.probe().ask(trial.candidates(), verdicts::add);
        assertThat(verdicts).hasSize(1);
        assertThat(chain.tried(trial, verdicts.get(0) == null)).isTrue();
        return verdicts.get(0);
    }
}
