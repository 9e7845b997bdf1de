// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what will be true, as long as it must and no longer. */
public final class Eventually {
    private Eventually() {}

    public static void eventually(Callable<Boolean> fact) throws Exception {
        long deadlineNanos = System.nanoTime() + 15_000_000_000L;
        while (!fact.call()) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new AssertionError("it did not become true");
            }
            LockSupport.parkNanos(2_000_000);
        }
    }
}
