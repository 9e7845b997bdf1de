// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.journal.FolderDisk;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TornWritesTest {
    private static final String NAME = "journal-0000000000000001";
    private static final int SYNCED = 5_000;
    private static final int SIZE = 6_000;

    @TempDir
    Path parent;

    private byte[] write(Path folder) throws Exception {
        byte[] bytes = new byte[SIZE];
        new Random(1).nextBytes(bytes);
        try (WatchedDisk disk = new WatchedDisk(FolderDisk.open(folder), SyncedMark.of(folder), 0, () -> {});
                WatchedDisk.OpenFile file = disk.open(NAME)) {
            file.write(0, ByteBuffer.wrap(bytes, 0, SYNCED));
            file.sync();
            file.write(SYNCED, ByteBuffer.wrap(bytes, SYNCED, SIZE - SYNCED));
        }
        return bytes;
    }

    @Test
    void tearsNothingThatWasSynced() throws Exception {
        int changed = 0;
        for (int seed = 0; seed < 50; seed++) {
            Path folder = parent.resolve("store-" + seed);
            byte[] bytes = write(folder);
            TornWrites.tear(folder, new Random(seed));
            byte[] torn = Files.readAllBytes(folder.resolve(NAME));
            assertThat(Arrays.copyOf(torn, SYNCED)).isEqualTo(Arrays.copyOf(bytes, SYNCED));
            if (!Arrays.equals(torn, bytes)) changed++;
        }
        assertThat(changed).isGreaterThan(40);
    }

    @Test
    void mayTakeAFileOfWhichNothingWasSynced() throws Exception {
        int gone = 0;
        for (int seed = 0; seed < 50; seed++) {
            Path folder = parent.resolve("store-" + seed);
            Files.createDirectories(folder);
            Files.write(folder.resolve(NAME), new byte[SIZE]);
            TornWrites.tear(folder, new Random(seed));
            if (!Files.exists(folder.resolve(NAME))) gone++;
        }
        assertThat(gone).isBetween(5, 45);
    }
}
