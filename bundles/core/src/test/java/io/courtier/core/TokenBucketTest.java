// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How a rate is used up and comes back, on a clock that may begin anywhere. */
class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;
    /** Ten in a second, ten at once. */
    private static final long COST = SECOND / 10;

    /** A clock that is about to overflow. */
    private long now = Long.MAX_VALUE - SECOND / 2;

    private final TokenBucket bucket = new TokenBucket(now);

    private int taken(int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) if (bucket.tryTake(COST, SECOND, now)) taken++;
        return taken;
    }

    @Test
    void givesItsBurstAtOnceAndThenItsRate() {
        assertThat(taken(100)).isEqualTo(10);
        now += SECOND / 2;
        assertThat(taken(100)).isEqualTo(5);
        now += SECOND / 10;
        assertThat(taken(100)).isEqualTo(1);
    }

    @Test
    void savesUpNoMoreThanItsBurst() {
        now += 3_600 * SECOND;
        assertThat(taken(100)).isEqualTo(10);
    }

    @Test
    void whatIsTakenBeyondItIsOwed() {
        bucket.take(5 * SECOND, SECOND, now);
        assertThat(bucket.waitNanos(COST, SECOND, now)).isEqualTo(4 * SECOND + COST);
        now += 4 * SECOND + COST;
        assertThat(bucket.waitNanos(COST, SECOND, now)).isLessThanOrEqualTo(0);
        assertThat(taken(100)).isEqualTo(1);
    }

    @Test
    void nobodyOwesMoreThanAnHour() {
        for (int i = 0; i < 100; i++) bucket.take(Long.MAX_VALUE / 2, SECOND, now);
        assertThat(bucket.waitNanos(0, SECOND, now)).isEqualTo(TokenBucket.DEBT_NANOS_MAX);
    }

    @Test
    void threadsTogetherTakeNoMoreThanOne() throws InterruptedException {
        AtomicInteger taken = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int j = 0; j < 10_000; j++)
                    if (bucket.tryTake(SECOND / 1_000, SECOND, now)) taken.incrementAndGet();
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) thread.join();
        assertThat(taken).hasValue(1_000);
    }
}
