// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who a client is, once it was let in.
 *
 * @param userName null for an anonymous client
 * @param roles the names of its roles, none for most
 * @param authenticator who says so, for logs: {@code file}, {@code anonymous}
 * @param expiresAtMillis when this ends to be true, in milliseconds since 1970, and the broker disconnects; or {@link
 *     #NEVER}. Re-authentication gives another
 * @param attributes what else was proven of it, for access rules: {@code cn} of its certificate, {@code tenant} of its token.
 *     {@value #ATTRIBUTES_MAX} at most, names of 1 to {@value #ATTRIBUTE_NAME_CHARS_MAX} characters and values of up to
 *     {@value #ATTRIBUTE_CHARS_MAX}; IllegalArgumentException for more
 * @param grants topics that its authenticator grants, for access rules that ask
 */
public record Principal(
        @Nullable String userName,
        Set<String> roles,
        String authenticator,
        long expiresAtMillis,
        Map<String, String> attributes,
        Grants grants) {
    public static final long NEVER = Long.MAX_VALUE;

    /** Held for each session. */
    public static final int ATTRIBUTES_MAX = 32;

    public static final int ATTRIBUTE_NAME_CHARS_MAX = 64;

    public static final int ATTRIBUTE_CHARS_MAX = 1024;

    public static final Principal ANONYMOUS = new Principal(null, Set.of(), "anonymous");

    public Principal {
        // The copy of an empty map can be asked for nothing in the browser: platform/teavm.
        attributes = attributes.isEmpty() ? Map.of() : Map.copyOf(attributes);
        if (attributes.size() > ATTRIBUTES_MAX) {
            throw new IllegalArgumentException("more than " + ATTRIBUTES_MAX + " attributes");
        }
        attributes.forEach((name, value) -> {
            if (name.isEmpty() || name.length() > ATTRIBUTE_NAME_CHARS_MAX) {
                throw new IllegalArgumentException("an attribute's name has " + name.length() + " characters");
            }
            if (value.length() > ATTRIBUTE_CHARS_MAX) {
                throw new IllegalArgumentException("the attribute " + name + " is longer than " + ATTRIBUTE_CHARS_MAX);
            }
        });
    }

    /** One of whom nothing more is known. */
    public Principal(@Nullable String userName, Set<String> roles, String authenticator, long expiresAtMillis) {
        this(userName, roles, authenticator, expiresAtMillis, Map.of(), Grants.NONE);
    }

    /** One that never expires. */
    public Principal(@Nullable String userName, Set<String> roles, String authenticator) {
        this(userName, roles, authenticator, NEVER);
    }
}
