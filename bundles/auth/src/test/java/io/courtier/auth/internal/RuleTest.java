// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.TopicFilter;
import io.courtier.spi.auth.Principal;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleTest {
    private static final Principal JOE = new Principal("joe", Set.of("admin", "night shift"), "file");

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "# a comment", "  # another"})
    void readsOverCommentsAndEmptyLines(String line) throws BrokenLine {
        assertThat(Rule.parse(1, line)).isNull();
    }

    @Test
    void readsActionsFiltersAndQuotes() throws BrokenLine {
        Rule rule = Rule.parse(1, "\tdeny   receive \"a b/#\"  user \"joe\" ");
        assertThat(rule.allow()).isFalse();
        assertThat(rule.action()).isEqualTo(Rule.Action.RECEIVE);
        assertThat(rule.filter().covers(TopicFilter.of("a b/c"))).isTrue();
        assertThat(rule.conditions()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "allow | a rule is",
                "allow all | a rule is",
                "permit all # | permit is not allow or deny",
                "Allow all # | Allow is not allow or deny",
                "allow read # | read is not publish, subscribe, receive or all",
                "allow all a/#/b | a/#/b is no topic filter",
                "allow all $share/g/a | is no topic filter, or a shared one",
                "allow all # group x | group is not user, role, client, anonymous or listener",
                "allow all # user | user has no name",
                "allow all # joe | joe has no name after it, or is no condition",
                "allow all # user a user b | user is there twice",
                "allow all \"a b | a quote has no end",
                "allow all a # comment | # is not user"
            })
    void namesTheLineThatIsBroken(String line, String why) {
        assertThatThrownBy(() -> Rule.parse(7, line))
                .isInstanceOf(BrokenLine.class)
                .hasMessageStartingWith("line 7: ")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true  | ''",
                "true  | user joe",
                "false | user ann",
                "true  | role admin",
                "true  | role \"night shift\"",
                "true  | role admin role \"night shift\"",
                "false | role admin role guest",
                "true  | client pump-7",
                "false | client pump-8",
                "true  | listener tcp-default",
                "false | listener tcp-tls",
                "false | anonymous",
                "true  | user joe role admin client pump-7 listener tcp-default",
                "false | user joe role admin client pump-7 listener tcp-tls"
            })
    void isForThoseForWhomAllConditionsHold(boolean expected, String conditions) throws BrokenLine {
        assertThat(Rule.parse(1, "allow all # " + conditions).isFor(JOE, "pump-7", "tcp-default"))
                .isEqualTo(expected);
    }

    @Test
    void anonymousIsWhoHasNoUserName() throws BrokenLine {
        assertThat(Rule.parse(1, "allow all # anonymous").isFor(Principal.ANONYMOUS, "pump-7", "tcp-default"))
                .isTrue();
        assertThat(Rule.parse(1, "allow all # user anonymous").isFor(Principal.ANONYMOUS, "pump-7", "tcp-default"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        // template, user, client, and what both become
        "devices/%c/#, joe, pump-7, devices/pump-7/#",
        "%u, joe, pump-7, joe",
        "%u/%c/%u-%c, joe, pump-7, joe/pump-7/joe-pump-7",
        "%x/%/%%c, joe, pump-7, %x/%/%pump-7",
        "a/%c, joe, %u, a/%u",
        "a/%u/%c, %c, x, a/%c/x",
        "a/%c, joe, a\\1$0, a/a\\1$0",
        "a/%c, joe, $x, ",
        "a/%c, joe, a/b, ",
        "a/%c, joe, +, ",
        "a/%c, joe, x+, ",
        "a/%c, joe, #, ",
        "a/%c, joe, '', ",
        "a/%u, '', pump-7, ",
        "a/%u, , pump-7, ",
        "%u/#, $SYS, pump-7, ",
        "$%u/#, share/g, pump-7, ",
        "$%u/g/a, share, pump-7, "
    })
    void putsNamesInAndOnlyThoseThatStayOneLevel(String template, String user, String client, String expected)
            throws BrokenLine {
        RuleFilter filter = Rule.parse(1, "allow all " + template).filterFor(user, client);
        if (expected == null) assertThat(filter).isNull();
        else assertThat(filter).hasToString(expected);
    }
}
