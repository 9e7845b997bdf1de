// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import io.courtier.journal.Disk;
import io.courtier.journal.FolderDisk;
import io.courtier.journal.Folding;
import io.courtier.journal.Journal;
import io.courtier.journal.JournalSettings;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.StoreOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store of retained messages in the files of one folder: every message goes to a journal; when that has grown long enough,
 * what its records came to is written as a {@link RetainedTable}, in the background, and the journal before it is deleted.
 */
public final class JournaledRetained implements RetainStore, StoreOperations, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournaledRetained.class);
    /** Builders that grew larger are not kept. */
    private static final int SCRATCH_MAX = 1 << 20;

    private final Disk disk;
    private final Journal journal;
    private final long foldBytes;
    private final LongSupplier epochMillis;
    private final Folding folding;
    private final ThreadLocal<ByteBuilder> scratch = ThreadLocal.withInitial(() -> new ByteBuilder(1_024));
    private volatile RetainedTable table;

    private JournaledRetained(
            Disk disk,
            Journal journal,
            RetainedTable table,
            long foldBytes,
            LongSupplier epochMillis,
            long lookMillis) {
        this.disk = disk;
        this.journal = journal;
        this.table = table;
        this.foldBytes = foldBytes;
        this.epochMillis = epochMillis;
        folding = new Folding("courtier-retained-fold", disk.where(), this::isDue, this::fold, lookMillis);
    }

    /**
     * Opens the store of a folder, which it closes in the end.
     *
     * @param foldBytes a journal longer than this, and than the table, is folded into another table
     * @param epochMillis the clock by which messages expire
     * @throws IOException where it cannot be read, or a later version wrote it; the message is for people
     */
    public static JournaledRetained open(Disk disk, JournalSettings settings, long foldBytes, LongSupplier epochMillis)
            throws IOException {
        return open(disk, settings, foldBytes, epochMillis, 1_000);
    }

    /** @param lookMillis how often it is looked whether the journal is long enough; 0: never */
    public static JournaledRetained open(
            Disk disk, JournalSettings settings, long foldBytes, LongSupplier epochMillis, long lookMillis)
            throws IOException {
        RetainedTable table = RetainedTable.open(disk);
        try {
            Journal journal = Journal.open(
                    disk,
                    "courtier-retained-write",
                    settings,
                    table.base,
                    (position, bytes, offset, length) -> RetainedRecord.read(bytes, offset, length));
            JournaledRetained store = new JournaledRetained(disk, journal, table, foldBytes, epochMillis, lookMillis);
            store.folding.start();
            return store;
        } catch (IOException | RuntimeException e) {
            table.close();
            throw e;
        }
    }

    // ---- RetainStore

    @Override
    public synchronized void replay(Consumer<ApplicationMessage> visitor) {
        try {
            forEach(Long.MAX_VALUE, visitor::accept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long append(ApplicationMessage message) {
        ByteBuilder bytes = scratch.get();
        bytes.clear();
        RetainedRecord.write(message, bytes);
        long position = journal.append(bytes.array(), 0, bytes.length());
        if (bytes.array().length > SCRATCH_MAX) scratch.remove();
        return position;
    }

    @Override
    public long durablePosition() {
        return journal.durablePosition();
    }

    @Override
    public void onDurable(Runnable task) {
        journal.onDurable(task);
    }

    @Override
    public @Nullable Trouble trouble() {
        return journal.trouble();
    }

    // ---- what the journal comes to

    /** The position of the last record of each topic that the journal has. */
    private static final class Changes {
        final TreeMap<byte[], Long> last = new TreeMap<>(Arrays::compareUnsigned);

        /** In their order in the journal. */
        long[] positions() {
            return last.values().stream().mapToLong(each -> each).sorted().toArray();
        }
    }

    /** Takes messages that are kept. */
    private interface Visitor {
        void message(ApplicationMessage message) throws IOException;
    }

    /** Gives each message that is kept, by all records before a position. */
    private void forEach(long before, Visitor visitor) throws IOException {
        Changes changes = changes(before);
        table.forEach((topic, bytes) -> {
            if (changes.last.containsKey(topic)) return;
            ApplicationMessage message =
                    RetainedRecord.read(bytes, 0, bytes.length).message();
            if (message != null) visitor.message(message);
        });
        long[] positions = changes.positions();
        int[] next = {0};
        journal.replay(table.base, before, (position, bytes, offset, length) -> {
            if (next[0] == positions.length || positions[next[0]] != position) return;
            next[0]++;
            ApplicationMessage message =
                    RetainedRecord.read(bytes, offset, length).message();
            if (message != null) visitor.message(message);
        });
    }

    private Changes changes(long before) throws IOException {
        Changes changes = new Changes();
        journal.replay(
                table.base,
                before,
                (position, bytes, offset, length) -> changes.last.put(
                        RetainedRecord.read(bytes, offset, length).topic(), position));
        return changes;
    }

    private byte[] bytes(long position) throws IOException {
        byte[] bytes = journal.read(position);
        if (bytes == null) throw new IOException("the record at " + position + " cannot be read any more");
        return bytes;
    }

    // ---- folding

    private boolean isDue() {
        return journal.bytes() > Math.max(foldBytes, table.bytes()) || journal.isDamaged() || table.isDamaged();
    }

    /** Writes what all records up to now came to as another table, and gives the journal before it up. */
    synchronized void fold() throws IOException {
        long startNanos = System.nanoTime();
        long base = folding.rolled(journal);
        RetainedTable before = table;
        Changes changes = changes(base);
        folding.mayGoOn();
        RetainedTable next = RetainedTable.write(disk, base, to -> merge(before, changes, to));
        table = next;
        try {
            journal.forget(base);
        } finally {
            before.delete();
        }
        LOG.debug(
                "{}: {} changes folded in {} ms",
                disk.where(),
                changes.last.size(),
                (System.nanoTime() - startNanos) / 1_000_000);
    }

    /** Gives what was kept before and what changed in one order: of a topic that has both, what changed. */
    private void merge(RetainedTable before, Changes changes, RetainedTable.Visitor to) throws IOException {
        long nowMillis = epochMillis.getAsLong();
        Iterator<Map.Entry<byte[], Long>> changed = changes.last.entrySet().iterator();
        Cursor cursor = new Cursor(changed);
        before.forEach((topic, bytes) -> {
            folding.mayGoOn();
            while (cursor.isBefore(topic)) give(cursor.take(), nowMillis, to);
            if (!cursor.isAt(topic)) give(bytes, nowMillis, to);
        });
        while (cursor.next != null) give(cursor.take(), nowMillis, to);
    }

    private void give(long position, long nowMillis, RetainedTable.Visitor to) throws IOException {
        folding.mayGoOn();
        give(bytes(position), nowMillis, to);
    }

    private static void give(byte[] bytes, long nowMillis, RetainedTable.Visitor to) throws IOException {
        RetainedRecord record = RetainedRecord.read(bytes, 0, bytes.length);
        ApplicationMessage message = record.message();
        if (message != null && !message.isExpired(nowMillis)) to.record(record.topic(), bytes);
    }

    /** Where one is among the changes. */
    private static final class Cursor {
        private final Iterator<Map.Entry<byte[], Long>> changes;
        Map.@Nullable Entry<byte[], Long> next;

        Cursor(Iterator<Map.Entry<byte[], Long>> changes) {
            this.changes = changes;
            next = changes.hasNext() ? changes.next() : null;
        }

        boolean isBefore(byte[] topic) {
            return next != null && Arrays.compareUnsigned(next.getKey(), topic) < 0;
        }

        boolean isAt(byte[] topic) {
            return next != null && Arrays.equals(next.getKey(), topic);
        }

        long take() {
            Map.Entry<byte[], Long> taken = next;
            if (taken == null) throw new IllegalStateException("no more changes");
            next = changes.hasNext() ? changes.next() : null;
            return taken.getValue();
        }
    }

    // ---- StoreOperations

    @Override
    public String name() {
        return "retained";
    }

    @Override
    public String where() {
        return disk.where();
    }

    @Override
    public long bytes() {
        return journal.bytes() + table.bytes();
    }

    @Override
    public synchronized List<String> verify() throws IOException {
        long base = folding.rolled(journal);
        List<String> wrong = new ArrayList<>(table.verify());
        wrong.addAll(journal.verify(base));
        return wrong;
    }

    @Override
    public void compact() throws IOException {
        fold();
    }

    @Override
    public synchronized void backup(Path folder) throws IOException {
        long base = folding.rolled(journal);
        FolderDisk.copy(disk, folder, name -> table.owns(name) || journal.owns(name, base));
    }

    @Override
    public synchronized void export(Exported to) throws IOException {
        forEach(folding.rolled(journal), to::retained);
    }

    /** Writes what is to be written, and lets go of the folder. */
    @Override
    public void close() throws IOException {
        folding.close();
        journal.close();
        table.close();
        disk.close();
    }
}
