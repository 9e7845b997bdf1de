// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.TopicFilter;
import io.courtier.spi.auth.Grants;
import io.courtier.spi.auth.Principal;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleTest {
    private static final Principal JOE = new Principal(
            "joe",
            Set.of("admin", "night shift"),
            "file",
            Principal.NEVER,
            Map.of("tenant", "acme", "site", "hall 2"),
            Grants.NONE);

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "# a comment", "  # another"})
    void readsOverCommentsAndEmptyLines(String line) throws BrokenRule {
        assertThat(Rule.parse(1, line)).isNull();
    }

    @Test
    void readsActionsFiltersAndQuotes() throws BrokenRule {
        Rule rule = Rule.parse(1, "\tdeny   receive \"a b/#\"  user \"joe\" ");
        assertThat(rule.allow()).isFalse();
        assertThat(rule.action()).isEqualTo(Rule.Action.RECEIVE);
        assertThat(rule.filter().filterFor(JOE, "pump-7").covers(TopicFilter.of("a b/c")))
                .isTrue();
        assertThat(rule.conditions().who()).hasSize(1);
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
                "allow all # group x | group is not user, role, attribute, client, anonymous, listener, granted, qos",
                "allow all # user | user has nothing after it",
                "allow all # joe | joe has nothing after it, or is no condition",
                "allow all # user a user b | user is there twice",
                "allow all \"a b | a quote has no end",
                "allow all a # comment | # is not user",
                "allow all a/%{} | a %{ that no name and } follow",
                "allow all a/%{cn | a %{ that no name and } follow",
                "allow all a/%{cn}/%{ | a %{ that no name and } follow",
                "allow all a/%{%c} | a %{ that no name and } follow",
                "allow all a/%{a/b} | a %{ that no name and } follow",
                "allow all \"a/%{c n}\" | a %{ that no name and } follow",
                "allow all a attribute cn | attribute cn has nothing after it",
                "allow all a attribute | attribute has nothing after it",
                "allow all a attribute a+b c | a+b is no attribute",
                "allow all a attribute cn x attribute cn y | attribute cn is there twice",
                "allow publish a qos | qos has nothing after it",
                "allow publish a qos 3 | qos 3 is neither a QoS, as qos 0, nor a range, as qos 0-1",
                "allow publish a qos 1-0 | qos 1-0 is neither",
                "allow publish a qos <2 | qos <2 is neither",
                "allow publish a qos 0 qos 1 | qos is there twice",
                "allow receive a qos 0 | qos is for publish, subscribe and all",
                "allow subscribe a retain | retain and no-retain are for publish alone",
                "deny all a no-retain | retain and no-retain are for publish alone",
                "deny publish a retain no-retain | retain and no-retain are never both true",
                "deny publish a retain retain | retain is there twice",
                "allow publish a granted granted | granted is there twice"
            })
    void namesTheLineThatIsBroken(String line, String why) {
        assertThatThrownBy(() -> Rule.parse(7, line))
                .isInstanceOf(BrokenRule.class)
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
                "false | user joe role admin client pump-7 listener tcp-tls",
                "true  | attribute tenant acme",
                "true  | attribute tenant acme attribute site \"hall 2\"",
                "false | attribute tenant acme attribute site hall",
                "false | attribute tenant ACME",
                "false | attribute Tenant acme",
                "false | attribute unknown acme"
            })
    void isForThoseForWhomAllConditionsHold(boolean expected, String conditions) throws BrokenRule {
        assertThat(Rule.parse(1, "allow all # " + conditions).conditions().areFor(JOE, "pump-7", "tcp-default"))
                .isEqualTo(expected);
    }

    @Test
    void anonymousIsWhoHasNoUserName() throws BrokenRule {
        assertThat(Rule.parse(1, "allow all # anonymous")
                        .conditions()
                        .areFor(Principal.ANONYMOUS, "pump-7", "tcp-default"))
                .isTrue();
        assertThat(Rule.parse(1, "allow all # user anonymous")
                        .conditions()
                        .areFor(Principal.ANONYMOUS, "pump-7", "tcp-default"))
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
            throws BrokenRule {
        RuleFilter filter = filled(template, new Principal(user, Set.of(), "file"), client);
        if (expected == null) assertThat(filter).isNull();
        else assertThat(filter).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource({
        // template, attribute cn, and what both become
        "devices/%{cn}/#, pump-7, devices/pump-7/#",
        "%{cn}, pump-7, pump-7",
        "%%{cn}/%c, pump-7, %pump-7/client",
        "a/%{cn}, %u, a/%u",
        "a/%{cn}/%u, %{cn}, a/%{cn}/joe",
        "a/%{cn}, a\\1$0, a/a\\1$0",
        "a/%{CN}, pump-7, ",
        "a/%{unknown}, pump-7, ",
        "a/%{cn}/%{unknown}, pump-7, ",
        "a/%{cn}, $SYS, ",
        "%{cn}/#, $SYS, ",
        "a/%{cn}, a/b, ",
        "a/%{cn}, +, ",
        "a/%{cn}, #, ",
        "a/%{cn}, '', ",
        "$%{cn}/g/a, share, "
    })
    void putsAttributesInAndOnlyThoseThatStayOneLevel(String template, String value, String expected)
            throws BrokenRule {
        Principal joe = new Principal("joe", Set.of(), "x509", Principal.NEVER, Map.of("cn", value), Grants.NONE);
        RuleFilter filter = filled(template, joe, "client");
        if (expected == null) assertThat(filter).isNull();
        else assertThat(filter).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "a b c | a;b;c",
                "a  b | a;b",
                "'\"a b\" c' | a b;c",
                "'\"a\"b \"\"' | a;b;",
                "'\"a\"\"b\"' | a;b",
                "'\"%c # \" x' | %c # ;x",
                "'a\u00a0b c' | 'a\u00a0b;c'"
            })
    void wordsAreSeparatedByBlanksAndQuotesMayHaveSome(String line, String words) throws BrokenRule {
        assertThat(String.join(";", Rule.words(1, line))).isEqualTo(words);
    }

    @Test
    void everyBlankOfAsciiSeparatesWords() throws BrokenRule {
        assertThat(Rule.words(1, "a\tb\u000bc\fd e")).containsExactly("a", "b", "c", "d", "e");
        assertThat(Rule.words(1, "a ")).containsExactly("a");
        assertThat(Rule.words(1, "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a \"b c", "a b\"c\"", "a \"", "a \"b\" c\""})
    void aQuoteThatDoesNotEndOrBeginsWithinAWordIsBroken(String line) {
        assertThatThrownBy(() -> Rule.words(3, line)).hasMessageMatching("line 3: in \\S+ a quote has no end .*");
    }

    @Test
    void anAttributeHasANameOfSixtyFourCharactersAtMost() throws BrokenRule {
        String longest = "n".repeat(Principal.ATTRIBUTE_NAME_CHARS_MAX);
        Principal joe = new Principal("joe", Set.of(), "x509", Principal.NEVER, Map.of(longest, "v"), Grants.NONE);
        assertThat(filled("a/%{" + longest + "}", joe, "client")).hasToString("a/v");
        assertThatThrownBy(() -> Rule.parse(1, "allow all a/%{" + longest + "n}"))
                .hasMessageContaining("a %{ that no name and } follow");
    }

    private static RuleFilter filled(String template, Principal principal, String client) throws BrokenRule {
        return Rule.parse(1, "allow all " + template).filter().filterFor(principal, client);
    }
}
