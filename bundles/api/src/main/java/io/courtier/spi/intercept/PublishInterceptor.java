// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.intercept;

import io.courtier.protocol.ApplicationMessage;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/** Sees each message of a client before it is routed, on its event loop: pure, and it must answer at once. */
@ConsumerType
public interface PublishInterceptor {
    /** The message to go on with (the same or another), or null to drop it; the publisher is acknowledged all the same. */
    @Nullable
    ApplicationMessage publish(ApplicationMessage message);
}
