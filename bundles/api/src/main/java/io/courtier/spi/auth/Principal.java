// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

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
 */
public record Principal(@Nullable String userName, Set<String> roles, String authenticator, long expiresAtMillis) {
    public static final long NEVER = Long.MAX_VALUE;

    public static final Principal ANONYMOUS = new Principal(null, Set.of(), "anonymous");

    /** One that never expires. */
    public Principal(@Nullable String userName, Set<String> roles, String authenticator) {
        this(userName, roles, authenticator, NEVER);
    }
}
