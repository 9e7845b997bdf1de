// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.sessions.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.journal.FolderDisk;
import io.courtier.journal.JournalSettings;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.StoreOperations;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people do with a store while it runs: in a real folder. */
class OperationsTest {
    @TempDir
    Path temporary;

    private Path folder;
    private JournaledSessions store;
    private long session;

    @BeforeEach
    void openWithASession() throws IOException {
        folder = temporary.resolve("sessions");
        store = open(folder);
        store.replay((position, record) -> {});
        session = store.append(new SessionRecord.Started("client"));
        store.append(new SessionRecord.Connected(session, "user", 3_600, null));
        store.append(new SessionRecord.Subscribed(session, "t/#", SubscriptionOptions.of(QoS.AT_LEAST_ONCE), 0));
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private static JournaledSessions open(Path folder) throws IOException {
        // Nothing is folded but by the test.
        return JournaledSessions.open(FolderDisk.open(folder), JournalSettings.DEFAULT, Long.MAX_VALUE, 0);
    }

    private void queue(long number, String payload) {
        ApplicationMessage message = new ApplicationMessage(
                TopicName.of("t/a"),
                payload.getBytes(StandardCharsets.UTF_8),
                QoS.AT_LEAST_ONCE,
                false,
                Properties.NONE,
                "publisher",
                ApplicationMessage.NEVER);
        long at = store.append(new SessionRecord.Stored(-1, 0, 0, 0, message));
        store.append(new SessionRecord.Queued(session, at, number, message.weight(), 1, false, null, null));
    }

    private static List<String> exported(JournaledSessions from) throws IOException {
        List<String> found = new ArrayList<>();
        from.export(new StoreOperations.Exported() {
            @Override
            public void session(long position, SessionRecord record) {
                boolean stored = record instanceof SessionRecord.Stored;
                found.add(
                        stored
                                ? new String(
                                        ((SessionRecord.Stored) record)
                                                .message()
                                                .payload(),
                                        StandardCharsets.UTF_8)
                                : record.getClass().getSimpleName());
            }

            @Override
            public void retained(ApplicationMessage message) {
                throw new AssertionError(message);
            }
        });
        return found;
    }

    private void play() {
        for (int i = 1; i <= 3; i++) queue(i, "m" + i);
        store.append(new SessionRecord.Finished(session, 1));
    }

    @Test
    void exportsWhatIsStillNeededMessagesFirst() throws IOException {
        play();
        assertThat(exported(store))
                .containsExactly("m2", "m3", "Started", "Connected", "Subscribed", "Queued", "Queued");
    }

    @Test
    void exportsTheSameAfterCompaction() throws IOException {
        play();
        List<String> before = exported(store);
        for (int i = 4; i < 1_000; i++) {
            queue(i, "x".repeat(1_000));
            store.append(new SessionRecord.Finished(session, i));
        }
        // To verify it waits until all is written.
        store.verify();
        assertThat(store.bytes()).isGreaterThan(900_000);
        store.compact();
        assertThat(store.bytes()).isLessThan(10_000);
        assertThat(exported(store)).isEqualTo(before);
    }

    @Test
    void aBackupIsAStoreOfItsOwnWhileThisOneGoesOn() throws IOException {
        play();
        store.compact();
        queue(4, "m4");
        Path copy = temporary.resolve("copy");
        store.backup(copy);
        queue(5, "later");
        JournaledSessions opened = open(copy);
        try {
            assertThat(exported(opened)).contains("m2", "m3", "m4").doesNotContain("later");
        } finally {
            opened.close();
        }
        assertThatThrownBy(() -> store.backup(copy))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("already");
    }

    @Test
    void verifyNamesTheFileThatIsDamaged() throws IOException {
        play();
        store.compact();
        assertThat(store.verify()).isEmpty();
        Path messages;
        try (Stream<Path> files = Files.list(folder)) {
            messages = files.filter(file -> file.getFileName().toString().startsWith("messages-"))
                    .findFirst()
                    .orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(messages.toFile(), "rw")) {
            file.seek(40);
            file.write(0x55);
        }
        assertThat(store.verify()).hasSize(1);
        assertThat(store.verify().get(0)).contains(messages.getFileName().toString(), "damaged");
    }
}
