// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.journal.FailingDisk.Operation;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.store.DurableLog.Trouble;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each operation of the disk fails once, in turn. */
class JournalFailureTest {
    private final MemoryDisk memory = new MemoryDisk();
    private final FailingDisk disk = new FailingDisk(memory);
    private final Records records = new Records(new Random(4));

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "WRITE", "TRUNCATE", "SYNC", "SYNC_NAMES", "FREE_BYTES"})
    void recoversByItselfWhateverFailsWhileItWrites(Operation operation) throws Exception {
        int failures = 0;
        for (int number = 1; number <= 6; number++) {
            boolean full = number % 2 == 0;
            MemoryDisk memory = new MemoryDisk();
            FailingDisk disk = new FailingDisk(memory);
            Records records = new Records(new Random(number));
            try (Journal journal = Records.open(disk)) {
                List<Trouble> troubles = new CopyOnWriteArrayList<>();
                journal.onDurable(() -> {
                    Trouble now = journal.trouble();
                    if (now != null) troubles.add(now);
                });
                disk.fail(operation, number, full ? FailingDisk.FULL : FailingDisk.BROKEN);
                for (int i = 0; i < 25; i++) {
                    records.store(journal, 4);
                    long durable = journal.durablePosition();
                    records.assertKept(Records.recover(memory.afterCrash(new Random(i)), 0), 0, durable);
                }
                assertThat(journal.trouble()).isNull();
                if (!disk.hasFailed()) break;
                failures++;
                ReasonCode reason = full ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
                assertThat(troubles).isNotEmpty().allMatch(trouble -> trouble.reason() == reason);
                assertThat(troubles.get(0).why()).startsWith("memory").contains(full ? "is full" : "cannot be written");
            }
            records.assertKept(Records.recover(disk, 0), 0, Long.MAX_VALUE);
        }
        assertThat(failures).isPositive();
    }

    @Test
    void saysWhatIsWrongAsLongAsItIs() throws Exception {
        try (Journal journal = Records.open(disk)) {
            records.store(journal, 3);
            CountDownLatch failed = new CountDownLatch(1);
            CountDownLatch well = new CountDownLatch(1);
            journal.onDurable(() -> (journal.trouble() == null ? well : failed).countDown());
            disk.failAlways(Operation.WRITE, FailingDisk.FULL);
            long position = records.append(journal);
            JournalTest.await(failed);
            assertThat(Objects.requireNonNull(journal.trouble()).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            assertThat(journal.durablePosition()).isLessThanOrEqualTo(position);
            assertThat(journal.read(position)).isEqualTo(records.appended.get(position));
            disk.heal();
            JournalTest.await(well);
            assertThat(journal.awaitDurable(position, 10_000)).isTrue();
        }
        records.assertKept(Records.recover(disk, 0), 0, Long.MAX_VALUE);
    }

    @Test
    void endsEvenIfTheDiskDoesNotRecover() throws Exception {
        Journal journal = Records.open(disk);
        records.store(journal, 3);
        long durable = journal.durablePosition();
        disk.failAlways(Operation.SYNC, FailingDisk.BROKEN);
        records.append(journal, 3);
        journal.close();
        disk.heal();
        records.assertKept(Records.recover(memory.afterCrash(new Random(1)), 0), 0, durable);
    }

    @Test
    void refusesBeforeTheDiskIsFullAndThinksBetterOfIt() throws Exception {
        JournalSettings careful = new JournalSettings(1_500, 1 << 20, 1_000, JournalSettings.Sync.COMMIT, 0);
        memory.free(999);
        try (Journal journal = Records.open(disk, careful, 0, new TreeMap<>())) {
            CountDownLatch well = new CountDownLatch(1);
            records.store(journal, 1);
            Trouble trouble = Objects.requireNonNull(journal.trouble());
            assertThat(trouble.reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            assertThat(trouble.why()).contains("nearly full");
            journal.onDurable(() -> {
                if (journal.trouble() == null) well.countDown();
            });
            memory.free(1_000);
            JournalTest.await(well);
        }
    }

    @Test
    void refusesWhileTheDiskIsTooSlow() throws Exception {
        JournalSettings impatient = new JournalSettings(1 << 20, 1_000, 0, JournalSettings.Sync.COMMIT, 0);
        CountDownLatch go = new CountDownLatch(1);
        try (Journal journal = Records.open(disk, impatient, 0, new TreeMap<>())) {
            memory.watch(operation -> JournalTest.await(go));
            long position = journal.append(new byte[2_000], 0, 2_000);
            Trouble trouble = Objects.requireNonNull(journal.trouble());
            assertThat(trouble.reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            assertThat(trouble.why()).contains("too slow");
            go.countDown();
            assertThat(journal.awaitDurable(position, 10_000)).isTrue();
            assertThat(journal.trouble()).isNull();
        }
    }

    @Test
    void saysSoWhereItCannotGoOnAtAll() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (Journal journal = Records.open(disk)) {
            journal.onDurable(told::countDown);
            memory.watch(operation -> {
                throw new IllegalStateException("a mistake of ours");
            });
            records.append(journal);
            JournalTest.await(told);
            Trouble trouble = Objects.requireNonNull(journal.trouble());
            assertThat(trouble.reason()).isEqualTo(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
            assertThat(trouble.why()).contains("a mistake of ours");
        }
    }

    @Test
    void readsAgainAfterAReadFailed() throws Exception {
        try (Journal journal = Records.open(disk)) {
            records.store(journal, 60);
            for (long position : records.appended.keySet()) {
                assertThat(journal.read(records.appended.firstKey())).isNotNull();
                disk.fail(Operation.READ, 1, FailingDisk.BROKEN);
                try {
                    journal.read(position);
                } catch (IOException e) {
                    assertThat(e).hasMessage(FailingDisk.BROKEN);
                }
                disk.heal();
                for (long each : records.appended.keySet()) {
                    assertThat(journal.read(each)).isEqualTo(records.appended.get(each));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LIST", "OPEN", "SIZE", "READ", "TRUNCATE", "SYNC", "SYNC_NAMES", "DELETE"})
    void losesNothingWhenAStartFails(Operation operation) throws Exception {
        long base;
        long durable;
        MemoryDisk left;
        try (Journal journal = Records.open(disk)) {
            records.store(journal, 60);
            base = journal.roll();
            records.store(journal, 60);
            durable = journal.durablePosition();
            left = memory.afterKill();
        }
        List<String> names = left.list();
        left.appendGarbage(names.get(names.size() - 1), 700, new Random(1));
        boolean failed = false;
        for (int number = 1; number <= 4; number++) {
            FailingDisk failing = new FailingDisk(left);
            failing.fail(operation, number, FailingDisk.BROKEN);
            try {
                Records.recover(failing, base);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining(FailingDisk.BROKEN);
                failed = true;
            }
        }
        assertThat(failed).isTrue();
        records.assertKept(Records.recover(left, base), base, durable);
    }

    @ParameterizedTest
    @EnumSource(names = {"DELETE", "SYNC_NAMES"})
    void forgetsLaterWhatItCouldNotForget(Operation operation) throws Exception {
        try (Journal journal = Records.open(disk)) {
            records.store(journal, 60);
            long base = journal.roll();
            records.store(journal, 10);
            disk.fail(operation, 1, FailingDisk.BROKEN);
            assertThatThrownBy(() -> journal.forget(base)).hasMessage(FailingDisk.BROKEN);
            records.store(journal, 1);
            journal.forget(base);
            assertThat(memory.list()).hasSize(segmentsFrom(base));
            assertThat(Records.recover(memory.afterKill(), base).keySet())
                    .isEqualTo(records.appended.tailMap(base).keySet());
        }
    }

    private int segmentsFrom(long base) {
        return (int) memory.list().stream()
                .filter(name -> Long.parseLong(name.substring(8), 16) >= base)
                .count();
    }
}
