// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** What a test appended to journals of one folder, and what it was told to be durable. */
final class Records {
    static final JournalSettings SMALL = settings(JournalSettings.Sync.COMMIT, 1_000);

    final TreeMap<Long, byte[]> appended = new TreeMap<>();
    private final Random random;

    Records(Random random) {
        this.random = random;
    }

    static JournalSettings settings(JournalSettings.Sync sync, long intervalMillis) {
        return new JournalSettings(1_500, 1 << 20, 0, sync, intervalMillis);
    }

    /** Opens a journal; what it gives comes into a map. */
    static Journal open(Disk disk, JournalSettings settings, long from, Map<Long, byte[]> found) throws IOException {
        return Journal.open(disk, "test-journal", settings, from, (position, bytes, offset, length) -> {
            assertThat(found).doesNotContainKey(position);
            found.put(position, Arrays.copyOfRange(bytes, offset, offset + length));
        });
    }

    static Journal open(Disk disk) throws IOException {
        return open(disk, SMALL, 0, new TreeMap<>());
    }

    /** What there is. */
    static TreeMap<Long, byte[]> recover(Disk disk, long from) throws IOException {
        TreeMap<Long, byte[]> found = new TreeMap<>();
        open(disk, SMALL, from, found).close();
        return found;
    }

    long append(Journal journal) {
        byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(2_000) : random.nextInt(120)];
        random.nextBytes(bytes);
        long position = journal.append(bytes, 0, bytes.length);
        appended.put(position, bytes);
        return position;
    }

    void append(Journal journal, int count) {
        for (int i = 0; i < count; i++) append(journal);
    }

    /** Appends, and waits until it is durable. */
    void store(Journal journal, int count) throws InterruptedException {
        append(journal, count);
        assertThat(journal.awaitDurable(appended.lastKey(), 10_000)).isTrue();
    }

    /** Says whether all before a position are there, and all there are as they were appended. */
    void assertKept(TreeMap<Long, byte[]> found, long from, long durable) {
        found.forEach(
                (position, bytes) -> assertThat(bytes).as("at " + position).isEqualTo(appended.get(position)));
        assertThat(found.keySet())
                .containsAll(appended.subMap(Math.min(from, durable), durable).keySet());
    }

    /** Says that what is there, durable or not, has all before it. */
    void assertNoGap(TreeMap<Long, byte[]> found, long from) {
        if (found.isEmpty()) return;
        long last = found.lastKey();
        assertThat(found.keySet())
                .containsAll(appended.subMap(Math.min(from, last), last).keySet());
    }
}
