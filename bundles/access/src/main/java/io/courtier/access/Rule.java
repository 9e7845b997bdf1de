// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of the access list: {@code allow|deny publish|subscribe|receive|all FILTER [condition]...}
 *
 * @param origin the line as it is written, with its number
 */
record Rule(boolean allow, Action action, FilterTemplate filter, RuleConditions conditions, String origin) {
    enum Action {
        PUBLISH,
        SUBSCRIBE,
        RECEIVE,
        ALL
    }

    private static final String GRAMMAR = "a rule is: allow|deny publish|subscribe|receive|all FILTER [condition]...";

    /** The rule of a line, or null for a comment. */
    static @Nullable Rule parse(int number, String text) throws BrokenRule {
        String line = text.strip();
        if (line.isEmpty() || line.startsWith("#")) return null;
        List<String> words = words(number, line);
        if (words.size() < 3) throw new BrokenRule(number, GRAMMAR);
        boolean allow =
                switch (words.get(0)) {
                    case "allow" -> true;
                    case "deny" -> false;
                    default -> throw new BrokenRule(number, words.get(0) + " is not allow or deny; " + GRAMMAR);
                };
        Action action =
                switch (words.get(1)) {
                    case "publish" -> Action.PUBLISH;
                    case "subscribe" -> Action.SUBSCRIBE;
                    case "receive" -> Action.RECEIVE;
                    case "all" -> Action.ALL;
                    default ->
                        throw new BrokenRule(
                                number, words.get(1) + " is not publish, subscribe, receive or all; " + GRAMMAR);
                };
        return new Rule(
                allow,
                action,
                FilterTemplate.parse(number, words.get(2)),
                RuleConditions.parse(number, action, words.subList(3, words.size())),
                "line " + number + ": " + line);
    }

    /** Words are separated by blanks; in quotes they may have some. */
    static List<String> words(int number, String line) throws BrokenRule {
        List<String> words = new ArrayList<>();
        int at = 0;
        while (true) {
            while (at < line.length() && isBlank(line.charAt(at))) at++;
            if (at == line.length()) return words;
            int quote = line.charAt(at) == '"' ? line.indexOf('"', at + 1) : -1;
            if (quote >= 0) {
                words.add(line.substring(at + 1, quote));
                at = quote + 1;
                continue;
            }
            int end = at;
            while (end < line.length() && !isBlank(line.charAt(end))) end++;
            String word = line.substring(at, end);
            if (word.indexOf('"') >= 0)
                throw new BrokenRule(number, "in " + word + " a quote has no end or begins within a word");
            words.add(word);
            at = end;
        }
    }

    /** Those of ASCII: what else looks like a blank is part of a name. */
    private static boolean isBlank(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    /** Whether it is the same for all clients. */
    boolean isForEverybody() {
        return filter.isForEverybody() && conditions.areForEverybody();
    }

    boolean decidesOnPublishing() {
        return action == Action.PUBLISH || action == Action.ALL;
    }

    boolean decidesOnSubscribing() {
        return action == Action.SUBSCRIBE || action == Action.ALL;
    }

    /**
     * Rules for subscribing do, too. But the QoS plays no part in it: what a deny with one keeps out is the subscription, and
     * another subscription may bring the same message.
     */
    boolean decidesOnReceiving() {
        return action != Action.PUBLISH && (allow || conditions.asked().isAnyQoS());
    }

    /** What it says to one client, whatever was granted to it; null where that is nothing. */
    @Nullable
    Verdict verdictFor(Principal principal, String clientIdentifier, String listener) {
        if (!conditions.areFor(principal, clientIdentifier, listener)) return null;
        RuleFilter its = filter.filterFor(principal, clientIdentifier);
        return its == null ? null : new Verdict(allow, its, conditions.asked(), null, origin);
    }
}
