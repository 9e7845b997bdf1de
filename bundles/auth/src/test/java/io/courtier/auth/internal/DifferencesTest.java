// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.api.AccessDifference;
import io.courtier.api.Explanation.Decision;
import org.junit.jupiter.api.Test;

class DifferencesTest {
    private static final Decision NOW = new Decision(true, "line 1");
    private static final Decision TRIED = new Decision(false, "line 2");

    private final Differences differences = new Differences();

    @Test
    void countsEachQuestionAndListsTheLastFirst() {
        add("a");
        add("b");
        add("c");
        add("a");
        assertThat(differences.listed()).extracting(AccessDifference::topic).containsExactly("a", "c", "b");
        assertThat(differences.listed()).extracting(AccessDifference::times).containsExactly(2L, 1L, 1L);
        assertThat(differences.different()).isEqualTo(4);
        assertThat(differences.forgotten()).isZero();
    }

    @Test
    void forgetsTheOneThatDidNotComeUpForTheLongestTimeAndSaysHowMany() {
        for (int i = 0; i < Differences.LISTED_MAX; i++) add("t/" + i);
        add("t/0");
        add("new/1");
        add("new/2");
        assertThat(differences.listed())
                .hasSize(Differences.LISTED_MAX)
                .extracting(AccessDifference::topic)
                .startsWith("new/2", "new/1", "t/0")
                .doesNotContain("t/1", "t/2")
                .contains("t/3");
        assertThat(differences.forgotten()).isEqualTo(2);
        assertThat(differences.different()).isEqualTo(Differences.LISTED_MAX + 3);
    }

    @Test
    void cutsNamesAndTopicsThatAreVeryLong() {
        String longest = "x".repeat(Differences.TEXT_CHARS_MAX);
        differences.add(question(longest + "c", longest + "u", longest + "t"), NOW, TRIED);
        differences.add(question(longest, longest, longest), NOW, TRIED);
        assertThat(differences.listed())
                .extracting(AccessDifference::clientIdentifier)
                .containsExactly(longest, longest + "...");
        assertThat(differences.listed())
                .extracting(AccessDifference::userName)
                .containsExactly(longest, longest + "...");
        assertThat(differences.listed()).extracting(AccessDifference::topic).containsExactly(longest, longest + "...");
    }

    private void add(String topic) {
        differences.add(question("pump-7", null, topic), NOW, TRIED);
    }

    private static Differences.Question question(String client, String user, String topic) {
        return new Differences.Question(client, user, AccessDifference.Action.PUBLISH, topic, 0, false);
    }
}
