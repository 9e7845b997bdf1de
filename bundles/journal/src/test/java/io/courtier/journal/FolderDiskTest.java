// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderDiskTest {
    @TempDir
    Path folder;

    @Test
    void belongsToOneBrokerAtATime() throws Exception {
        Path data = folder.resolve("store/sessions");
        try (FolderDisk disk = FolderDisk.open(data)) {
            assertThat(disk.list()).isEmpty();
            assertThatThrownBy(() -> FolderDisk.open(data))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            data + " belongs to another broker that runs: stop it, or give this one another --data");
        }
        FolderDisk.open(data).close();
    }

    @Test
    void isForNobodyElseToRead() throws Exception {
        Path data = folder.resolve("store/sessions");
        FolderDisk.open(data).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");
    }

    @Test
    void saysWhereItCannotBeMade() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> FolderDisk.open(file.resolve("store"))).isInstanceOf(IOException.class);
    }

    @Test
    void keepsAJournal() throws Exception {
        Records records = new Records(new Random(9));
        long base;
        try (FolderDisk disk = FolderDisk.open(folder);
                Journal journal = Records.open(disk)) {
            assertThat(disk.freeBytes()).isPositive();
            assertThat(disk.where()).isEqualTo(folder.toString());
            records.store(journal, 200);
            base = journal.roll();
            records.store(journal, 20);
            journal.forget(base);
        }
        try (FolderDisk disk = FolderDisk.open(folder)) {
            disk.delete("no such file");
            assertThat(disk.list()).doesNotContain("lock");
            TreeMap<Long, byte[]> found = Records.recover(disk, base);
            assertThat(found.keySet()).isEqualTo(records.appended.tailMap(base).keySet());
            records.assertKept(found, base, Long.MAX_VALUE);
        }
    }
}
