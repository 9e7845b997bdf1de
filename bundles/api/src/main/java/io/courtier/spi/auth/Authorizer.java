// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Says what a client may do. The one with the highest {@code service.ranking} decides; without any, nothing is allowed.
 */
@ConsumerType
public interface Authorizer {
    /**
     * Compiles the permissions of one session, when its client was let in. Called on an event loop: it must not wait.
     */
    Permissions permissions(Principal principal, String clientIdentifier, String listener);
}
