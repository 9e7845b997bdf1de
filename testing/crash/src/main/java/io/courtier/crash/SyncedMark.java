// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How far the journal was synced, as a position, beside the folder of the store: in memory that is the system's, so that it
 * outlives a broker that is killed, to the last instruction.
 */
final class SyncedMark {
    private final MappedByteBuffer memory;

    private SyncedMark(MappedByteBuffer memory) {
        this.memory = memory;
    }

    static SyncedMark of(Path folder) throws IOException {
        try (FileChannel file = FileChannel.open(
                fileOf(folder), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new SyncedMark(file.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
        }
    }

    /** The position behind the last byte of the journal that a power cut would leave; 0 where there never was one. */
    static long read(Path folder) throws IOException {
        return Files.exists(fileOf(folder)) ? of(folder).memory.getLong(0) : 0;
    }

    private static Path fileOf(Path folder) {
        return folder.resolveSibling(folder.getFileName() + ".synced");
    }

    synchronized void raise(long position) {
        if (position > memory.getLong(0)) memory.putLong(0, position);
    }
}
