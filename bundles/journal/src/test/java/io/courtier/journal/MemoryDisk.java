// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A folder in memory that tells what was synced from what was not: {@link #afterCrash} is what a power cut leaves, {@link
 * #afterKill} what the end of the process alone leaves. Names change in order, as journaling file systems have it; the
 * bytes of a file that were not synced may be there or not, each write for itself, and one of them in part.
 */
public final class MemoryDisk implements Disk {
    private static final int PAGE = 4_096;
    private static final int SECTOR = 512;
    private static final String WHERE = "memory";

    /** A change of a file: bytes from an offset on, or, where there are none, its length. */
    private record Change(long at, byte[] bytes) {
        int size() {
            return bytes == null ? 0 : bytes.length;
        }
    }

    /** Bytes of a file, with room behind them, so that appending costs little. */
    private static final class Growing {
        byte[] bytes;
        int length;

        Growing(byte[] bytes) {
            this.bytes = bytes;
            length = bytes.length;
        }

        void apply(Change change, int count) {
            int end = (int) change.at + count;
            if (end > bytes.length) bytes = Arrays.copyOf(bytes, end + end / 4);
            if (change.bytes != null) {
                System.arraycopy(change.bytes, 0, bytes, (int) change.at, count);
                length = Math.max(length, end);
            } else if (end < length) {
                Arrays.fill(bytes, end, length, (byte) 0);
                length = end;
            }
        }

        byte[] copy() {
            return Arrays.copyOf(bytes, length);
        }
    }

    private static final class Content {
        Growing now;
        Growing durable;
        List<Change> unsynced = new ArrayList<>();

        Content(byte[] now, byte[] durable) {
            this.now = new Growing(now);
            this.durable = new Growing(durable);
        }
    }

    private Map<String, Content> names = new LinkedHashMap<>();
    /** What the names were after each change since they were last synced, and before the first. */
    private final List<Map<String, Content>> unsyncedNames = new ArrayList<>(List.of(Map.of()));

    private long free = Long.MAX_VALUE;
    private Consumer<String> watcher = operation -> {};
    private boolean watching;

    /** What the next start finds after a power cut. */
    public synchronized MemoryDisk afterCrash(Random random) {
        MemoryDisk next = new MemoryDisk();
        Map<String, Content> kept = unsyncedNames.get(random.nextInt(unsyncedNames.size()));
        kept.forEach((name, content) -> next.put(name, crashed(content, random)));
        next.unsyncedNames.clear();
        next.unsyncedNames.add(new LinkedHashMap<>(next.names));
        return next;
    }

    /** What the next start finds after the end of the process: all of it, and what was not synced still is not. */
    public synchronized MemoryDisk afterKill() {
        MemoryDisk next = new MemoryDisk();
        Map<Content, Content> copies = new java.util.IdentityHashMap<>();
        for (Map<String, Content> each : unsyncedNames) {
            Map<String, Content> copy = new LinkedHashMap<>();
            each.forEach((name, content) -> copy.put(name, copies.computeIfAbsent(content, MemoryDisk::copy)));
            next.unsyncedNames.add(copy);
        }
        next.unsyncedNames.remove(0);
        next.names = new LinkedHashMap<>(next.unsyncedNames.get(next.unsyncedNames.size() - 1));
        return next;
    }

    private static Content copy(Content of) {
        Content copy = new Content(of.now.copy(), of.durable.copy());
        copy.unsynced.addAll(of.unsynced);
        return copy;
    }

    private static Content crashed(Content content, Random random) {
        Growing left = new Growing(content.durable.copy());
        int count = content.unsynced.size();
        int last = random.nextInt(count + 1);
        boolean inOrder = random.nextBoolean();
        for (int i = 0; i < count; i++) {
            Change change = content.unsynced.get(i);
            boolean isThere = inOrder ? i < last : random.nextBoolean();
            boolean torn = inOrder ? i == last : random.nextInt(8) == 0;
            if (isThere) left.apply(change, change.size());
            else if (torn && change.bytes != null) tear(change, left, random);
        }
        byte[] bytes = left.copy();
        // A file that was growing may have got its length before its bytes.
        if (count > 0 && random.nextInt(4) == 0) bytes = withGarbage(bytes, random.nextInt(PAGE), random);
        return new Content(bytes, bytes.clone());
    }

    /** A write that was under way: up to some byte, or some of its sectors. */
    private static void tear(Change change, Growing into, Random random) {
        if (random.nextBoolean()) {
            into.apply(change, random.nextInt(change.size() + 1));
            return;
        }
        for (int from = 0; from < change.size(); from += SECTOR) {
            if (random.nextInt(3) == 0) continue;
            int to = Math.min(from + SECTOR, change.size());
            into.apply(new Change(change.at + from, Arrays.copyOfRange(change.bytes, from, to)), to - from);
        }
    }

    private static byte[] withGarbage(byte[] bytes, int count, Random random) {
        byte[] garbage = new byte[count];
        if (random.nextBoolean()) random.nextBytes(garbage);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + count);
        System.arraycopy(garbage, 0, longer, bytes.length, count);
        return longer;
    }

    /** Puts bytes behind a file, as if they had always been there. */
    public synchronized void appendGarbage(String name, int count, Random random) {
        bytes(name, withGarbage(bytes(name), count, random));
    }

    public synchronized byte[] bytes(String name) {
        return names.get(name).now.copy();
    }

    /** Makes a file what it should never be, durably. */
    public synchronized void bytes(String name, byte[] bytes) {
        Content content = names.get(name);
        content.now = new Growing(bytes.clone());
        content.durable = new Growing(bytes.clone());
        content.unsynced.clear();
    }

    /** Is told what is about to be changed or synced, in the thread that does it. */
    public synchronized void watch(Consumer<String> watcher) {
        this.watcher = watcher;
    }

    public synchronized void free(long bytes) {
        free = bytes;
    }

    private void tell(String operation) {
        if (watching) return;
        watching = true;
        try {
            watcher.accept(operation);
        } finally {
            watching = false;
        }
    }

    private void put(String name, Content content) {
        names.put(name, content);
    }

    private void namesChanged() {
        unsyncedNames.add(new LinkedHashMap<>(names));
    }

    @Override
    public synchronized List<String> list() {
        return new ArrayList<>(names.keySet());
    }

    @Override
    public synchronized OpenFile open(String name) {
        Content content = names.get(name);
        if (content == null) {
            tell("make " + name);
            content = new Content(new byte[0], new byte[0]);
            put(name, content);
            namesChanged();
        }
        return new MemoryFile(name, content);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        tell("rename " + from);
        Content content = names.remove(from);
        if (content == null) throw new IOException(from + " is not there");
        put(to, content);
        namesChanged();
    }

    @Override
    public synchronized void delete(String name) {
        if (!names.containsKey(name)) return;
        tell("delete " + name);
        names.remove(name);
        namesChanged();
    }

    @Override
    public synchronized void syncNames() {
        tell("sync names");
        unsyncedNames.clear();
        unsyncedNames.add(new LinkedHashMap<>(names));
    }

    @Override
    public synchronized long freeBytes() {
        return free;
    }

    @Override
    public String where() {
        return WHERE;
    }

    @Override
    public void close() {}

    final class MemoryFile implements OpenFile {
        private final String name;
        private final Content content;
        private boolean closed;

        MemoryFile(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        private void mustBeOpen() throws IOException {
            if (closed) throw new ClosedChannelException();
        }

        @Override
        public long size() throws IOException {
            synchronized (MemoryDisk.this) {
                mustBeOpen();
                return content.now.length;
            }
        }

        @Override
        public void write(long at, ByteBuffer from) throws IOException {
            synchronized (MemoryDisk.this) {
                mustBeOpen();
                tell("write " + name);
                byte[] bytes = new byte[from.remaining()];
                from.get(bytes);
                Change change = new Change(at, bytes);
                content.now.apply(change, bytes.length);
                content.unsynced.add(change);
            }
        }

        @Override
        public void read(long at, ByteBuffer into) throws IOException {
            synchronized (MemoryDisk.this) {
                mustBeOpen();
                int count = (int) Math.min(into.remaining(), content.now.length - at);
                if (count > 0) into.put(content.now.bytes, (int) at, count);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (MemoryDisk.this) {
                mustBeOpen();
                if (size >= content.now.length) return;
                tell("truncate " + name);
                Change change = new Change(size, null);
                content.now.apply(change, 0);
                content.unsynced.add(change);
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (MemoryDisk.this) {
                mustBeOpen();
                tell("sync " + name);
                for (Change change : content.unsynced) content.durable.apply(change, change.size());
                content.unsynced.clear();
            }
        }

        /** As systems do: what could not be written is not tried again by the next sync. */
        void syncFails() {
            synchronized (MemoryDisk.this) {
                content.unsynced.clear();
            }
        }

        @Override
        public void close() {
            synchronized (MemoryDisk.this) {
                closed = true;
            }
        }
    }
}
