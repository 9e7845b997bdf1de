// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import static io.courtier.store.retained.internal.JournaledRetainedContractTest.NOW;
import static io.courtier.store.retained.internal.JournaledRetainedContractTest.open;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.journal.FailingDisk;
import io.courtier.journal.FailingDisk.Operation;
import io.courtier.journal.MemoryDisk;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.store.RetainStoreContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables take the place of the journal while all goes on, whatever the disk and the power do. */
class RetainedFoldTest {
    private final MemoryDisk memory = new MemoryDisk();
    private final RetainedTraffic traffic = new RetainedTraffic(new Random(21));

    @Test
    void keepsOneTableAndAShortJournal() throws Exception {
        try (JournaledRetained store = open(memory)) {
            for (int i = 0; i < 4; i++) {
                traffic.store(store, 200);
                store.fold();
                assertThat(memory.list().stream().map(name -> name.substring(0, 5)))
                        .containsExactlyInAnyOrder("journ", "retai");
                RetainStoreContract.assertSame(RetainStoreContract.replayed(store), traffic.all());
            }
        }
    }

    @Test
    void dropsWhatHasExpired() throws Exception {
        try (JournaledRetained store = open(memory)) {
            store.append(expiring("before", NOW - 1));
            store.append(expiring("now", NOW));
            store.append(expiring("after", NOW + 1));
            store.append(expiring("never", ApplicationMessage.NEVER));
            store.fold();
            assertThat(RetainStoreContract.replayed(store)).containsOnlyKeys("after", "never");
        }
        try (JournaledRetained store =
                JournaledRetained.open(memory, JournaledRetainedContractTest.SMALL, 1, () -> NOW + 1, 0)) {
            assertThat(RetainStoreContract.replayed(store)).containsOnlyKeys("after", "never");
            store.fold();
            assertThat(RetainStoreContract.replayed(store)).containsOnlyKeys("never");
        }
    }

    private static ApplicationMessage expiring(String topic, long atMillis) {
        return new ApplicationMessage(
                TopicName.of(topic), new byte[] {1}, QoS.AT_MOST_ONCE, true, Properties.NONE, null, atMillis);
    }

    @Test
    void writesTablesOfManyPages() throws Exception {
        Random random = new Random(2);
        try (JournaledRetained store = open(memory)) {
            for (int i = 0; i < 200; i++) {
                byte[] payload = new byte[40_000];
                random.nextBytes(payload);
                store.append(RetainStoreContract.message("large/" + i, payload));
            }
            store.fold();
            assertThat(store.bytes()).isGreaterThan(8 << 20);
            assertThat(RetainStoreContract.replayed(store)).hasSize(200);
            for (int i = 0; i < 200; i++) store.append(RetainStoreContract.message("large/" + i, new byte[0]));
            store.fold();
            assertThat(store.bytes()).isLessThan(1_000);
            assertThat(RetainStoreContract.replayed(store)).isEmpty();
        }
    }

    @Test
    void survivesAPowerCutBetweenAnyTwoOperations() throws Exception {
        AtomicInteger crashes = new AtomicInteger();
        Random random = new Random(12);
        try (JournaledRetained store = open(memory)) {
            for (int fold = 0; fold < 4; fold++) {
                long last = traffic.store(store, 150);
                memory.watch(operation -> {
                    for (int i = 0; i < 3; i++) assertKept(memory.afterCrash(random), last);
                    assertKept(memory.afterKill(), last);
                    crashes.incrementAndGet();
                });
                store.fold();
                memory.watch(operation -> {});
            }
        }
        assertThat(crashes).hasValueGreaterThan(30);
    }

    private void assertKept(MemoryDisk disk, long last) {
        try {
            traffic.assertKept(disk, last + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void losesNothingDurableHoweverOftenThePowerGoes() throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            RetainedTraffic traffic = new RetainedTraffic(random);
            MemoryDisk disk = new MemoryDisk();
            for (int life = 0; life < 5; life++) {
                JournaledRetained store = open(disk);
                for (int step = 0; step < 6; step++) {
                    if (random.nextInt(3) == 0) traffic.store(store, 1 + random.nextInt(40));
                    else traffic.append(store, 1 + random.nextInt(40));
                    if (random.nextInt(6) == 0) store.fold();
                }
                long durable = store.durablePosition();
                MemoryDisk next = random.nextInt(4) == 0 ? disk.afterKill() : disk.afterCrash(random);
                store.close();
                disk = next;
                traffic.keepBefore(traffic.assertKept(disk, durable));
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
            RetainedTraffic traffic = new RetainedTraffic(new Random(number));
            try (JournaledRetained store = open(disk)) {
                traffic.store(store, 150);
                store.fold();
                long last = traffic.store(store, 150);
                String message = number % 2 == 0 ? FailingDisk.FULL : FailingDisk.BROKEN;
                disk.fail(operation, number, message);
                try {
                    store.fold();
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining(message);
                }
                boolean failed = disk.hasFailed();
                disk.heal();
                traffic.assertKept(memory.afterCrash(new Random(number)), last + 1);
                traffic.assertKept(memory.afterKill(), last + 1);
                last = traffic.store(store, 50);
                store.fold();
                traffic.assertKept(memory.afterCrash(new Random(number)), last + 1);
                if (!failed) break;
                failures++;
            }
            try (JournaledRetained store = open(memory)) {
                RetainStoreContract.assertSame(RetainStoreContract.replayed(store), traffic.all());
                store.fold();
            }
            assertThat(memory.list()).as(operation + " " + number).hasSize(2);
        }
        assertThat(failures).isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"LIST", "OPEN", "SIZE", "READ", "SYNC", "DELETE", "SYNC_NAMES"})
    void losesNothingWhenAStartFails(Operation operation) throws Exception {
        MemoryDisk left;
        long last;
        try (JournaledRetained store = open(memory)) {
            traffic.append(store, 150);
            store.fold();
            last = traffic.store(store, 150);
            left = memory.afterKill();
        }
        left.open("retained-0000000000000001.new").close();
        boolean failed = false;
        for (int number = 1; number < 8; number++) {
            FailingDisk disk = new FailingDisk(left);
            disk.fail(operation, number, FailingDisk.BROKEN);
            try {
                open(disk).close();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining(FailingDisk.BROKEN);
                failed = true;
            }
        }
        assertThat(failed).isTrue();
        traffic.assertKept(left, last + 1);
    }
}
