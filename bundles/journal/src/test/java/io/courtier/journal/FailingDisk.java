// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A disk in memory of which one operation of a kind fails: a write after half of it was written. */
public final class FailingDisk implements Disk {
    /** What may fail. */
    public enum Operation {
        LIST,
        OPEN,
        SIZE,
        READ,
        WRITE,
        TRUNCATE,
        SYNC,
        RENAME,
        DELETE,
        SYNC_NAMES,
        FREE_BYTES
    }

    public static final String FULL = "No space left on device";
    public static final String BROKEN = "Input/output error";

    private final MemoryDisk disk;
    private final Map<Operation, Integer> counts = new EnumMap<>(Operation.class);
    private Operation failing;
    private int countdown;
    private boolean once;
    private String message = BROKEN;
    private boolean failed;

    public FailingDisk(MemoryDisk disk) {
        this.disk = disk;
    }

    /** Lets an operation fail once: the first from now on is number 1. */
    public synchronized void fail(Operation operation, int number, String message) {
        failing = operation;
        countdown = number;
        this.message = message;
        once = true;
        failed = false;
    }

    /** Lets an operation fail each time until {@link #heal}. */
    public synchronized void failAlways(Operation operation, String message) {
        fail(operation, 1, message);
        once = false;
    }

    public synchronized void heal() {
        failing = null;
    }

    /** Whether the operation came, and failed. */
    public synchronized boolean hasFailed() {
        return failed;
    }

    /** How often there was such an operation. */
    public synchronized int count(Operation operation) {
        return counts.getOrDefault(operation, 0);
    }

    private synchronized boolean fails(Operation operation) {
        counts.merge(operation, 1, Integer::sum);
        if (operation != failing || --countdown > 0) return false;
        if (once) failing = null;
        failed = true;
        return true;
    }

    private void mayFail(Operation operation) throws IOException {
        if (fails(operation)) throw new IOException(message);
    }

    @Override
    public List<String> list() throws IOException {
        mayFail(Operation.LIST);
        return disk.list();
    }

    @Override
    public OpenFile open(String name) throws IOException {
        mayFail(Operation.OPEN);
        return new FailingFile((MemoryDisk.MemoryFile) disk.open(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        mayFail(Operation.RENAME);
        disk.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        mayFail(Operation.DELETE);
        disk.delete(name);
    }

    @Override
    public void syncNames() throws IOException {
        mayFail(Operation.SYNC_NAMES);
        disk.syncNames();
    }

    @Override
    public long freeBytes() throws IOException {
        mayFail(Operation.FREE_BYTES);
        return disk.freeBytes();
    }

    @Override
    public String where() {
        return disk.where();
    }

    @Override
    public void close() {
        disk.close();
    }

    private final class FailingFile implements OpenFile {
        private final MemoryDisk.MemoryFile file;

        FailingFile(MemoryDisk.MemoryFile file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            mayFail(Operation.SIZE);
            return file.size();
        }

        @Override
        public void write(long at, ByteBuffer bytes) throws IOException {
            if (fails(Operation.WRITE)) {
                file.write(at, bytes.slice().limit(bytes.remaining() / 2));
                throw new IOException(message);
            }
            file.write(at, bytes);
        }

        @Override
        public void read(long at, ByteBuffer into) throws IOException {
            mayFail(Operation.READ);
            file.read(at, into);
        }

        @Override
        public void truncate(long size) throws IOException {
            mayFail(Operation.TRUNCATE);
            file.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            if (fails(Operation.SYNC)) {
                file.syncFails();
                throw new IOException(message);
            }
            file.sync();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
