// SPDX-License-Identifier: Apache-2.0
package io.courtier.management.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.api.AccessDifference;
import io.courtier.api.AccessDifference.Action;
import io.courtier.api.AccessTrial;
import io.courtier.api.Explanation.Decision;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AclTryCommandTest {
    private static final Decision NOW = new Decision(true, "line 1: allow publish #");
    private static final Decision TRIED = new Decision(false, null);

    @Test
    void saysHowManyDecisionsWouldBeOthers() {
        assertThat(AclTryCommand.summary(trial(100, 3, 0, difference("a"))))
                .isEqualTo(
                        "7 rules of etc/next, tried since 1970-01-01T00:00:01Z: 3 of 100 decisions would be others.");
    }

    @Test
    void saysThatNothingWasAskedYet() {
        assertThat(AclTryCommand.summary(trial(0, 0, 0))).endsWith(" or another authorizer decides.");
    }

    @Test
    void saysHowManyAreNotListedAnyMore() {
        assertThat(AclTryCommand.summary(trial(100, 9, 2, difference("a"))))
                .endsWith(" Only the last 1 kinds are listed; 2 fell out.");
    }

    @Test
    void listsWhoWantedWhatAndWhatBothSay() {
        assertThat(table(difference("a/b")))
                .containsSubsequence(
                        "4", "pump-7", "publish qos 1 retain", "a/b", "allowed, line 1: allow publish #", "denied");
    }

    @Test
    void aTopicSteersNoTerminal() {
        assertThat(table(difference("a\u001B[2J\u009B/b"))).contains("a?[2J?/b").doesNotContain("\u001B[2J", "\u009B");
    }

    private static String table(AccessDifference difference) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        AclTryCommand.table(List.of(difference)).print(out);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static AccessDifference difference(String topic) {
        return new AccessDifference("pump-7", null, Action.PUBLISH, topic, 1, true, NOW, TRIED, 4);
    }

    private static AccessTrial trial(long asked, long different, long forgotten, AccessDifference... differences) {
        return new AccessTrial("etc/next", 7, 1_999, asked, different, forgotten, List.of(differences));
    }
}
