// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import java.time.Duration;

/** A broker that can be connected to. Everybody is let in; {@code forbidden/...} may neither be published nor subscribed. */
public interface Door extends AutoCloseable {
    /** A new Network Connection. */
    Wire open();

    /** Whether time can be moved; where not, scenarios that wait for hours are not for this door. */
    boolean movesTime();

    void advance(Duration by);

    @Override
    void close();
}
