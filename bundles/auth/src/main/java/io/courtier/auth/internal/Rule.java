// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One line of the access list: {@code allow|deny publish|subscribe|receive|all FILTER [condition]...}
 *
 * @param template the filter as it is written, with its %c and %u
 * @param filter the filter where it is the same for everybody, null where it has a %c or %u
 * @param conditions all must hold
 * @param origin the line as it is written, with its number
 */
record Rule(
        boolean allow,
        Action action,
        String template,
        @Nullable RuleFilter filter,
        List<Condition> conditions,
        String origin) {
    enum Action {
        PUBLISH,
        SUBSCRIBE,
        RECEIVE,
        ALL
    }

    interface Condition {
        boolean holds(Principal principal, String clientIdentifier, String listener);
    }

    private static final String GRAMMAR = "a rule is: allow|deny publish|subscribe|receive|all FILTER [condition]...";
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final Pattern PLACEHOLDER = Pattern.compile("%[cu]");

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
        String template = words.get(2);
        RuleFilter filter = RuleFilter.parse(template);
        if (filter == null) throw new BrokenLine(number, template + " is no topic filter, or a shared one");
        boolean forEverybody = !PLACEHOLDER.matcher(template).find();
        return new Rule(
                allow,
                action,
                template,
                forEverybody ? filter : null,
                conditions(number, words.subList(3, words.size())),
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
                throw new BrokenLine(number, "a quote has no end or begins within a word");
            words.add(word);
        }
        return words;
    }

    private static List<Condition> conditions(int number, List<String> words) throws BrokenLine {
        List<Condition> conditions = new ArrayList<>();
        Set<String> kinds = new HashSet<>();
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String kind = rest.next();
            // A client has many roles, but one of everything else.
            if (!kinds.add(kind) && !kind.equals("role")) throw new BrokenLine(number, kind + " is there twice");
            if (kind.equals("anonymous")) {
                conditions.add((principal, client, listener) -> principal.userName() == null);
            } else if (rest.hasNext()) {
                conditions.add(condition(number, kind, rest.next()));
            } else {
                throw new BrokenLine(number, kind + " has no name after it, or is no condition");
            }
        }
        return List.copyOf(conditions);
    }

    private static Condition condition(int number, String kind, String name) throws BrokenLine {
        return switch (kind) {
            case "user" -> (principal, client, listener) -> name.equals(principal.userName());
            case "role" -> (principal, client, listener) -> principal.roles().contains(name);
            case "client" -> (principal, client, listener) -> name.equals(client);
            case "listener" -> (principal, client, listener) -> name.equals(listener);
            default -> throw new BrokenLine(number, kind + " is not user, role, client, anonymous or listener");
        };
    }

    boolean isFor(Principal principal, String clientIdentifier, String listener) {
        for (Condition condition : conditions) {
            if (!condition.holds(principal, clientIdentifier, listener)) return false;
        }
        return true;
    }

    /** The filter for one client; null where its names cannot stand in it, so that the rule matches nothing. */
    @Nullable
    RuleFilter filterFor(@Nullable String userName, String clientIdentifier) {
        if (filter != null) return filter;
        // In one pass: a client named %u is not to get a user's topics.
        Matcher placeholder = PLACEHOLDER.matcher(template);
        StringBuilder text = new StringBuilder();
        while (placeholder.find()) {
            String name = placeholder.group().equals("%c") ? clientIdentifier : userName;
            if (name == null || !isOneLevel(name)) return null;
            placeholder.appendReplacement(text, Matcher.quoteReplacement(name));
        }
        placeholder.appendTail(text);
        return RuleFilter.parse(text.toString());
    }

    /** A name with a wildcard, a slash or a $ would make a filter wider than the one that was written. */
    private static boolean isOneLevel(String name) {
        if (name.isEmpty() || name.charAt(0) == '$') return false;
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '+' || name.charAt(i) == '#' || name.charAt(i) == '/') return false;
        }
        return true;
    }
}
