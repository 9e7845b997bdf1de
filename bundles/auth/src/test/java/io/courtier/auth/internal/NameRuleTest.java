// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

class NameRuleTest {
    @Test
    void looksAtANameALimitedNumberOfTimes() throws NameRule.TooManyLooks {
        NameRule endless = NameRule.of(Set.of("tank"), ".*.*.*.*.*b");
        assertThat(endless.allow("b")).isTrue();
        assertThatThrownBy(() -> endless.allow("a".repeat(64))).isInstanceOf(NameRule.TooManyLooks.class);
        assertThat(endless.allow("tank")).isTrue();
        assertThat(NameRule.of(Set.of(), "(?:[a-z]+-)*[a-z0-9]+").allow("a-".repeat(127) + "a"))
                .isTrue();
    }
}
