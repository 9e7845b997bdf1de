// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Power cuts at any moment: what the journal called durable is there, and nothing is there that nobody appended. */
class JournalCrashTest {
    private static final int SEEDS = 300;

    @Test
    void losesNothingDurableHoweverOftenThePowerGoes() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            Records records = new Records(random);
            MemoryDisk disk = new MemoryDisk();
            long from = 0;
            long durable = 0;
            for (int life = 0; life < 6; life++) {
                TreeMap<Long, byte[]> found = new TreeMap<>();
                Journal journal = Records.open(disk, Records.SMALL, from, found);
                assertThat(journal.durablePosition()).as("seed " + seed).isGreaterThanOrEqualTo(durable);
                records.assertKept(found, from, durable);
                records.assertNoGap(found, from);
                // What was not durable and is not there never was: its positions may come again.
                records.appended.keySet().retainAll(found.keySet());
                int steps = random.nextInt(12);
                for (int step = 0; step < steps; step++) {
                    records.append(journal, 1 + random.nextInt(15));
                    if (random.nextInt(3) == 0) records.store(journal, 1);
                    if (random.nextInt(8) == 0) {
                        long base = journal.roll();
                        assertThat(journal.awaitDurable(base, 10_000)).isTrue();
                        journal.forget(base);
                        records.appended.headMap(base).clear();
                        from = base;
                    }
                }
                durable = journal.durablePosition();
                MemoryDisk next = random.nextInt(4) == 0 ? disk.afterKill() : disk.afterCrash(random);
                journal.close();
                disk = next;
            }
        }
    }

    @Test
    void losesNothingDurableWhenThePowerGoesBetweenAnyTwoOperations() throws Exception {
        Random random = new Random(7);
        Records records = new Records(random);
        MemoryDisk disk = new MemoryDisk();
        AtomicInteger crashes = new AtomicInteger();
        try (Journal journal = Records.open(disk)) {
            disk.watch(operation -> {
                long durable = journal.durablePosition();
                MemoryDisk crashed = disk.afterCrash(random);
                TreeMap<Long, byte[]> found = recover(crashed);
                synchronized (records) {
                    records.assertKept(found, 0, durable);
                    records.assertNoGap(found, 0);
                }
                crashes.incrementAndGet();
            });
            for (int i = 0; i < 60; i++) {
                synchronized (records) {
                    records.append(journal, 3);
                }
                assertThat(journal.awaitDurable(records.appended.lastKey(), 10_000))
                        .isTrue();
            }
        }
        assertThat(crashes).hasValueGreaterThan(120);
    }

    @Test
    void givesNothingBehindAGapOfWhatWasNeverSynced() throws Exception {
        MemoryDisk disk = new MemoryDisk();
        Records records = new Records(new Random(3));
        JournalSettings large = new JournalSettings(1 << 20, 1 << 20, 0, JournalSettings.Sync.COMMIT, 0);
        try (Journal journal = Records.open(disk, large, 0, new TreeMap<>())) {
            records.store(journal, 20);
            long durable = journal.durablePosition();
            var go = new java.util.concurrent.CountDownLatch(1);
            var waits = new java.util.concurrent.CountDownLatch(1);
            disk.watch(operation -> {
                waits.countDown();
                JournalTest.await(go);
                if (!operation.startsWith("sync journal")) return;
                for (int seed = 0; seed < 200; seed++) {
                    TreeMap<Long, byte[]> found = recover(disk.afterCrash(new Random(seed)));
                    records.assertKept(found, 0, durable);
                    records.assertNoGap(found, 0);
                }
            });
            records.append(journal, 1);
            JournalTest.await(waits);
            // Gathers while the disk is busy, and is written in one go.
            records.append(journal, 100);
            go.countDown();
            assertThat(journal.awaitDurable(records.appended.lastKey(), 20_000)).isTrue();
            assertThat(journal.trouble()).isNull();
        }
    }

    private static TreeMap<Long, byte[]> recover(Disk disk) {
        try {
            return Records.recover(disk, 0);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void makesDurableAtTheStartWhatItWasLeftUnsynced() throws Exception {
        Records records = new Records(new Random(5));
        MemoryDisk disk = new MemoryDisk();
        Journal journal = Records.open(disk, Records.settings(JournalSettings.Sync.NEVER, 0), 0, new TreeMap<>());
        records.store(journal, 100);
        MemoryDisk killed = disk.afterKill();
        journal.close();

        TreeMap<Long, byte[]> found = new TreeMap<>();
        Journal again = Records.open(killed, Records.SMALL, 0, found);
        long durable = again.durablePosition();
        records.assertKept(found, 0, durable);
        for (int seed = 0; seed < 30; seed++) {
            records.assertKept(Records.recover(killed.afterCrash(new Random(seed)), 0), 0, durable);
        }
        again.close();
    }

    @Test
    void tellsNobodyThatSomethingIsDurableWhileTheSyncIsUnderWay() throws Exception {
        MemoryDisk disk = new MemoryDisk();
        Records records = new Records(new Random(2));
        try (Journal journal = Records.open(disk)) {
            long before = journal.durablePosition();
            AtomicBoolean early = new AtomicBoolean();
            disk.watch(operation -> {
                if (journal.durablePosition() != before) early.set(true);
            });
            long position = records.append(journal);
            assertThat(journal.awaitDurable(position, 10_000)).isTrue();
            assertThat(early).isFalse();
        }
    }

    @Test
    void syncsNowAndThenWithIntervalAndAtTheEnd() throws Exception {
        FailingDisk disk = new FailingDisk(new MemoryDisk());
        Records records = new Records(new Random(2));
        JournalSettings hourly = new JournalSettings(1 << 20, 1 << 20, 0, JournalSettings.Sync.INTERVAL, 3_600_000);
        int before;
        try (Journal journal = Records.open(disk, hourly, 0, new TreeMap<>())) {
            before = disk.count(FailingDisk.Operation.SYNC);
            records.store(journal, 20);
            assertThat(disk.count(FailingDisk.Operation.SYNC)).isEqualTo(before);
        }
        assertThat(disk.count(FailingDisk.Operation.SYNC)).isEqualTo(before + 1);
    }

    @Test
    void syncsWithoutFurtherRecordsWhenTheIntervalIsOver() throws Exception {
        MemoryDisk disk = new MemoryDisk();
        Records records = new Records(new Random(2));
        var synced = new java.util.concurrent.CountDownLatch(1);
        try (Journal journal =
                Records.open(disk, Records.settings(JournalSettings.Sync.INTERVAL, 100), 0, new TreeMap<>())) {
            records.store(journal, 1);
            disk.watch(operation -> {
                if (operation.startsWith("sync journal")) synced.countDown();
            });
            JournalTest.await(synced);
        }
    }

    @Test
    void neverSyncsWhenAskedNotTo() throws Exception {
        FailingDisk disk = new FailingDisk(new MemoryDisk());
        Records records = new Records(new Random(2));
        try (Journal journal =
                Records.open(disk, Records.settings(JournalSettings.Sync.NEVER, 0), 0, new TreeMap<>())) {
            int before = disk.count(FailingDisk.Operation.SYNC);
            records.store(journal, 200);
            assertThat(disk.count(FailingDisk.Operation.SYNC)).isEqualTo(before);
        }
        assertThat(disk.list()).hasSizeGreaterThan(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"INTERVAL", "NEVER"})
    void outlivesTheProcessWithEverySync(String sync) throws Exception {
        MemoryDisk disk = new MemoryDisk();
        Records records = new Records(new Random(2));
        JournalSettings settings = Records.settings(JournalSettings.Sync.valueOf(sync), 3_600_000);
        try (Journal journal = Records.open(disk, settings, 0, new TreeMap<>())) {
            records.store(journal, 200);
            records.assertKept(Records.recover(disk.afterKill(), 0), 0, journal.durablePosition());
        }
    }
}
