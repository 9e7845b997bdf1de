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
 */
public record Principal(@Nullable String userName, Set<String> roles, String authenticator) {
    public static final Principal ANONYMOUS = new Principal(null, Set.of(), "anonymous");
}
