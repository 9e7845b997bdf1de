// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what will be true, as long as it must and no longer. */
public final class Patience {
    /** Far longer than anything takes: only what never comes is waited for until then. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    private Patience() {}

    public static void until(Supplier<String> what, Callable<Boolean> fact) {
        long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
        while (!holds(fact)) {
            if (System.nanoTime() - deadlineNanos > 0) throw new AssertionError("waited in vain: " + what.get());
            LockSupport.parkNanos(1_000_000);
        }
    }

    public static void until(String what, Callable<Boolean> fact) {
        until(() -> what, fact);
    }

    private static boolean holds(Callable<Boolean> fact) {
        try {
            return fact.call();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
