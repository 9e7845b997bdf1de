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
    /** @param bytes the weight of its messages together */
    record Batch(Object[] items, int length, long bytes) {}

    private final Queue<Batch> batches = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong waiting = new AtomicLong();

    void post(Batch batch) {
        size.addAndGet(batch.length());
        bytes.addAndGet(batch.bytes());
        batches.add(batch);
    }

    @Nullable
    Batch poll() {
        Batch batch = batches.poll();
        if (batch != null) {
            size.addAndGet(-batch.length());
            bytes.addAndGet(-batch.bytes());
        }
        return batch;
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /** Whether it holds more than that, by count or by weight. If so the asking shard is remembered and will be told. */
    boolean isCongested(int max, long bytesMax, int asking) {
        if (!holdsMoreThan(max, bytesMax)) return false;
        waiting.getAndUpdate(bits -> bits | 1L << asking);
        // It may have been emptied meanwhile, by a loop that saw nobody waiting.
        return holdsMoreThan(max / 2, bytesMax / 2);
    }

    private boolean holdsMoreThan(int messages, long weight) {
        return size.get() > messages || bytes.get() > weight;
    }

    /** The shards that wait, once there is room again, and forgets them; 0 while there is none. */
    long takeWaiting(int max, long bytesMax) {
        if (waiting.get() == 0 || holdsMoreThan(max / 2, bytesMax / 2)) return 0;
        return waiting.getAndSet(0);
    }
}
