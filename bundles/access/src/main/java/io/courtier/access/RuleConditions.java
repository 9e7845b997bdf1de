// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * What stands behind the filter of a rule. All of it must hold.
 *
 * @param who of the client
 * @param asked of what it asks for
 * @param granted whether its authenticator has to grant it
 */
record RuleConditions(List<Condition> who, Asked asked, boolean granted) {
    interface Condition {
        boolean holds(Principal principal, String clientIdentifier, String listener);
    }

    private static final String KINDS =
            "user, role, attribute, client, anonymous, listener, granted, qos, retain or no-retain";

    static RuleConditions parse(int number, Rule.Action action, List<String> words) throws BrokenRule {
        List<Condition> who = new ArrayList<>();
        Asked asked = Asked.ANYTHING;
        Set<String> once = new HashSet<>();
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String kind = rest.next();
            switch (kind) {
                case "anonymous" -> who.add((principal, client, listener) -> principal.userName() == null);
                case "granted" -> {}
                case "retain", "no-retain" -> asked = asked.withRetain(kind.equals("retain"));
                case "qos" -> asked = asked.withQoS(number, next(number, kind, rest));
                case "attribute" -> {
                    String name = next(number, kind, rest);
                    if (!FilterTemplate.isName(name))
                        throw new BrokenRule(number, name + " is no attribute: letters, digits, . _ - are a name");
                    String value = next(number, kind + " " + name, rest);
                    who.add((principal, client, listener) ->
                            value.equals(principal.attributes().get(name)));
                    kind += " " + name;
                }
                default -> who.add(condition(number, kind, next(number, kind, rest)));
            }
            // A client has many roles, but one of everything else.
            if (!kind.equals("role") && !once.add(kind)) throw new BrokenRule(number, kind + " is there twice");
        }
        if (once.contains("retain") && once.contains("no-retain"))
            throw new BrokenRule(number, "retain and no-retain are never both true");
        if (!asked.isAnyRetain() && action != Rule.Action.PUBLISH)
            throw new BrokenRule(number, "retain and no-retain are for publish alone");
        if (once.contains("qos") && action == Rule.Action.RECEIVE)
            throw new BrokenRule(number, "qos is for publish, subscribe and all: nobody asks to receive");
        return new RuleConditions(List.copyOf(who), asked, once.contains("granted"));
    }

    private static String next(int number, String kind, Iterator<String> rest) throws BrokenRule {
        if (rest.hasNext()) return rest.next();
        throw new BrokenRule(number, kind + " has nothing after it, or is no condition");
    }

    private static Condition condition(int number, String kind, String name) throws BrokenRule {
        return switch (kind) {
            case "user" -> (principal, client, listener) -> name.equals(principal.userName());
            case "role" -> (principal, client, listener) -> principal.roles().contains(name);
            case "client" -> (principal, client, listener) -> name.equals(client);
            case "listener" -> (principal, client, listener) -> name.equals(listener);
            default -> throw new BrokenRule(number, kind + " is not " + KINDS);
        };
    }

    /** Whether they say nothing of the client. */
    boolean areForEverybody() {
        return who.isEmpty() && !granted;
    }

    boolean areFor(Principal principal, String clientIdentifier, String listener) {
        for (Condition condition : who) {
            if (!condition.holds(principal, clientIdentifier, listener)) return false;
        }
        return true;
    }
}
