// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    /** The rule of a line, or null for a comment. */
    static @Nullable Rule parse(int number, String text) throws BrokenLine {
        String line = text.strip();
        if (line.isEmpty() || line.startsWith("#")) return null;
        List<String> words = words(number, line);
        if (words.size() < 3) throw new BrokenLine(number, GRAMMAR);
        boolean allow =
                switch (words.get(0)) {
                    case "allow" -> true;
                    case "deny" -> false;
                    default -> throw new BrokenLine(number, words.get(0) + " is not allow or deny; " + GRAMMAR);
                };
        Action action =
                switch (words.get(1)) {
                    case "publish" -> Action.PUBLISH;
                    case "subscribe" -> Action.SUBSCRIBE;
                    case "receive" -> Action.RECEIVE;
                    case "all" -> Action.ALL;
                    default ->
                        throw new BrokenLine(
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
    private static List<String> words(int number, String line) throws BrokenLine {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line);
        while (matcher.find()) {
            String quoted = matcher.group(1);
            String word = quoted == null ? matcher.group(2) : quoted;
            if (quoted == null && word.contains("\""))
                throw new BrokenLine(number, "in " + word + " a quote has no end or begins within a word");
            words.add(word);
        }
        return words;
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
