// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.sessions.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.journal.FailingDisk;
import io.courtier.journal.FailingDisk.Operation;
import io.courtier.journal.MemoryDisk;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.DurableLog.Trouble;
import io.courtier.store.SessionTraffic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Snapshots take the place of the journal while all goes on, whatever the disk and the power do. */
class FoldTest {
    private final MemoryDisk memory = new MemoryDisk();
    private final SessionTraffic traffic = new SessionTraffic(new Random(11));

    @Test
    void keepsOneSnapshotAndAShortJournal() throws Exception {
        try (JournaledSessions store = Lives.open(memory)) {
            for (int i = 0; i < 5; i++) {
                Lives.await(store, traffic.append(store, 200));
                store.fold();
                assertThat(memory.list()).hasSize(3);
                assertThat(memory.list().stream().map(name -> name.substring(0, 5)))
                        .containsExactlyInAnyOrder("journ", "messa", "state");
            }
        }
        Lives.assertKept(memory, traffic, Long.MIN_VALUE);
    }

    @Test
    void readsTheSameBeforeDuringAndAfter() throws Exception {
        try (JournaledSessions store = Lives.open(memory)) {
            long durable = traffic.append(store, 300);
            Lives.await(store, durable);
            TreeMap<Long, ApplicationMessage> needed = traffic.needed(Long.MAX_VALUE);
            Lives.assertReadable(store, needed);
            AtomicInteger looks = new AtomicInteger();
            memory.watch(operation -> {
                CompletableFuture<ApplicationMessage[]> unused = new CompletableFuture<>();
                store.read(new long[] {needed.firstKey()}, unused::complete);
                looks.incrementAndGet();
            });
            store.fold();
            assertThat(looks).hasValueGreaterThan(8);
            Lives.assertReadable(store, needed);
        }
    }

    @Test
    void losesNoReaderToAFold() throws Exception {
        try (JournaledSessions store = Lives.open(memory)) {
            Lives.await(store, traffic.append(store, 300));
            TreeMap<Long, ApplicationMessage> needed = traffic.needed(Long.MAX_VALUE);
            AtomicBoolean ends = new AtomicBoolean();
            CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
                while (!ends.get()) Lives.assertReadable(store, needed);
            });
            for (int i = 0; i < 150 && !reading.isDone(); i++) {
                store.append(new io.courtier.spi.store.SessionRecord.Routed(5, 1));
                store.fold();
            }
            ends.set(true);
            reading.join();
        }
    }

    @Test
    void survivesAPowerCutBetweenAnyTwoOperations() throws Exception {
        AtomicInteger crashes = new AtomicInteger();
        Random random = new Random(12);
        try (JournaledSessions store = Lives.open(memory)) {
            for (int fold = 0; fold < 4; fold++) {
                long last = traffic.append(store, 150);
                Lives.await(store, last);
                memory.watch(operation -> {
                    for (int i = 0; i < 4; i++) assertKept(memory.afterCrash(random), last);
                    assertKept(memory.afterKill(), last);
                    crashes.incrementAndGet();
                });
                store.fold();
                memory.watch(operation -> {});
            }
        }
        assertThat(crashes).hasValueGreaterThan(40);
    }

    private void assertKept(MemoryDisk disk, long last) {
        try {
            Lives.assertKept(disk, traffic, last + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void losesNothingDurableHoweverOftenThePowerGoes() throws Exception {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            SessionTraffic traffic = new SessionTraffic(random);
            MemoryDisk disk = new MemoryDisk();
            for (int life = 0; life < 5; life++) {
                JournaledSessions store = Lives.open(disk);
                for (int step = 0; step < 6; step++) {
                    long last = traffic.append(store, 1 + random.nextInt(40));
                    if (random.nextInt(3) == 0) Lives.await(store, last);
                    if (random.nextInt(5) == 0) store.fold();
                }
                long durable = store.durablePosition();
                MemoryDisk next = random.nextInt(4) == 0 ? disk.afterKill() : disk.afterCrash(random);
                store.close();
                disk = next;
                traffic.keepBefore(Lives.assertKept(disk, traffic, durable));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "SIZE", "READ", "WRITE", "TRUNCATE", "SYNC", "RENAME", "DELETE", "SYNC_NAMES"})
    void losesNothingWhateverFails(Operation operation) throws Exception {
        int failures = 0;
        for (int number = 1; number < 60; number++) {
            MemoryDisk memory = new MemoryDisk();
            FailingDisk disk = new FailingDisk(memory);
            SessionTraffic traffic = new SessionTraffic(new Random(number));
            long last;
            try (JournaledSessions store = Lives.open(disk)) {
                Lives.await(store, traffic.append(store, 150));
                store.fold();
                last = traffic.append(store, 150);
                Lives.await(store, last);
                disk.fail(operation, number, number % 2 == 0 ? FailingDisk.FULL : FailingDisk.BROKEN);
                try {
                    store.fold();
                } catch (IOException | UncheckedIOException e) {
                    assertThat(e).hasStackTraceContaining(number % 2 == 0 ? FailingDisk.FULL : FailingDisk.BROKEN);
                }
                boolean failed = disk.hasFailed();
                disk.heal();
                Lives.assertReadable(store, traffic.needed(Long.MAX_VALUE));
                Lives.assertKept(memory.afterCrash(new Random(number)), traffic, last + 1);
                Lives.assertKept(memory.afterKill(), traffic, last + 1);
                last = traffic.append(store, 50);
                Lives.await(store, last);
                store.fold();
                Lives.assertReadable(store, traffic.needed(Long.MAX_VALUE));
                Lives.assertKept(memory.afterCrash(new Random(number)), traffic, last + 1);
                if (!failed) break;
                failures++;
            }
            try (JournaledSessions store = Lives.open(memory)) {
                assertThat(SessionTraffic.replayed(store)).isEqualTo(traffic.image());
                store.fold();
            }
            assertThat(memory.list()).as(operation + " " + number).hasSize(3);
        }
        assertThat(failures).isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "WRITE", "TRUNCATE", "SYNC", "SYNC_NAMES", "FREE_BYTES"})
    void recoversByItselfWhateverFailsWhileRecordsAreAppended(Operation operation) throws Exception {
        FailingDisk disk = new FailingDisk(memory);
        try (JournaledSessions store = Lives.open(disk)) {
            List<Trouble> troubles = new CopyOnWriteArrayList<>();
            CountDownLatch durable = new CountDownLatch(1);
            AtomicLong last = new AtomicLong(Long.MAX_VALUE);
            store.onDurable(() -> {
                Trouble now = store.trouble();
                if (now != null) troubles.add(now);
                if (store.durablePosition() > last.get()) durable.countDown();
            });
            disk.fail(operation, 1, FailingDisk.FULL);
            last.set(traffic.append(store, 400));
            traffic.append(store, 1);
            assertThat(durable.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(troubles).isNotEmpty();
            assertThat(store.trouble()).isNull();
            Lives.assertKept(memory.afterCrash(new Random(3)), traffic, last.get() + 1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LIST", "OPEN", "SIZE", "READ", "SYNC", "DELETE", "SYNC_NAMES"})
    void losesNothingWhenAStartFails(Operation operation) throws Exception {
        MemoryDisk left;
        long last;
        try (JournaledSessions store = Lives.open(memory)) {
            traffic.append(store, 150);
            store.fold();
            last = traffic.append(store, 150);
            Lives.await(store, last);
            left = memory.afterKill();
        }
        left.open("state-0000000000000001.new").close();
        boolean failed = false;
        for (int number = 1; number < 12; number++) {
            FailingDisk disk = new FailingDisk(left);
            disk.fail(operation, number, FailingDisk.BROKEN);
            try {
                Lives.open(disk).close();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining(FailingDisk.BROKEN);
                failed = true;
            }
        }
        assertThat(failed).isTrue();
        Lives.assertKept(left, traffic, last + 1);
    }

    @Test
    void endsInTheMiddleOfAFoldWithoutHarm() throws Exception {
        for (int operations = 1; operations < 12; operations++) {
            MemoryDisk memory = new MemoryDisk();
            SessionTraffic traffic = new SessionTraffic(new Random(operations));
            JournaledSessions store = JournaledSessions.open(memory, JournaledSessionsContractTest.SMALL, 1, 1);
            AtomicInteger left = new AtomicInteger(operations);
            CompletableFuture<Void> closing = new CompletableFuture<>();
            CountDownLatch reached = new CountDownLatch(1);
            memory.watch(operation -> {
                boolean folds = Thread.currentThread().getName().endsWith("fold");
                if (folds && left.decrementAndGet() == 0) {
                    reached.countDown();
                    Thread closer = new Thread(() -> {
                        try {
                            store.close();
                            closing.complete(null);
                        } catch (IOException e) {
                            closing.completeExceptionally(e);
                        }
                    });
                    closer.start();
                }
            });
            try {
                long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                do {
                    assertThat(System.nanoTime()).as("it folds").isLessThan(deadlineNanos);
                    traffic.append(store, 5);
                    // A fold needs something new; one that is under way needs nothing.
                } while (!reached.await(2, TimeUnit.MILLISECONDS));
            } catch (IllegalStateException closed) {
                assertThat(closed).hasMessageContaining("closed");
            }
            closing.join();
            assertThat(traffic.positionsFrom(0)).isNotEmpty();
            memory.watch(operation -> {});
            Lives.assertKept(memory, traffic, 1);
        }
    }

    @Test
    void answersReadersThatComeTooLateWithNothing() throws Exception {
        JournaledSessions store = Lives.open(memory);
        Lives.await(store, traffic.append(store, 100));
        store.close();
        CompletableFuture<ApplicationMessage[]> answer = new CompletableFuture<>();
        assertThatThrownBy(() -> store.read(new long[] {1}, answer::complete))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> traffic.append(store, 1)).isInstanceOf(IllegalStateException.class);
    }
}
