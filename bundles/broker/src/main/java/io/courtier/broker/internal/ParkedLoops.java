// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.concurrent.CountDownLatch;

/** Lets every event loop stand still, so that another thread may do what only they may otherwise. */
final class ParkedLoops {
    private ParkedLoops() {}

    /** Runs a task, here, while all loops of a group stand still. */
    static void during(EventExecutorGroup group, Runnable task) {
        int count = 0;
        for (EventExecutor ignored : group) count++;
        CountDownLatch standing = new CountDownLatch(count);
        CountDownLatch over = new CountDownLatch(1);
        for (EventExecutor loop : group) {
            loop.execute(() -> {
                standing.countDown();
                await(over);
            });
        }
        try {
            await(standing);
            task.run();
        } finally {
            over.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
