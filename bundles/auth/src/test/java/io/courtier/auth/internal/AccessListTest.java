// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AccessListTest {
    private static final Principal JOE = new Principal("joe", Set.of("admin"), "file");
    private static final Principal ANN = new Principal("ann", Set.of(), "file");

    @Test
    void deniesWhatNoRuleMatches() {
        Permissions nothing = of(JOE);
        assertThat(publish(nothing, "a")).isFalse();
        assertThat(subscribe(nothing, "a")).isFalse();
        assertThat(nothing.limitsReceiving()).isTrue();
        assertThat(receive(nothing, "a")).isFalse();
    }

    @Test
    void letsTheFirstRuleThatMatchesDecide() {
        Permissions joe = of(JOE, "allow publish a/b", "deny publish a/#", "allow publish #", "deny publish c");
        assertThat(publish(joe, "a/b")).isTrue();
        assertThat(publish(joe, "a/c")).isFalse();
        assertThat(publish(joe, "c")).isTrue();
    }

    @Test
    void keepsActionsApart() {
        Permissions joe = of(JOE, "allow publish p", "allow subscribe s", "allow receive r", "allow all x");
        assertThat(publish(joe, "p")).isTrue();
        assertThat(publish(joe, "s")).isFalse();
        assertThat(publish(joe, "r")).isFalse();
        assertThat(publish(joe, "x")).isTrue();
        assertThat(subscribe(joe, "p")).isFalse();
        assertThat(subscribe(joe, "s")).isTrue();
        assertThat(subscribe(joe, "r")).isFalse();
        assertThat(subscribe(joe, "x")).isTrue();
        assertThat(receive(joe, "p")).isFalse();
        assertThat(receive(joe, "s")).isTrue();
        assertThat(receive(joe, "r")).isTrue();
        assertThat(receive(joe, "x")).isTrue();
    }

    @Test
    void asksWhoItIs() {
        String[] rules = {"deny all secret/# user ann", "allow all %u/%c/#", "allow publish # role admin"};
        assertThat(publish(of(JOE, rules), "secret/x")).isTrue();
        assertThat(publish(of(ANN, rules), "secret/x")).isFalse();
        assertThat(publish(of(ANN, rules), "ann/pump-7/x")).isTrue();
        assertThat(publish(of(ANN, rules), "joe/pump-7/x")).isFalse();
        assertThat(publish(of(Principal.ANONYMOUS, rules), "null/pump-7/x")).isFalse();
    }

    @Test
    void allowsASubscriptionThatOneAllowCovers() {
        Permissions joe = of(JOE, "allow subscribe a/+", "allow subscribe b/#");
        assertThat(subscribe(joe, "a/+")).isTrue();
        assertThat(subscribe(joe, "b/c/#")).isTrue();
        assertThat(subscribe(joe, "$share/group/b/#")).isTrue();
        assertThat(subscribe(joe, "a/#")).isFalse();
        assertThat(subscribe(joe, "+/c")).isFalse();
        assertThat(subscribe(joe, "#")).isFalse();
    }

    @Test
    void deniesASubscriptionThatADenyCovers() {
        Permissions joe = of(JOE, "deny subscribe secret/#", "allow subscribe #");
        assertThat(subscribe(joe, "secret/#")).isFalse();
        assertThat(subscribe(joe, "secret/+/x")).isFalse();
        assertThat(subscribe(joe, "$share/group/secret/x")).isFalse();
    }

    @Test
    void allowsASubscriptionThatIsWiderThanADenyAndHoldsBackWhatIsDenied() {
        Permissions joe = of(JOE, "deny subscribe secret/#", "deny receive +/private", "allow subscribe #");
        for (String filter : List.of("#", "+/x", "+/#"))
            assertThat(subscribe(joe, filter)).isTrue();
        assertThat(joe.limitsReceiving()).isTrue();
        assertThat(receive(joe, "secret/x")).isFalse();
        assertThat(receive(joe, "secret")).isFalse();
        assertThat(receive(joe, "a/private")).isFalse();
        assertThat(receive(joe, "a/x")).isTrue();
    }

    @Test
    void holdsBackWhatComesByASubscriptionThatIsAllowedNoMore() {
        Permissions after = of(JOE, "allow subscribe b/#");
        assertThat(after.limitsReceiving()).isTrue();
        assertThat(receive(after, "a/x")).isFalse();
        assertThat(receive(after, "b/x")).isTrue();
    }

    @Test
    void doesNotAskForEachMessageWhereAllMayBeReceived() {
        assertThat(of(JOE, "allow all #", "allow all $#").limitsReceiving()).isFalse();
        assertThat(of(JOE, "allow all #", "allow all $#", "deny receive a").limitsReceiving())
                .isFalse();
        assertThat(of(JOE, "deny publish a", "allow all #", "allow receive $#").limitsReceiving())
                .isFalse();
        assertThat(of(JOE, "deny all a user ann", "allow all +/#", "allow all $#")
                        .limitsReceiving())
                .isFalse();
        assertThat(of(JOE, "deny receive a", "allow all #", "allow all $#").limitsReceiving())
                .isTrue();
        assertThat(of(JOE, "allow all #").limitsReceiving()).isTrue();
        assertThat(of(JOE, "allow publish #", "allow publish $#").limitsReceiving())
                .isTrue();
    }

    @Test
    void compilesOnceForEverybodyWhereNoRuleAsksWhoItIs() throws BrokenLine {
        AccessList same = AccessList.parse(List.of("deny all a", "allow all #"));
        assertThat(same.permissions(JOE, "x", "y")).isSameAs(same.permissions(ANN, "z", "y"));
        for (String rule : List.of("allow all %c", "allow all a anonymous")) {
            AccessList differs = AccessList.parse(List.of(rule));
            assertThat(differs.permissions(JOE, "x", "y")).isNotSameAs(differs.permissions(ANN, "z", "y"));
        }
    }

    @Test
    void hasABound() throws BrokenLine {
        List<String> most = Collections.nCopies(AccessList.RULES_MAX, "allow all a");
        assertThat(AccessList.parse(most).size()).isEqualTo(AccessList.RULES_MAX);
        assertThatThrownBy(() -> AccessList.parse(Collections.nCopies(AccessList.RULES_MAX + 1, "allow all a")))
                .hasMessageContaining("line 10001: more than 10000 rules");
    }

    @Test
    void theListThatIsShippedAllowsAllButToSpeakForTheBroker() throws IOException, BrokenLine {
        List<String> lines = Files.readAllLines(Path.of("src/main/cfg/courtier-acl"));
        Permissions joe = AccessList.parse(lines).permissions(Principal.ANONYMOUS, "pump-7", "tcp-default");
        assertThat(publish(joe, "a/b")).isTrue();
        assertThat(publish(joe, "$TopicA/B")).isTrue();
        assertThat(publish(joe, "$SYS/broker/version")).isFalse();
        for (String filter : List.of("#", "+/+", "$SYS/#", "$TopicA/B", "$share/group/a/#")) {
            assertThat(subscribe(joe, filter)).as(filter).isTrue();
        }
        assertThat(joe.limitsReceiving()).isFalse();
    }

    @Test
    void theExamplesInTheListThatIsShippedAreRules() throws IOException, BrokenLine {
        List<String> examples = Files.readAllLines(Path.of("src/main/cfg/courtier-acl")).stream()
                .filter(line -> line.matches("# +(allow|deny) .*") && !line.contains("|"))
                .map(line -> line.substring(1))
                .toList();
        assertThat(AccessList.parse(examples).size()).isEqualTo(3);
    }

    private static Permissions of(Principal principal, String... rules) {
        try {
            return AccessList.parse(List.of(rules)).permissions(principal, "pump-7", "tcp-default");
        } catch (BrokenLine e) {
            throw new AssertionError(e);
        }
    }

    private static boolean publish(Permissions permissions, String topic) {
        return permissions.mayPublish(TopicName.of(topic), QoS.AT_MOST_ONCE, false);
    }

    private static boolean subscribe(Permissions permissions, String filter) {
        return permissions.maySubscribe(TopicFilter.of(filter), QoS.AT_MOST_ONCE);
    }

    private static boolean receive(Permissions permissions, String topic) {
        return permissions.mayReceive(TopicName.of(topic));
    }

    @Test
    void namesTheRuleThatDecides() throws Exception {
        Permissions permissions = AccessList.parse(List.of("# a comment", "deny publish a/secret", "allow all a/#"))
                .permissions(Principal.ANONYMOUS, "c", "l");
        assertThat(permissions.whyPublish(TopicName.of("a/secret"))).isEqualTo("line 2: deny publish a/secret");
        assertThat(permissions.whyPublish(TopicName.of("a/b"))).isEqualTo("line 3: allow all a/#");
        assertThat(permissions.whySubscribe(TopicFilter.parse("a/+"))).isEqualTo("line 3: allow all a/#");
        assertThat(permissions.whySubscribe(TopicFilter.parse("#"))).isEqualTo("no rule matches");
        assertThat(permissions.whyReceive(TopicName.of("a/secret"))).isEqualTo("line 3: allow all a/#");
    }
}
