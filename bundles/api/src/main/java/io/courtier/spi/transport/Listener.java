// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.transport;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/** An address that clients connect to. Transports register one service for each configured listener, open or not. */
@ConsumerType
public interface Listener {
    enum State {
        OPENING,
        OPEN,
        /** It could not be opened; {@link #problem} says why. */
        FAILED,
        /** No new connections; those that are there may finish. */
        DRAINING,
        CLOSED
    }

    /** {@code tcp-default} for {@code etc/io.courtier.listener.tcp-default.cfg}. */
    String name();

    /** {@code mqtt://127.0.0.1:1883}, {@code mqtts://...}; with the actual port once it is open. */
    String url();

    /** Where a browser finds a page of it, {@code http://127.0.0.1:8084/}, or null where it serves none. */
    default @Nullable String page() {
        return null;
    }

    State state();

    /** One sentence that says what went wrong and what to do, or null. */
    @Nullable
    String problem();

    /** How many connections it holds. */
    int connections();
}
