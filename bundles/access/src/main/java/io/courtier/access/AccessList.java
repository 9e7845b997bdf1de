// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import io.courtier.spi.auth.Authorizer;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of an access list, as one reading found them. The first that matches decides. Immutable. */
public final class AccessList implements Authorizer {
    /** A session of a client with many rules asks for each topic; more than these are a case for a program. */
    public static final int RULES_MAX = 10_000;

    /** No rule, which allows nothing. */
    public static final AccessList NOTHING = new AccessList(List.of());

    private final List<Rule> rules;
    /** The permissions of all, where no rule asks who it is. */
    private final @Nullable Permissions everybodys;

    private AccessList(List<Rule> rules) {
        this.rules = rules;
        boolean same = true;
        for (Rule rule : rules) same &= rule.isForEverybody();
        everybodys = same ? compile(Principal.ANONYMOUS, "", "") : null;
    }

    /** The list of a text; a line ends with a line feed, a carriage return or both. */
    public static AccessList parse(String text) throws BrokenRule {
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\n' && c != '\r') continue;
            lines.add(text.substring(from, i));
            if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') i++;
            from = i + 1;
        }
        lines.add(text.substring(from));
        return parse(lines);
    }

    /** The list of lines, the first of which is line 1. */
    public static AccessList parse(List<String> lines) throws BrokenRule {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Rule rule = Rule.parse(i + 1, lines.get(i));
            if (rule != null && rules.size() == RULES_MAX)
                throw new BrokenRule(i + 1, "more than " + RULES_MAX + " rules");
            if (rule != null) rules.add(rule);
        }
        return new AccessList(List.copyOf(rules));
    }

    /** Whether rules can ask for an attribute of this name. */
    public static boolean isAttributeName(String name) {
        return FilterTemplate.isName(name);
    }

    /** Whether it has the same rules in the same lines. */
    public boolean isSameAs(AccessList other) {
        if (rules.size() != other.rules.size()) return false;
        for (int i = 0; i < rules.size(); i++) {
            if (!rules.get(i).origin().equals(other.rules.get(i).origin())) return false;
        }
        return true;
    }

    /** How many rules there are. */
    public int size() {
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
