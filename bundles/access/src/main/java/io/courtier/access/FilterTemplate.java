// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The filter of a rule as it is written: {@code %c}, {@code %u} and <code>%{NAME}</code> stand for the client identifier, the
 * user name and an attribute of each client. Immutable.
 */
final class FilterTemplate {
    /** What the text is made of, in its order. */
    private sealed interface Part {
        record Literal(String text) implements Part {}

        record ClientIdentifier() implements Part {}

        record UserName() implements Part {}

        record Attribute(String name) implements Part {}
    }

    private final List<Part> parts;
    /** Where it is the same for everybody. */
    private final @Nullable RuleFilter everybodys;

    private FilterTemplate(List<Part> parts, @Nullable RuleFilter everybodys) {
        this.parts = parts;
        this.everybodys = everybodys;
    }

    static FilterTemplate parse(int number, String text) throws BrokenRule {
        List<Part> parts = parts(number, text);
        RuleFilter filter = RuleFilter.parse(text);
        if (filter == null) throw new BrokenRule(number, text + " is no topic filter, or a shared one");
        boolean same = parts.size() == 1 && parts.get(0) instanceof Part.Literal;
        return new FilterTemplate(parts, same ? filter : null);
    }

    private static List<Part> parts(int number, String text) throws BrokenRule {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf('%'); at >= 0; at = text.indexOf('%', Math.max(at + 1, from))) {
            int end = at + 2;
            Part part = null;
            switch (end <= text.length() ? text.charAt(at + 1) : ' ') {
                case 'c' -> part = new Part.ClientIdentifier();
                case 'u' -> part = new Part.UserName();
                case '{' -> {
                    int close = text.indexOf('}', end);
                    // Else a rule with a slip in it would be one for topics that nobody uses.
                    if (close < 0 || !isName(text.substring(end, close)))
                        throw new BrokenRule(
                                number,
                                text + " has a %{ that no name and } follow; letters, digits, . _ - are a name");
                    part = new Part.Attribute(text.substring(end, close));
                    end = close + 1;
                }
                default -> {}
            }
            if (part == null) continue;
            if (at > from) parts.add(new Part.Literal(text.substring(from, at)));
            parts.add(part);
            from = end;
        }
        if (from < text.length()) parts.add(new Part.Literal(text.substring(from)));
        return parts;
    }

    /** Whether an attribute may have this name. */
    static boolean isName(String text) {
        if (text.isEmpty() || text.length() > Principal.ATTRIBUTE_NAME_CHARS_MAX) return false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            boolean other = c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
            if (!letter && !other) return false;
        }
        return true;
    }

    boolean isForEverybody() {
        return everybodys != null;
    }

    /** The filter for one client; null where its names cannot stand in it, so that the rule matches nothing. */
    @Nullable
    RuleFilter filterFor(Principal principal, String clientIdentifier) {
        if (everybodys != null) return everybodys;
        // What is put in is not looked at again: a client named %u is not to get a user's topics.
        StringBuilder filled = new StringBuilder();
        for (Part part : parts) {
            if (part instanceof Part.Literal literal) {
                filled.append(literal.text());
                continue;
            }
            String value = value(part, principal, clientIdentifier);
            if (value == null || !isOneLevel(value)) return null;
            filled.append(value);
        }
        return RuleFilter.parse(filled.toString());
    }

    private static @Nullable String value(Part part, Principal principal, String clientIdentifier) {
        if (part instanceof Part.Attribute attribute)
            return principal.attributes().get(attribute.name());
        return part instanceof Part.ClientIdentifier ? clientIdentifier : principal.userName();
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
