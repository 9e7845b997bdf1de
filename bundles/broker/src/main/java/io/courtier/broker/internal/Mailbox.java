// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What other threads have for a shard: batches of messages and tasks, first in, first out. Many threads post, its loop
 * takes. It refuses nothing; who posts too much is told by {@link #isCongested} and waits for {@link #takeWaiting}.
 */
final class Mailbox {
    record Batch(Object[] items, int length) {}

    private final Queue<Batch> batches = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong waiting = new AtomicLong();

    void post(Batch batch) {
        size.addAndGet(batch.length());
        batches.add(batch);
    }

    @Nullable
    Batch poll() {
        Batch batch = batches.poll();
        if (batch != null) size.addAndGet(-batch.length());
        return batch;
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /** Whether it holds more than max. If so the asking shard is remembered and will be told. */
    boolean isCongested(int max, int asking) {
        if (size.get() <= max) return false;
        waiting.getAndUpdate(bits -> bits | 1L << asking);
        // It may have been emptied meanwhile, by a loop that saw nobody waiting.
        return size.get() > max / 2;
    }

    /** The shards that wait, once there is room again, and forgets them; 0 while there is none. */
    long takeWaiting(int max) {
        if (waiting.get() == 0 || size.get() > max / 2) return 0;
        return waiting.getAndSet(0);
    }
}
