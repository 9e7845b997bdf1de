// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.journal.FolderDisk;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.StoreOperations;
import io.courtier.store.RetainStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people do with a store of retained messages while it runs: in a real folder. */
class RetainedOperationsTest {
    @TempDir
    Path temporary;

    private Path folder;
    private JournaledRetained store;

    @BeforeEach
    void openWithMessages() throws IOException {
        folder = temporary.resolve("retained");
        store = JournaledRetainedContractTest.open(FolderDisk.open(folder));
        append("table", 1);
        append("both", 1);
        append("gone", 1);
        store.compact();
        append("both", 2);
        append("journal", 2);
        append("gone", 0);
    }

    private void append(String topic, int bytes) {
        store.append(RetainStoreContract.message(topic, new byte[bytes]));
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private static Map<String, Integer> exported(StoreOperations from) throws IOException {
        Map<String, Integer> found = new TreeMap<>();
        from.export(new StoreOperations.Exported() {
            @Override
            public void session(long position, SessionRecord record) {
                throw new AssertionError(record);
            }

            @Override
            public void retained(ApplicationMessage message) {
                found.put(message.topic().toString(), message.payload().length);
            }
        });
        return found;
    }

    @Test
    void exportsWhatIsKeptOnce() throws IOException {
        Map<String, Integer> kept = Map.of("table", 1, "both", 2, "journal", 2);
        assertThat(exported(store)).isEqualTo(kept);
        store.compact();
        assertThat(exported(store)).isEqualTo(kept);
    }

    @Test
    void aBackupIsAStoreOfItsOwnWhileThisOneGoesOn() throws IOException {
        Path copy = temporary.resolve("copy");
        store.backup(copy);
        append("later", 1);
        try (JournaledRetained opened = JournaledRetainedContractTest.open(FolderDisk.open(copy))) {
            assertThat(exported(opened)).containsOnlyKeys("table", "both", "journal");
        }
        assertThatThrownBy(() -> store.backup(copy))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("already");
    }

    @Test
    void verifyNamesTheFileThatIsDamaged() throws IOException {
        assertThat(store.verify()).isEmpty();
        Path table;
        try (var files = Files.list(folder)) {
            table = files.filter(file -> file.getFileName().toString().startsWith("retained-"))
                    .findAny()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(table);
        bytes[400] ^= 1;
        Files.write(table, bytes);
        assertThat(store.verify()).singleElement().asString().startsWith(table.getFileName() + " is damaged");
    }
}
