// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Grants;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
    void compilesOnceForEverybodyWhereNoRuleAsksWhoItIs() throws BrokenRule {
        AccessList same = AccessList.parse(List.of("deny all a", "allow all #"));
        assertThat(same.permissions(JOE, "x", "y")).isSameAs(same.permissions(ANN, "z", "y"));
        AccessList asks = AccessList.parse(List.of("allow publish a qos 0", "deny publish # retain"));
        assertThat(asks.permissions(JOE, "x", "y")).isSameAs(asks.permissions(ANN, "z", "y"));
        for (String rule : List.of(
                "allow all %c",
                "allow all %{cn}", "allow all a anonymous", "allow all a attribute cn x", "allow all a granted")) {
            AccessList differs = AccessList.parse(List.of(rule));
            assertThat(differs.permissions(JOE, "x", "y")).isNotSameAs(differs.permissions(ANN, "z", "y"));
        }
    }

    @Test
    void hasABound() throws BrokenRule {
        List<String> most = Collections.nCopies(AccessList.RULES_MAX, "allow all a");
        assertThat(AccessList.parse(most).size()).isEqualTo(AccessList.RULES_MAX);
        assertThatThrownBy(() -> AccessList.parse(Collections.nCopies(AccessList.RULES_MAX + 1, "allow all a")))
                .hasMessageContaining("line 10001: more than 10000 rules");
    }

    @Test
    void aLineEndsWithALineFeedACarriageReturnOrBoth() throws BrokenRule {
        AccessList list = AccessList.parse("allow all a\n\nallow all b\r\nallow all c\rallow all d");
        assertThat(list.size()).isEqualTo(4);
        assertThat(list.isSameAs(
                        AccessList.parse(List.of("allow all a", "", "allow all b", "allow all c", "allow all d"))))
                .isTrue();
        assertThatThrownBy(() -> AccessList.parse("# one\r\n\r\nallow\r\n")).hasMessageStartingWith("line 3: ");
        assertThat(AccessList.parse("").size()).isZero();
    }

    @Test
    void isTheSameWhereItsRulesStandInTheSameLines() throws BrokenRule {
        AccessList list = AccessList.parse("allow all a\ndeny all b");
        assertThat(list.isSameAs(AccessList.parse("allow all a\n  deny all b\n# the end")))
                .isTrue();
        assertThat(list.isSameAs(AccessList.parse("allow all a\n\ndeny all b"))).isFalse();
        assertThat(list.isSameAs(AccessList.parse("allow all a"))).isFalse();
        assertThat(list.isSameAs(AccessList.parse("deny all b\nallow all a"))).isFalse();
    }

    private static Permissions of(Principal principal, String... rules) {
        try {
            return AccessList.parse(List.of(rules)).permissions(principal, "pump-7", "tcp-default");
        } catch (BrokenRule e) {
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
        assertThat(permissions.whyPublish(TopicName.of("a/secret"), QoS.AT_MOST_ONCE, false))
                .isEqualTo("line 2: deny publish a/secret");
        assertThat(permissions.whyPublish(TopicName.of("a/b"), QoS.AT_MOST_ONCE, false))
                .isEqualTo("line 3: allow all a/#");
        assertThat(permissions.whySubscribe(TopicFilter.parse("a/+"), QoS.AT_MOST_ONCE))
                .isEqualTo("line 3: allow all a/#");
        assertThat(permissions.whySubscribe(TopicFilter.parse("#"), QoS.AT_MOST_ONCE))
                .isEqualTo("no rule matches");
        assertThat(permissions.whyReceive(TopicName.of("a/secret"))).isEqualTo("line 3: allow all a/#");
    }

    @Test
    void aRuleMayAskForTheQoSOfAMessageAndWhetherItIsToBeRetained() {
        Permissions joe =
                of(JOE, "deny publish a retain", "allow publish a qos 0-1", "allow publish b qos 2 no-retain");
        TopicName a = TopicName.of("a");
        TopicName b = TopicName.of("b");
        assertThat(joe.mayPublish(a, QoS.AT_MOST_ONCE, false)).isTrue();
        assertThat(joe.mayPublish(a, QoS.AT_LEAST_ONCE, false)).isTrue();
        assertThat(joe.mayPublish(a, QoS.EXACTLY_ONCE, false)).isFalse();
        assertThat(joe.mayPublish(a, QoS.AT_MOST_ONCE, true)).isFalse();
        assertThat(joe.mayPublish(b, QoS.EXACTLY_ONCE, false)).isTrue();
        assertThat(joe.mayPublish(b, QoS.EXACTLY_ONCE, true)).isFalse();
        assertThat(joe.mayPublish(b, QoS.AT_LEAST_ONCE, false)).isFalse();
    }

    @Test
    void namesTheRuleThatDecidesOnThisQoSAndRetain() {
        Permissions joe =
                of(JOE, "deny publish a retain", "deny all a qos 2", "allow publish a qos 0", "allow subscribe a");
        TopicName a = TopicName.of("a");
        assertThat(joe.whyPublish(a, QoS.AT_MOST_ONCE, false)).isEqualTo("line 3: allow publish a qos 0");
        assertThat(joe.whyPublish(a, QoS.AT_LEAST_ONCE, false)).isEqualTo("no rule matches");
        assertThat(joe.whyPublish(a, QoS.EXACTLY_ONCE, false)).isEqualTo("line 2: deny all a qos 2");
        assertThat(joe.whyPublish(a, QoS.EXACTLY_ONCE, true)).isEqualTo("line 1: deny publish a retain");
        assertThat(joe.whySubscribe(TopicFilter.of("a"), QoS.EXACTLY_ONCE)).isEqualTo("line 2: deny all a qos 2");
        assertThat(joe.whySubscribe(TopicFilter.of("a"), QoS.AT_LEAST_ONCE)).isEqualTo("line 4: allow subscribe a");
    }

    @Test
    void theQoSThatIsAskedDecidesOnASubscriptionAndNotOnItsMessages() {
        Permissions joe = of(JOE, "deny subscribe a/# qos 2", "allow subscribe # qos 0-2", "allow all $# qos 0-2");
        assertThat(joe.maySubscribe(TopicFilter.of("a/+"), QoS.AT_LEAST_ONCE)).isTrue();
        assertThat(joe.maySubscribe(TopicFilter.of("a/+"), QoS.EXACTLY_ONCE)).isFalse();
        assertThat(joe.maySubscribe(TopicFilter.of("$share/g/a/+"), QoS.EXACTLY_ONCE))
                .isFalse();
        assertThat(receive(joe, "a/x")).isTrue();
        assertThat(joe.limitsReceiving()).isFalse();
        Permissions ann = of(ANN, "allow subscribe a/# qos 0");
        assertThat(ann.maySubscribe(TopicFilter.of("a/x"), QoS.AT_LEAST_ONCE)).isFalse();
        assertThat(receive(ann, "a/x")).isTrue();
        assertThat(receive(ann, "b")).isFalse();
    }

    @Test
    void whatIsGrantedCountsWhereARuleAsksForItAndWithinItsFilter() {
        String[] rules = {"deny publish plant/secret/#", "allow publish plant/# granted", "allow subscribe # granted"};
        Permissions pump = of(
                granted(List.of("plant/pump/#", "plant/secret/x", "office/#"), List.of("plant/+/state", "news/#")),
                rules);
        assertThat(publish(pump, "plant/pump/1")).isTrue();
        assertThat(publish(pump, "plant/tank/1")).isFalse();
        assertThat(publish(pump, "plant/secret/x")).isFalse();
        assertThat(publish(pump, "office/door")).isFalse();
        assertThat(publish(pump, "news/x")).isFalse();
        assertThat(subscribe(pump, "plant/+/state")).isTrue();
        assertThat(subscribe(pump, "plant/pump/state")).isTrue();
        assertThat(subscribe(pump, "plant/pump/#")).isFalse();
        assertThat(subscribe(pump, "#")).isFalse();
        assertThat(receive(pump, "news/today")).isTrue();
        assertThat(receive(pump, "plant/pump/1")).isFalse();
        assertThat(pump.whyPublish(TopicName.of("plant/pump/1"), QoS.AT_MOST_ONCE, false))
                .isEqualTo("line 2: allow publish plant/# granted");
    }

    @Test
    void whatIsGrantedAllowsNothingByItself() {
        Permissions pump = of(granted(List.of("#"), List.of("#")), "allow publish a");
        assertThat(publish(pump, "a")).isTrue();
        assertThat(publish(pump, "b")).isFalse();
        assertThat(subscribe(pump, "b")).isFalse();
    }

    @Test
    void aRuleForWhatIsGrantedMatchesNothingWhereNothingIs() {
        Permissions joe = of(JOE, "allow all # granted", "allow all $# granted");
        assertThat(publish(joe, "a")).isFalse();
        assertThat(subscribe(joe, "a")).isFalse();
        assertThat(receive(joe, "a")).isFalse();
        assertThat(joe.limitsReceiving()).isTrue();
    }

    private static Principal granted(List<String> publish, List<String> subscribe) {
        Grants grants = new Grants(
                publish.stream().map(TopicFilter::of).toList(),
                subscribe.stream().map(TopicFilter::of).toList());
        return new Principal("pump", Set.of(), "jwt", Principal.NEVER, Map.of(), grants);
    }
}
