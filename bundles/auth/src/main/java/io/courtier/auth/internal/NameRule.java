// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which names of one kind may come in: some exactly, and those that a pattern matches as a whole. Immutable. */
final class NameRule {
    /**
     * How often a pattern may look at a character of one name, about a millisecond. Ordinary ones need hundreds; one that
     * goes back exponentially would stop an event loop for years. Who comes to it is not let in, and the log says why.
     */
    static final int LOOKS_MAX = 100_000;

    private final Set<String> exact;
    private final @Nullable Pattern pattern;

    private NameRule(Set<String> exact, @Nullable Pattern pattern) {
        this.exact = exact;
        this.pattern = pattern;
    }

    /**
     * @param regex empty for none
     * @throws java.util.regex.PatternSyntaxException where it is none
     */
    static NameRule of(Set<String> exact, String regex) {
        return new NameRule(Set.copyOf(exact), regex.isBlank() ? null : Pattern.compile(regex.strip()));
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
