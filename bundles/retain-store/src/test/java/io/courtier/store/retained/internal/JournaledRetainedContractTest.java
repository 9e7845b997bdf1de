// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import io.courtier.journal.Disk;
import io.courtier.journal.FolderDisk;
import io.courtier.journal.JournalSettings;
import io.courtier.journal.MemoryDisk;
import io.courtier.spi.store.RetainStore;
import io.courtier.store.RetainStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

class JournaledRetainedContractTest {
    static final long NOW = 1_800_000_000_000L;
    static final JournalSettings SMALL = new JournalSettings(4_000, 100 << 20, 0, JournalSettings.Sync.COMMIT, 0);

    static JournaledRetained open(Disk disk) throws IOException {
        return JournaledRetained.open(disk, SMALL, 1 << 20, () -> NOW, 0);
    }

    @Nested
    class InMemory extends RetainStoreContract {
        private final MemoryDisk disk = new MemoryDisk();

        @Override
        protected RetainStore open() throws Exception {
            return JournaledRetainedContractTest.open(disk);
        }

        @Override
        protected void close(RetainStore store) throws Exception {
            ((JournaledRetained) store).close();
        }
    }

    @Nested
    class FoldedAtEachEnd extends RetainStoreContract {
        private final MemoryDisk disk = new MemoryDisk();

        @Override
        protected RetainStore open() throws Exception {
            return JournaledRetainedContractTest.open(disk);
        }

        @Override
        protected void close(RetainStore store) throws Exception {
            ((JournaledRetained) store).fold();
            ((JournaledRetained) store).close();
        }
    }

    @Nested
    class InAFolderThatIsFoldedInTheBackground extends RetainStoreContract {
        @TempDir
        Path folder;

        @Override
        protected RetainStore open() throws Exception {
            return JournaledRetained.open(FolderDisk.open(folder.resolve("retained")), SMALL, 500, () -> NOW, 3);
        }

        @Override
        protected void close(RetainStore store) throws Exception {
            ((JournaledRetained) store).close();
        }
    }
}
