// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.sessions.internal;

import io.courtier.journal.Disk;
import io.courtier.journal.FolderDisk;
import io.courtier.journal.Folding;
import io.courtier.journal.Journal;
import io.courtier.journal.JournalSettings;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.MalformedPacketException;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionRecords;
import io.courtier.spi.store.SessionStore;
import io.courtier.spi.store.StoreOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session store in the files of one folder: every record goes to a journal; when that has grown long enough, what its
 * records came to is written as a {@link Snapshot}, in the background, and the journal before it is deleted.
 */
public final class JournaledSessions implements SessionStore, StoreOperations, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournaledSessions.class);
    /** Builders that grew larger are not kept. */
    private static final int SCRATCH_MAX = 1 << 20;

    private final Disk disk;
    private final Journal journal;
    private final long foldBytes;
    private final ExecutorService reader = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "courtier-sessions-read");
        thread.setDaemon(true);
        return thread;
    });
    private final Folding folding;
    private final ThreadLocal<ByteBuilder> scratch = ThreadLocal.withInitial(() -> new ByteBuilder(1_024));
    private volatile Snapshot snapshot;
    private @Nullable SessionImage recovered;

    private JournaledSessions(
            Disk disk, Journal journal, Snapshot snapshot, SessionImage recovered, long foldBytes, long lookMillis) {
        this.disk = disk;
        this.journal = journal;
        this.snapshot = snapshot;
        this.recovered = recovered;
        this.foldBytes = foldBytes;
        folding = new Folding("courtier-sessions-fold", disk.where(), this::isDue, this::fold, lookMillis);
    }

    /**
     * Opens the store of a folder, which it closes in the end.
     *
     * @param foldBytes a journal longer than this, and than the snapshot, is folded into another snapshot
     * @throws IOException where it cannot be read, or a later version wrote it; the message is for people
     */
    public static JournaledSessions open(Disk disk, JournalSettings settings, long foldBytes) throws IOException {
        return open(disk, settings, foldBytes, 1_000);
    }

    /** @param lookMillis how often it is looked whether the journal is long enough; 0: never */
    public static JournaledSessions open(Disk disk, JournalSettings settings, long foldBytes, long lookMillis)
            throws IOException {
        SessionImage image = new SessionImage();
        Snapshot snapshot = Snapshot.open(disk);
        try {
            snapshot.replay(image);
            Journal journal = Journal.open(
                    disk,
                    "courtier-sessions-write",
                    settings,
                    snapshot.base,
                    (position, bytes, offset, length) -> image.record(position, record(bytes, offset, length)));
            JournaledSessions store = new JournaledSessions(disk, journal, snapshot, image, foldBytes, lookMillis);
            store.folding.start();
            return store;
        } catch (IOException | RuntimeException e) {
            snapshot.close();
            throw e;
        }
    }

    private static SessionRecord record(byte[] bytes, int offset, int length) throws IOException {
        try {
            return SessionRecords.read(bytes, offset, length);
        } catch (MalformedPacketException e) {
            throw new IOException("a record that this version does not know: " + e.getMessage(), e);
        }
    }

    // ---- SessionStore

    @Override
    public synchronized void replay(Visitor visitor) {
        SessionImage image = recovered;
        if (image == null) throw new IllegalStateException("replayed already");
        recovered = null;
        image.replay(visitor);
    }

    @Override
    public long append(SessionRecord record) {
        ByteBuilder bytes = scratch.get();
        bytes.clear();
        SessionRecords.write(record, bytes);
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

    @Override
    public void read(long[] wanted, Consumer<@Nullable ApplicationMessage[]> answer) {
        try {
            reader.execute(() -> answer.accept(read(wanted)));
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the store of " + disk.where() + " is closed", e);
        }
    }

    private @Nullable ApplicationMessage[] read(long[] wanted) {
        @Nullable ApplicationMessage[] found = new ApplicationMessage[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            try {
                found[i] = message(wanted[i]);
            } catch (IOException | MalformedPacketException e) {
                LOG.error("{}: the message at {} cannot be read: {}", disk.where(), wanted[i], e.getMessage());
            }
        }
        return found;
    }

    private @Nullable ApplicationMessage message(long position) throws IOException {
        byte[] bytes = bytes(position);
        if (bytes == null) return null;
        return SessionRecords.read(bytes, 0, bytes.length) instanceof SessionRecord.Stored stored
                ? stored.message()
                : null;
    }

    private byte @Nullable [] bytes(long position) throws IOException {
        while (true) {
            Snapshot before = snapshot;
            byte[] bytes = position < before.base ? null : journal.read(position);
            if (bytes != null) return bytes;
            // Between the two looks it may have been folded, or the snapshot given up.
            Snapshot now = snapshot;
            try {
                bytes = now.read(position);
                if (bytes != null || now == snapshot) return bytes;
            } catch (ClosedChannelException e) {
                if (now == snapshot) throw e;
            }
        }
    }

    // ---- folding

    private boolean isDue() {
        return journal.bytes() > Math.max(foldBytes, snapshot.bytes()) || journal.isDamaged() || snapshot.isDamaged();
    }

    /** Writes what all records up to now came to as another snapshot, and gives the journal before it up. */
    synchronized void fold() throws IOException {
        long startNanos = System.nanoTime();
        long base = folding.rolled(journal);
        Snapshot before = snapshot;
        SessionImage image = image(before, base);
        folding.mayGoOn();
        long[] needed = image.messages();
        Snapshot next = Snapshot.write(disk, base, new Snapshot.Content() {
            @Override
            public void messages(Snapshot.Messages to) throws IOException {
                Snapshot.Messages chosen = (position, bytes, at, length) -> {
                    folding.mayGoOn();
                    if (Arrays.binarySearch(needed, position) >= 0) to.message(position, bytes, at, length);
                };
                before.messages(chosen);
                journal.replay(before.base, base, chosen::message);
            }

            @Override
            public void state(FrameWriter to) throws IOException {
                ByteBuilder bytes = new ByteBuilder(1_024);
                unchecked(() -> image.replay((position, record) -> {
                    bytes.clear();
                    SessionRecords.write(record, bytes);
                    try {
                        to.write(position, bytes);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
            }
        });
        snapshot = next;
        try {
            journal.forget(base);
        } finally {
            before.delete();
        }
        LOG.debug(
                "{}: {} sessions and {} messages folded in {} ms",
                disk.where(),
                image.sessions().size(),
                needed.length,
                (System.nanoTime() - startNanos) / 1_000_000);
    }

    // ---- StoreOperations

    @Override
    public String name() {
        return "sessions";
    }

    @Override
    public String where() {
        return disk.where();
    }

    @Override
    public long bytes() {
        return journal.bytes() + snapshot.bytes();
    }

    @Override
    public synchronized List<String> verify() throws IOException {
        long base = folding.rolled(journal);
        List<String> wrong = new ArrayList<>(snapshot.verify());
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
        FolderDisk.copy(disk, folder, name -> snapshot.owns(name) || journal.owns(name, base));
    }

    @Override
    public synchronized void export(Exported to) throws IOException {
        long base = folding.rolled(journal);
        Snapshot before = snapshot;
        SessionImage image = image(before, base);
        long[] needed = image.messages();
        Snapshot.Messages messages = (position, bytes, at, length) -> {
            if (Arrays.binarySearch(needed, position) >= 0) to.session(position, record(bytes, at, length));
        };
        before.messages(messages);
        journal.replay(before.base, base, messages::message);
        unchecked(() -> image.replay((position, record) -> {
            try {
                to.session(position, record);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
    }

    private SessionImage image(Snapshot before, long base) throws IOException {
        SessionImage image = new SessionImage();
        before.replay(image);
        journal.replay(
                before.base, base, (position, bytes, at, length) -> image.record(position, record(bytes, at, length)));
        return image;
    }

    private static void unchecked(Runnable task) throws IOException {
        try {
            task.run();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Writes what is to be written, and lets go of the folder. */
    @Override
    public void close() throws IOException {
        folding.close();
        reader.shutdown();
        try {
            reader.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        journal.close();
        snapshot.close();
        disk.close();
    }
}
