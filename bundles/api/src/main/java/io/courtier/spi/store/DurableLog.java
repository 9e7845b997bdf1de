// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import io.courtier.protocol.ReasonCode;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What all stores have in common: positions, which grow with each record appended. A position names a record for as long as
 * the record lives, over restarts too.
 */
@ConsumerType
public interface DurableLog {
    /** Where records before the first one would stand: durable always. */
    long NOWHERE = 0;

    /** Every record at a position below this one survives the end of the process. Safe from any thread. */
    long durablePosition();

    /**
     * Runs a task each time {@link #durablePosition} has moved on or {@link #trouble} has come or gone, on a thread of the
     * store's: it must return at once. One task; another takes its place.
     */
    void onDurable(Runnable task);

    /**
     * Why nothing new should be appended now, or null where all is well. Asked before something is accepted; what follows
     * from what was accepted is appended all the same, and becomes durable when the trouble is over. Safe from any thread.
     */
    @Nullable
    Trouble trouble();

    /**
     * @param reason for clients: Quota exceeded (the disk is full, or too slow) or Implementation specific error (it fails)
     * @param why for people
     */
    record Trouble(ReasonCode reason, String why) {}
}
