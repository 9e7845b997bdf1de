// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.sessions.internal;

import io.courtier.journal.FolderDisk;
import io.courtier.journal.JournalSettings;
import io.courtier.journal.MemoryDisk;
import io.courtier.spi.store.SessionStore;
import io.courtier.store.SessionStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

class JournaledSessionsContractTest {
    static final JournalSettings SMALL = new JournalSettings(4_000, 1 << 20, 0, JournalSettings.Sync.COMMIT, 0);

    @Nested
    class InMemory extends SessionStoreContract {
        private final MemoryDisk disk = new MemoryDisk();

        @Override
        protected SessionStore open() throws Exception {
            return JournaledSessions.open(disk, SMALL, 1 << 20, 0);
        }

        @Override
        protected void close(SessionStore store) throws Exception {
            ((JournaledSessions) store).close();
        }
    }

    @Nested
    class FoldedAtEachEnd extends SessionStoreContract {
        private final MemoryDisk disk = new MemoryDisk();

        @Override
        protected SessionStore open() throws Exception {
            return JournaledSessions.open(disk, SMALL, 1 << 20, 0);
        }

        @Override
        protected void close(SessionStore store) throws Exception {
            ((JournaledSessions) store).fold();
            ((JournaledSessions) store).close();
        }
    }

    @Nested
    class InAFolderThatIsFoldedInTheBackground extends SessionStoreContract {
        @TempDir
        Path folder;

        @Override
        protected SessionStore open() throws Exception {
            return JournaledSessions.open(FolderDisk.open(folder.resolve("sessions")), SMALL, 500, 3);
        }

        @Override
        protected void close(SessionStore store) throws Exception {
            ((JournaledSessions) store).close();
        }
    }
}
