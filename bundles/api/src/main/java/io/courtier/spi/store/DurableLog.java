// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import org.osgi.annotation.versioning.ConsumerType;

/** What all stores have in common: positions, which grow with each record appended. */
@ConsumerType
public interface DurableLog {
    /** Everything appended up to this position survives the end of the process. Safe from any thread. */
    long durablePosition();

    /**
     * Runs a task each time {@link #durablePosition} has moved on, on a thread of the store's: it must return at once. One
     * task; another takes its place.
     */
    void onDurable(Runnable task);
}
