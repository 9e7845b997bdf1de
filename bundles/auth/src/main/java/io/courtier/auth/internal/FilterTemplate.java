// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.spi.auth.Principal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The filter of a rule as it is written: {@code %c}, {@code %u} and <code>%{NAME}</code> stand for the client identifier, the
 * user name and an attribute of each client. Immutable.
 */
final class FilterTemplate {
    /** Names of attributes. */
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1," + Principal.ATTRIBUTE_NAME_CHARS_MAX + "}");

    private static final Pattern PLACEHOLDER = Pattern.compile("%(?:([cu])|\\{(" + NAME + ")\\})");

    private final String text;
    /** Where it is the same for everybody. */
    private final @Nullable RuleFilter everybodys;

    private FilterTemplate(String text, @Nullable RuleFilter everybodys) {
        this.text = text;
        this.everybodys = everybodys;
    }

    static FilterTemplate parse(int number, String text) throws BrokenLine {
        Matcher placeholder = PLACEHOLDER.matcher(text);
        boolean same = !placeholder.find();
        // Else a rule with a slip in it would be one for topics that nobody uses.
        if (placeholder.replaceAll(" ").contains("%{"))
            throw new BrokenLine(
                    number, text + " has a %{ that no name and } follow; letters, digits, . _ - are a name");
        RuleFilter filter = RuleFilter.parse(text);
        if (filter == null) throw new BrokenLine(number, text + " is no topic filter, or a shared one");
        return new FilterTemplate(text, same ? filter : null);
    }

    boolean isForEverybody() {
        return everybodys != null;
    }

    /** The filter for one client; null where its names cannot stand in it, so that the rule matches nothing. */
    @Nullable
    RuleFilter filterFor(Principal principal, String clientIdentifier) {
        if (everybodys != null) return everybodys;
        // In one pass: a client named %u is not to get a user's topics.
        Matcher placeholder = PLACEHOLDER.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (placeholder.find()) {
            String value = value(placeholder, principal, clientIdentifier);
            if (value == null || !isOneLevel(value)) return null;
            placeholder.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        placeholder.appendTail(filled);
        return RuleFilter.parse(filled.toString());
    }

    private static @Nullable String value(Matcher placeholder, Principal principal, String clientIdentifier) {
        String attribute = placeholder.group(2);
        if (attribute != null) return principal.attributes().get(attribute);
        return "c".equals(placeholder.group(1)) ? clientIdentifier : principal.userName();
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
