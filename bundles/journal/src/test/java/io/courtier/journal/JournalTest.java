// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a journal is for those who append and read, on a disk that does as it is told. */
class JournalTest {
    private final Records records = new Records(new Random(1));
    private final MemoryDisk disk = new MemoryDisk();

    @Test
    void givesEveryRecordBackInOrder() throws Exception {
        try (Journal journal = Records.open(disk)) {
            records.store(journal, 300);
        }
        assertThat(disk.list()).hasSizeGreaterThan(5);
        TreeMap<Long, byte[]> found = Records.recover(disk, 0);
        records.assertKept(found, 0, Long.MAX_VALUE);
    }

    @Test
    void readsByPositionWhatIsWrittenAndWhatWaits() throws Exception {
        try (Journal journal = Records.open(disk)) {
            CountDownLatch go = new CountDownLatch(1);
            disk.watch(operation -> await(go));
            records.append(journal, 50);
            // Reads of what waits do not need the disk.
            for (long position : records.appended.keySet()) {
                assertThat(journal.read(position)).isEqualTo(records.appended.get(position));
            }
            go.countDown();
            records.store(journal, 50);
            for (long position : records.appended.descendingKeySet()) {
                assertThat(journal.read(position)).isEqualTo(records.appended.get(position));
            }
        }
    }

    @Test
    void readsNothingWhereNoRecordStands() throws Exception {
        try (Journal journal = Records.open(disk)) {
            records.append(journal, 1);
            assertThat(journal.read(1)).as("the header of a segment that waits").isNull();
            records.store(journal, 20);
            assertThat(journal.read(1)).isNull();
            assertThat(journal.read(records.appended.lastKey() + 1)).isNull();
            assertThat(journal.read(1 << 30)).isNull();
            assertThat(journal.read(0)).isNull();
        }
    }

    @Test
    void goesOnBehindWhatWasThere() throws Exception {
        for (int start = 0; start < 5; start++) {
            try (Journal journal = Records.open(disk)) {
                assertThat(journal.durablePosition())
                        .isGreaterThan(records.appended.isEmpty() ? 0 : records.appended.lastKey());
                records.store(journal, 7);
            }
        }
        records.assertKept(Records.recover(disk, 0), 0, Long.MAX_VALUE);
    }

    @Test
    void givesNothingBeforeWhatWasForgotten() throws Exception {
        long base;
        try (Journal journal = Records.open(disk)) {
            records.store(journal, 100);
            base = journal.roll();
            records.store(journal, 10);
            journal.forget(base);
            assertThat(journal.bytes()).isLessThan(5_000);
        }
        TreeMap<Long, byte[]> found = Records.recover(disk, base);
        assertThat(found.keySet()).isEqualTo(records.appended.tailMap(base).keySet());
    }

    @Test
    void replaysClosedSegmentsWhileItGrows() throws Exception {
        try (Journal journal = Records.open(disk)) {
            records.store(journal, 100);
            long base = journal.roll();
            records.store(journal, 30);
            TreeMap<Long, Integer> replayed = new TreeMap<>();
            journal.replay(0, base, (position, bytes, offset, length) -> replayed.put(position, length));
            assertThat(replayed.keySet())
                    .isEqualTo(records.appended.headMap(base).keySet());
        }
    }

    @Test
    void takesRecordsLargerThanASegment() throws Exception {
        byte[] large = new byte[3 << 20];
        new Random(3).nextBytes(large);
        long position;
        try (Journal journal = Records.open(disk)) {
            position = journal.append(large, 0, large.length);
            assertThat(journal.awaitDurable(position, 10_000)).isTrue();
            assertThat(journal.read(position)).isEqualTo(large);
        }
        assertThat(Records.recover(disk, 0).get(position)).isEqualTo(large);
    }

    @Test
    void takesNothingAfterItsEnd() throws Exception {
        Journal journal = Records.open(disk);
        journal.close();
        assertThatThrownBy(() -> journal.append(new byte[3], 0, 3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void outlivesAListenerThatFails() throws Exception {
        try (Journal journal = Records.open(disk)) {
            journal.onDurable(() -> {
                throw new IllegalStateException("a loop that ended");
            });
            records.store(journal, 1);
            records.store(journal, 1);
        }
    }

    @Test
    void refusesFilesOfALaterVersionAndLeavesThemAlone() throws Exception {
        try (Journal journal = Records.open(disk)) {
            records.store(journal, 3);
        }
        String name = disk.list().get(0);
        byte[] bytes = disk.bytes(name);
        bytes[7] = 9;
        disk.bytes(name, bytes);
        assertThatThrownBy(() -> Records.open(disk))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("memory/" + name + " was written by a later Courtier (form 9");
        assertThat(disk.bytes(name)).isEqualTo(bytes);
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) throw new IllegalStateException("nobody came");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
