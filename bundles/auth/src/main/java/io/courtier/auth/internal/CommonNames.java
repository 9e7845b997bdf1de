// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Which common names of certificates may come in: some exactly, and those that a pattern matches as a whole. A common name
 * is the most specific CN of a subject; one that is blank, longer than {@link #CHARS_MAX} or has control characters is as
 * good as none. Immutable.
 */
final class CommonNames {
    /** Four times what X.520 allows. */
    static final int CHARS_MAX = 256;

    /**
     * How often a pattern may look at a character of one name, about a millisecond. Ordinary ones need hundreds; one that
     * goes back exponentially would stop an event loop for years. Who comes to it is not let in, and the log says why.
     */
    static final int LOOKS_MAX = 100_000;

    private final Set<String> exact;
    private final @Nullable Pattern pattern;

    private CommonNames(Set<String> exact, @Nullable Pattern pattern) {
        this.exact = exact;
        this.pattern = pattern;
    }

    /**
     * @param list with commas
     * @param regex empty for none
     * @throws java.util.regex.PatternSyntaxException where it is none
     */
    static CommonNames of(String list, String regex) {
        Set<String> exact = Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
        return new CommonNames(exact, regex.isBlank() ? null : Pattern.compile(regex.strip()));
    }

    boolean isEmpty() {
        return exact.isEmpty() && pattern == null;
    }

    /** @throws TooManyLooks where the pattern does not come to an end */
    boolean allow(String name) throws TooManyLooks {
        if (exact.contains(name)) return true;
        if (pattern == null) return false;
        try {
            return pattern.matcher(new Watched(name)).matches();
        } catch (WatchedTooOften e) {
            throw new TooManyLooks();
        }
    }

    /** The common name of a distinguished name, or null. */
    static @Nullable String of(X500Principal subject) {
        try {
            List<Rdn> names = new LdapName(subject.getName(X500Principal.RFC2253)).getRdns();
            for (int i = names.size() - 1; i >= 0; i--) { // the most specific comes last
                Attribute found = names.get(i).toAttributes().get("CN");
                if (found == null) continue;
                return found.size() == 1 && found.get() instanceof String name && isUsable(name) ? name : null;
            }
            return null;
        } catch (NamingException unreadable) {
            return null;
        }
    }

    private static boolean isUsable(String name) {
        return name.length() <= CHARS_MAX && !name.isBlank() && name.chars().noneMatch(Character::isISOControl);
    }

    /** The pattern goes back and forth in this name without an end. */
    static final class TooManyLooks extends Exception {
        private static final long serialVersionUID = 1;
    }

    private static final class WatchedTooOften extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** A name that lets itself be looked at so often only: Java's patterns know no other limit. */
    private static final class Watched implements CharSequence {
        private final String name;
        private int looks;

        Watched(String name) {
            this.name = name;
        }

        @Override
        public char charAt(int index) {
            if (++looks > LOOKS_MAX) throw new WatchedTooOften();
            return name.charAt(index);
        }

        @Override
        public int length() {
            return name.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return name.subSequence(start, end);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
