// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import org.junit.jupiter.api.Test;

class GuardsTest {
    private final Guards<Integer, String> guards = new Guards<>(Comparator.reverseOrder(), 100);

    @Test
    void areAskedInTheirOrder() {
        guards.came(1, "low", "anonymous");
        guards.came(5, "high", "file");
        assertThat(guards.inOrder()).containsExactly("file", "anonymous");
        assertThat(guards.first()).isEqualTo("file");
        assertThat(guards.isWaiting()).isFalse();
    }

    @Test
    void areWaitedForWhenTheyGoUntilTheyAreBack() {
        guards.came(5, "file", "old");
        guards.went(5, 1_000);
        assertThat(guards.inOrder()).isEmpty();
        assertThat(guards.isWaiting()).isTrue();
        assertThat(guards.nextDeadlineNanos()).isEqualTo(1_100);
        guards.came(6, "file", "new");
        assertThat(guards.isWaiting()).isFalse();
        assertThat(guards.inOrder()).containsExactly("new");
    }

    @Test
    void areWaitedForEvenWhereOthersAreLeft() {
        guards.came(5, "file", "file");
        guards.came(1, "anonymous", "anonymous");
        guards.went(5, 0);
        assertThat(guards.isWaiting()).as("or it would be decided without it").isTrue();
    }

    @Test
    void areNotWaitedForWhenTheirReplacementCameFirst() {
        guards.came(5, "file", "old");
        guards.came(6, "file", "new");
        guards.went(5, 0);
        assertThat(guards.isWaiting()).isFalse();
    }

    @Test
    void areGivenUpWhenTheirTimeIsOver() {
        guards.came(5, "file", "file");
        guards.came(4, "jwt", "jwt");
        guards.went(5, 0);
        guards.went(4, 50);
        assertThat(guards.nextDeadlineNanos()).isEqualTo(100);
        assertThat(guards.giveUp(99)).isEmpty();
        assertThat(guards.giveUp(100)).containsExactly("file");
        assertThat(guards.isWaiting()).isTrue();
        assertThat(guards.giveUp(150)).containsExactly("jwt");
        assertThat(guards.isWaiting()).isFalse();
    }

    @Test
    void areNotWaitedForWhereNobodyWasJudgedByThem() {
        guards.came(5, "file", "file");
        guards.came(9, "broken", "broken");
        guards.wentUnasked(9);
        guards.went(9, 0);
        assertThat(guards.inOrder()).containsExactly("file");
        assertThat(guards.isWaiting()).isFalse();
    }

    @Test
    void areNotWaitedForWithoutATime() {
        Guards<Integer, String> impatient = new Guards<>(Comparator.reverseOrder(), 0);
        impatient.came(1, "it", "it");
        impatient.went(1, 0);
        assertThat(impatient.isWaiting()).isFalse();
    }
}
