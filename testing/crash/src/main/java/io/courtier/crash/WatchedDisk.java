// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.journal.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A disk that tells what is done to it: how far the journal is synced, so that whoever tears a file knows what may not be
 * torn, and when a fold begins. It may be slow to write.
 */
final class WatchedDisk implements Disk {
    private static final String JOURNAL = "journal-";
    private static final String UNFINISHED = ".new";

    private final Disk disk;
    private final SyncedMark synced;
    private final int slowMillis;
    private final Runnable onFold;

    /**
     * @param slowMillis how long each write to a file of the journal, and each sync, waits before it is done
     * @param onFold runs when a file of another snapshot is made
     */
    WatchedDisk(Disk disk, SyncedMark synced, int slowMillis, Runnable onFold) {
        this.disk = disk;
        this.synced = synced;
        this.slowMillis = slowMillis;
        this.onFold = onFold;
    }

    @Override
    public OpenFile open(String name) throws IOException {
        if (name.endsWith(UNFINISHED)) onFold.run();
        OpenFile file = disk.open(name);
        if (!name.startsWith(JOURNAL) || name.length() != JOURNAL.length() + 16) return file;
        return new JournalFile(file, Long.parseUnsignedLong(name, JOURNAL.length(), name.length(), 16));
    }

    @Override
    public List<String> list() throws IOException {
        return disk.list();
    }

    @Override
    public void rename(String from, String to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        disk.delete(name);
    }

    @Override
    public void syncNames() throws IOException {
        disk.syncNames();
    }

    @Override
    public long freeBytes() throws IOException {
        return disk.freeBytes();
    }

    @Override
    public String where() {
        return disk.where();
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }

    /** Written by one thread, as all files of a disk are. */
    private final class JournalFile implements OpenFile {
        private final OpenFile file;
        private final long base;

        JournalFile(OpenFile file, long base) {
            this.file = file;
            this.base = base;
        }

        @Override
        public void write(long at, ByteBuffer bytes) throws IOException {
            idle();
            file.write(at, bytes);
        }

        @Override
        public void sync() throws IOException {
            idle();
            long end = file.size();
            file.sync();
            // Before anybody is told: the mark is never behind what was promised.
            synced.raise(base + end);
        }

        private void idle() {
            if (slowMillis > 0) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(slowMillis));
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void read(long at, ByteBuffer into) throws IOException {
            file.read(at, into);
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
