// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of a rate is used up; that of a user is touched by all shards, without a lock. It is one number: the time at which
 * nothing will be used up any more. What is taken moves that time on by its cost, in nanoseconds of the rate; what may come at
 * once is how far ahead of the clock it may be. So the rate itself is the taker's to say, and may change at any time.
 */
final class TokenBucket {
    /** What was taken beyond a bucket is owed, but not for longer: who is paused comes back some time. */
    static final long DEBT_NANOS_MAX = 3_600_000_000_000L;

    private final AtomicLong fullAtNanos;

    /** A full one. */
    TokenBucket(long nowNanos) {
        fullAtNanos = new AtomicLong(nowNanos);
    }

    /** Takes, if it is all there. */
    boolean tryTake(long costNanos, long burstNanos, long nowNanos) {
        while (true) {
            long fullAt = fullAtNanos.get();
            long after = (fullAt - nowNanos > 0 ? fullAt : nowNanos) + costNanos;
            if (after - nowNanos > burstNanos) return false;
            if (fullAtNanos.compareAndSet(fullAt, after)) return true;
        }
    }

    /** Takes, whether it is there or not. */
    void take(long costNanos, long burstNanos, long nowNanos) {
        while (true) {
            long fullAt = fullAtNanos.get();
            long used = Math.max(0, fullAt - nowNanos) + Math.min(costNanos, DEBT_NANOS_MAX);
            long after = nowNanos + Math.min(used, burstNanos + DEBT_NANOS_MAX);
            if (fullAtNanos.compareAndSet(fullAt, after)) return;
        }
    }

    /** How long until so much is there; 0 or less: it is. */
    long waitNanos(long costNanos, long burstNanos, long nowNanos) {
        return fullAtNanos.get() + costNanos - burstNanos - nowNanos;
    }

    /** How long until nothing is used up any more; 0 or less: nothing is. */
    long usedNanos(long nowNanos) {
        return fullAtNanos.get() - nowNanos;
    }
}
