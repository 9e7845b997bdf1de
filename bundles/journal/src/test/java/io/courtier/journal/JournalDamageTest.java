// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files that are not as they were written: what can be read is given, and they are kept for whoever wants to look. */
class JournalDamageTest {
    private static final int PAGE = 4_096;
    private static final JournalSettings PAGES = new JournalSettings(9_000, 1 << 20, 0, JournalSettings.Sync.COMMIT, 0);

    private final MemoryDisk disk = new MemoryDisk();
    private final Records records = new Records(new Random(6));
    private final Random random = new Random(8);

    @BeforeEach
    void write() throws Exception {
        try (Journal journal = Records.open(disk, PAGES, 0, new TreeMap<>())) {
            for (int i = 0; i < 100; i++) records.store(journal, 4);
        }
        assertThat(disk.list()).hasSizeGreaterThan(3);
    }

    @Test
    void goesOnBehindGarbageAtTheEndOfTheLastFile() throws Exception {
        for (int count : new int[] {1, 9, 10, 100, PAGE, 3 * PAGE}) {
            disk.appendGarbage(last(), count, random);
            TreeMap<Long, byte[]> found = new TreeMap<>();
            try (Journal journal = Records.open(disk, PAGES, 0, found)) {
                records.assertKept(found, 0, Long.MAX_VALUE);
                assertThat(journal.isDamaged()).isFalse();
                records.store(journal, 2);
            }
        }
        records.assertKept(Records.recover(disk, 0), 0, Long.MAX_VALUE);
    }

    @Test
    void startsWithTheLastPageOfAnyFileCutOff() throws Exception {
        for (String name : disk.list()) {
            byte[] whole = disk.bytes(name);
            int cut = (whole.length - 1) / PAGE * PAGE;
            disk.bytes(name, Arrays.copyOf(whole, cut));
            assertOnlyLost(name, cut, whole.length);
            disk.bytes(name, whole);
        }
    }

    @Test
    void startsWithTheLastPageOfAnyFileFullOfGarbage() throws Exception {
        for (String name : disk.list()) {
            byte[] whole = disk.bytes(name);
            int cut = (whole.length - 1) / PAGE * PAGE;
            byte[] bytes = whole.clone();
            byte[] garbage = new byte[whole.length - cut];
            random.nextBytes(garbage);
            System.arraycopy(garbage, 0, bytes, cut, garbage.length);
            disk.bytes(name, bytes);
            assertOnlyLost(name, cut, whole.length);
            disk.bytes(name, whole);
        }
    }

    /** Says that records are missing only that reach into some bytes of a file, and that the journal goes on. */
    private void assertOnlyLost(String name, int from, int to) throws Exception {
        long base = Long.parseLong(name.substring(8), 16);
        MemoryDisk copy = disk.afterKill();
        TreeMap<Long, byte[]> found = new TreeMap<>();
        try (Journal journal = Records.open(copy, PAGES, 0, found)) {
            records.appended.forEach((position, bytes) -> {
                boolean hit = position + Frames.HEADER_BYTES + bytes.length > base + from && position < base + to;
                if (hit) assertThat(found).doesNotContainKey(position);
                else assertThat(found.get(position)).as("at " + position).isEqualTo(bytes);
            });
            long position = journal.append(new byte[] {1}, 0, 1);
            assertThat(journal.awaitDurable(position, 10_000)).isTrue();
            assertThat(journal.read(position)).containsExactly(1);
        }
        Records.recover(copy, 0);
    }

    @Test
    void savesAllElseOfADamagedFileAndPutsItAside() throws Exception {
        String name = disk.list().get(1);
        long base = Long.parseLong(name.substring(8), 16);
        long hit = records.appended.ceilingKey(base + 3_000);
        byte[] bytes = disk.bytes(name);
        bytes[(int) (hit - base) + Frames.HEADER_BYTES - 1] ^= 1;
        disk.bytes(name, bytes);

        TreeMap<Long, byte[]> found = new TreeMap<>();
        try (Journal journal = Records.open(disk, PAGES, 0, found)) {
            assertThat(found).hasSize(records.appended.size() - 1).doesNotContainKey(hit);
            records.assertKept(found, 0, 0);
            assertThat(journal.isDamaged()).isTrue();
            assertThat(journal.read(hit)).isNull();
            long rolled = journal.roll();
            assertThat(journal.awaitDurable(rolled, 10_000)).isTrue();
            journal.forget(rolled);
            assertThat(journal.isDamaged()).isFalse();
            assertThat(disk.list()).contains(name + ".damaged").doesNotContain(name);
        }
        assertThat(disk.bytes(name + ".damaged")).isEqualTo(bytes);
    }

    @Test
    void writesNoMoreIntoALastFileThatIsDamaged() throws Exception {
        String name = last();
        byte[] bytes = disk.bytes(name);
        bytes[FileHeader.BYTES] ^= 1;
        disk.bytes(name, bytes);
        try (Journal journal = Records.open(disk, PAGES, 0, new TreeMap<>())) {
            assertThat(journal.isDamaged()).isTrue();
            records.store(journal, 3);
        }
        assertThat(disk.bytes(name)).isEqualTo(bytes);
        TreeMap<Long, byte[]> found = Records.recover(disk, 0);
        assertThat(found).hasSize(records.appended.size() - 1);
        records.assertKept(found, 0, 0);
    }

    @Test
    void savesWhatIsBehindADamagedHeader() throws Exception {
        for (String name : disk.list()) {
            byte[] whole = disk.bytes(name);
            byte[] bytes = whole.clone();
            Arrays.fill(bytes, 0, FileHeader.BYTES, (byte) 7);
            disk.bytes(name, bytes);
            records.assertKept(Records.recover(disk.afterKill(), 0), 0, Long.MAX_VALUE);
            disk.bytes(name, whole);
        }
    }

    @Test
    void startsWithAFileMissing() throws Exception {
        String name = disk.list().get(2);
        MemoryDisk copy = disk.afterKill();
        copy.delete(name);
        TreeMap<Long, byte[]> found = Records.recover(copy, 0);
        assertThat(found).isNotEmpty();
        records.assertKept(found, 0, Long.parseLong(name.substring(8), 16));
    }

    private String last() {
        return disk.list().stream().max(String::compareTo).orElseThrow();
    }
}
