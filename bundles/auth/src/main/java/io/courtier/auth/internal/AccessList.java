// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.spi.auth.Authorizer;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of an access list, as one reading found them. The first that matches decides. Immutable. */
final class AccessList implements Authorizer {
    /** A session of a client with many rules asks for each topic; more than these are a case for a program. */
    static final int RULES_MAX = 10_000;

    static final AccessList NOTHING = new AccessList(List.of());

    private final List<Rule> rules;
    /** The permissions of all, where no rule asks who it is. */
    private final @Nullable Permissions everybodys;

    private AccessList(List<Rule> rules) {
        this.rules = rules;
        boolean same = rules.stream().allMatch(Rule::isForEverybody);
        everybodys = same ? compile(Principal.ANONYMOUS, "", "") : null;
    }

    static AccessList parse(List<String> lines) throws BrokenLine {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Rule rule = Rule.parse(i + 1, lines.get(i));
            if (rule != null && rules.size() == RULES_MAX)
                throw new BrokenLine(i + 1, "more than " + RULES_MAX + " rules");
            if (rule != null) rules.add(rule);
        }
        return new AccessList(List.copyOf(rules));
    }

    /** Whether it has the same rules in the same lines. */
    boolean isSameAs(AccessList other) {
        return rules.stream()
                .map(Rule::origin)
                .toList()
                .equals(other.rules.stream().map(Rule::origin).toList());
    }

    int size() {
        return rules.size();
    }

    @Override
    public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
        return everybodys == null ? compile(principal, clientIdentifier, listener) : everybodys;
    }

    private Permissions compile(Principal principal, String clientIdentifier, String listener) {
        List<Verdict> publish = new ArrayList<>();
        List<Verdict> subscribe = new ArrayList<>();
        List<Verdict> receive = new ArrayList<>();
        for (Rule rule : rules) {
            Verdict verdict = rule.verdictFor(principal, clientIdentifier, listener);
            if (verdict == null) continue;
            boolean granted = rule.conditions().granted();
            if (rule.decidesOnPublishing()) {
                publish.add(granted ? verdict.within(principal.grants().publish()) : verdict);
            }
            Verdict reading = granted ? verdict.within(principal.grants().subscribe()) : verdict;
            if (rule.decidesOnSubscribing()) subscribe.add(reading);
            if (rule.decidesOnReceiving()) receive.add(reading);
        }
        return new RulePermissions(publish, subscribe, receive);
    }
}
