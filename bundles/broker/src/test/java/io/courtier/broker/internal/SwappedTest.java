// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A store that is replaced while the broker runs. */
class SwappedTest {
    private static final SessionRecord RECORD = new SessionRecord.Started("client");

    /** Counts on from where the one before ended, as stores on one folder do. */
    private static final class Counting implements SessionStore {
        private long next;
        private volatile boolean closed;
        private Runnable onDurable = () -> {};

        Counting(long next) {
            this.next = next;
        }

        @Override
        public void replay(Visitor visitor) {}

        @Override
        public synchronized long append(SessionRecord record) {
            if (closed) throw new IllegalStateException("closed");
            return next++;
        }

        @Override
        public void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer) {
            if (closed) throw new IllegalStateException("closed");
            answer.accept(new ApplicationMessage[positions.length]);
        }

        @Override
        public synchronized long durablePosition() {
            return next;
        }

        @Override
        public void onDurable(Runnable task) {
            onDurable = task;
        }

        @Override
        public @Nullable Trouble trouble() {
            return null;
        }
    }

    private final Swapped.Sessions swapped = new Swapped.Sessions();

    @Test
    void withoutAStoreNothingIsPromised() {
        assertThat(swapped.isThere()).isFalse();
        assertThat(swapped.trouble()).isNotNull();
        assertThatThrownBy(() -> swapped.append(RECORD)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whoAppendsWhileItIsReplacedWaitsForTheNext() throws Exception {
        Counting first = new Counting(5);
        swapped.came(first);
        assertThat(swapped.append(RECORD)).isEqualTo(5);
        swapped.went(first);
        assertThat(swapped.trouble()).as("who comes now waits").isNull();
        assertThat(swapped.durablePosition()).isEqualTo(6);
        CompletableFuture<Thread> begun = new CompletableFuture<>();
        CompletableFuture<Long> appended = CompletableFuture.supplyAsync(() -> {
            begun.complete(Thread.currentThread());
            return swapped.append(RECORD);
        });
        Thread waiting = begun.get(10, TimeUnit.SECONDS);
        while (waiting.getState() != Thread.State.TIMED_WAITING) Thread.onSpinWait();
        swapped.came(new Counting(6));
        assertThat(appended.get(10, TimeUnit.SECONDS)).isEqualTo(6);
    }

    @Test
    void whoHadHoldOfTheOldOneAsksTheNext() throws Exception {
        Counting first = new Counting(1);
        swapped.came(first);
        // It closes before anybody is told: whoever asks now asks in vain, and again.
        first.closed = true;
        CompletableFuture<Long> appended = CompletableFuture.supplyAsync(() -> {
            swapped.went(first);
            return swapped.append(RECORD);
        });
        swapped.came(new Counting(9));
        assertThat(appended.get(10, TimeUnit.SECONDS)).isEqualTo(9);
    }

    @Test
    void aStoreThatBreaksIsNotAskedForEver() {
        Counting broken = new Counting(1);
        swapped.came(broken);
        broken.closed = true;
        assertThatThrownBy(() -> swapped.append(RECORD)).hasMessage("closed");
    }

    @Test
    void theOneThatGoesAfterTheNextCameTakesNothingAway() {
        Counting first = new Counting(1);
        Counting second = new Counting(2);
        swapped.came(first);
        swapped.came(second);
        swapped.went(first);
        assertThat(swapped.append(RECORD)).isEqualTo(2);
    }

    @Test
    void whoWaitsForDurabilityIsToldByEachStore() {
        AtomicInteger told = new AtomicInteger();
        swapped.onDurable(told::incrementAndGet);
        Counting first = new Counting(1);
        swapped.came(first);
        assertThat(told).hasValue(1);
        first.onDurable.run();
        assertThat(told).hasValue(2);
    }
}
