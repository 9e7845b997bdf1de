// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Authorizer;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Gatekeeper;
import io.courtier.spi.intercept.PublishInterceptor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The plugins that are there at a moment, in the order in which they are asked. Immutable: a plugin that comes or goes makes
 * another one, so that no lock is near the publish path.
 *
 * @param holding a guard is being replaced: who comes now waits for the new one
 */
public record PluginSnapshot(
        List<Authenticator> authenticators,
        List<EnhancedAuthenticator> enhanced,
        @Nullable Authorizer authorizer,
        PublishInterceptor[] interceptors,
        List<Gatekeeper> gatekeepers,
        boolean holding) {
    public static final PluginSnapshot NONE = new PluginSnapshot(List.of(), List.of(), null, new PublishInterceptor[0]);

    public PluginSnapshot(
            List<Authenticator> authenticators,
            List<EnhancedAuthenticator> enhanced,
            @Nullable Authorizer authorizer,
            PublishInterceptor[] interceptors) {
        this(authenticators, enhanced, authorizer, interceptors, List.of(), false);
    }

    /** The snapshot of the moment; read by every shard. */
    public static final class Holder {
        volatile PluginSnapshot current = NONE;
    }
}
