// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.sessions.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.journal.MemoryDisk;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.store.SessionTraffic;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshots that are not as they were written: the start goes on with what can be read. */
class SnapshotDamageTest {
    private static final int SESSIONS = 40;

    private final MemoryDisk disk = new MemoryDisk();
    private final long[] messages = new long[SESSIONS];
    private final Random random = new Random(5);

    @BeforeEach
    void write() throws Exception {
        try (JournaledSessions store = Lives.open(disk)) {
            for (int i = 0; i < SESSIONS; i++) {
                long session = store.append(new SessionRecord.Started("client-" + i));
                messages[i] = store.append(new SessionRecord.Stored(-1, 0, 0, 0, SessionTraffic.message(random)));
                store.append(new SessionRecord.Queued(session, messages[i], 1, 100, 1, false, null, null));
            }
            store.fold();
        }
    }

    private String file(String kind) {
        return disk.list().stream()
                .filter(name -> name.startsWith(kind))
                .findAny()
                .orElseThrow();
    }

    private int sessions(JournaledSessions store) {
        SessionImage image = new SessionImage();
        store.replay(image);
        return image.sessions().size();
    }

    private int readable(JournaledSessions store) {
        CompletableFuture<ApplicationMessage[]> answer = new CompletableFuture<>();
        store.read(messages, answer::complete);
        return (int) Arrays.stream(answer.join()).filter(found -> found != null).count();
    }

    private void damage(String name, int at) {
        byte[] bytes = disk.bytes(name);
        bytes[at] ^= 4;
        disk.bytes(name, bytes);
    }

    @Test
    void savesTheOtherSessionsOfADamagedImageAndPutsItAside() throws Exception {
        String state = file("state");
        damage(state, disk.bytes(state).length / 2);
        byte[] damaged = disk.bytes(state);
        try (JournaledSessions store = Lives.open(disk)) {
            assertThat(sessions(store)).isBetween(SESSIONS - 1, SESSIONS);
            store.fold();
        }
        assertThat(disk.bytes(state + ".damaged")).isEqualTo(damaged);
        try (JournaledSessions store = Lives.open(disk)) {
            assertThat(sessions(store)).isBetween(SESSIONS - 1, SESSIONS);
        }
        assertThat(disk.list()).contains(state + ".damaged");
    }

    @Test
    void savesTheOtherMessagesOfADamagedFileAndPutsItAside() throws Exception {
        String file = file("messages");
        damage(file, disk.bytes(file).length / 2);
        try (JournaledSessions store = Lives.open(disk)) {
            assertThat(sessions(store)).isEqualTo(SESSIONS);
            assertThat(readable(store)).isEqualTo(SESSIONS - 1);
            store.fold();
            assertThat(readable(store)).isEqualTo(SESSIONS - 1);
        }
        assertThat(disk.list()).contains(file + ".damaged");
    }

    @Test
    void startsWithEitherFileCutOffAtAnyPlace() throws Exception {
        for (String kind : new String[] {"state", "messages"}) {
            String name = file(kind);
            byte[] whole = disk.bytes(name);
            for (int length = 0; length < whole.length; length += 97) {
                disk.bytes(name, Arrays.copyOf(whole, length));
                MemoryDisk copy = disk.afterKill();
                try (JournaledSessions store = Lives.open(copy)) {
                    int sessions = sessions(store);
                    assertThat(sessions).isEqualTo(kind.equals("state") ? sessions : SESSIONS);
                    assertThat(readable(store)).isLessThanOrEqualTo(SESSIONS);
                    store.fold();
                }
                assertThat(copy.list()).contains(name + ".damaged");
            }
            disk.bytes(name, whole);
        }
    }

    @Test
    void startsWithTheEndOfEitherFileFullOfGarbage() throws Exception {
        for (String kind : new String[] {"state", "messages"}) {
            String name = file(kind);
            byte[] whole = disk.bytes(name);
            byte[] garbage = new byte[whole.length / 3];
            random.nextBytes(garbage);
            byte[] bytes = whole.clone();
            System.arraycopy(garbage, 0, bytes, whole.length - garbage.length, garbage.length);
            disk.bytes(name, bytes);
            try (JournaledSessions store = Lives.open(disk.afterKill())) {
                assertThat(sessions(store)).isGreaterThan(SESSIONS / 2);
                assertThat(readable(store)).isGreaterThan(SESSIONS / 2);
            }
            disk.bytes(name, whole);
        }
    }

    @Test
    void losesNothingToGarbageBehindTheEnd() throws Exception {
        disk.appendGarbage(file("state"), 500, random);
        disk.appendGarbage(file("messages"), 500, random);
        try (JournaledSessions store = Lives.open(disk)) {
            assertThat(sessions(store)).isEqualTo(SESSIONS);
            assertThat(readable(store)).isEqualTo(SESSIONS);
        }
    }

    @Test
    void startsWithoutItsMessages() throws Exception {
        disk.delete(file("messages"));
        try (JournaledSessions store = Lives.open(disk)) {
            assertThat(sessions(store)).isEqualTo(SESSIONS);
            assertThat(readable(store)).isZero();
        }
    }

    @Test
    void refusesFilesOfALaterVersion() throws Exception {
        for (String kind : new String[] {"state", "messages", "journal"}) {
            String name = file(kind);
            byte[] whole = disk.bytes(name);
            byte[] bytes = whole.clone();
            bytes[7] = 2;
            disk.bytes(name, bytes);
            assertThatThrownBy(() -> Lives.open(disk))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("written by a later Courtier");
            assertThat(disk.bytes(name)).isEqualTo(bytes);
            disk.bytes(name, whole);
        }
        try (JournaledSessions store = Lives.open(disk)) {
            assertThat(sessions(store)).isEqualTo(SESSIONS);
        }
    }
}
