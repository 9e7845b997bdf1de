// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import io.courtier.spi.store.DurableLog.Trouble;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records one behind the other, in files of some size. Many threads append, one writes: what gathers while the disk is busy
 * is written and synced in one go.
 *
 * <p>Where writing fails, the journal keeps what is not durable, says so ({@link #trouble}) and tries again, from the first
 * byte that is not durable, until it succeeds: a sync that failed says nothing about what is on the disk.
 */
public final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final long RETRY_MILLIS_MIN = 50;
    private static final long RETRY_MILLIS_MAX = 1_000;

    private final Segments segments;
    private final Disk disk;
    private final JournalSettings settings;
    private final Thread writer;

    private final Object lock = new Object();
    // Guarded by the lock.
    private List<Piece> pending = new ArrayList<>();
    private List<Piece> writing = List.of();
    private @Nullable Piece filling;
    /** Of the segment that grows; -1 where another must be begun. */
    private long activeBase;

    private long next;
    private boolean closing;
    private boolean writerWaits;

    private final AtomicLong pendingBytes = new AtomicLong();
    private volatile long durable;
    private final DiskHealth health;
    private volatile Runnable onDurable = () -> {};

    /** @param segments as they were recovered */
    Journal(Segments segments, Disk disk, JournalSettings settings, String threadName) {
        this.segments = segments;
        this.disk = disk;
        this.settings = settings;
        next = segments.end();
        activeBase = segments.activeBase();
        durable = next;
        health = new DiskHealth(disk, settings, this::tell);
        writer = new Thread(this::run, threadName);
        writer.setDaemon(true);
        writer.start();
    }

    /**
     * Opens the journal of a folder.
     *
     * @param from records before this position are not given any more; where there is no journal, it begins behind it
     * @param visitor is given every whole record, in order
     * @throws IOException where the files cannot be read or are of a later version
     */
    public static Journal open(
            Disk disk, String threadName, JournalSettings settings, long from, Frames.Visitor visitor)
            throws IOException {
        return new Journal(Segments.recover(disk, from, visitor), disk, settings, threadName);
    }

    // ---- for those who append

    /** Appends a record; gives its position. Never waits. */
    public long append(byte[] record, int offset, int length) {
        synchronized (lock) {
            if (closing) throw new IllegalStateException("the journal of " + disk.where() + " is closed");
            Piece piece = pieceFor(Frames.HEADER_BYTES + length);
            long position = piece.add(record, offset, length);
            next = piece.end();
            pendingBytes.addAndGet(Frames.HEADER_BYTES + length);
            if (writerWaits) lock.notifyAll();
            return position;
        }
    }

    /** Where the next bytes go: behind the last, or into a segment of its own. */
    private Piece pieceFor(int bytes) {
        boolean full = next - activeBase > FileHeader.BYTES && next - activeBase + bytes > settings.segmentBytes();
        if (activeBase < 0 || full) return begin();
        Piece piece = filling;
        if (piece == null) {
            filling = piece = new Piece(activeBase, next);
            pending.add(piece);
        }
        return piece;
    }

    private Piece begin() {
        Piece piece = Piece.first(next);
        activeBase = next;
        next = piece.end();
        pendingBytes.addAndGet(piece.length);
        filling = piece;
        pending.add(piece);
        return piece;
    }

    /** Begins another segment; gives its base: all records before it are in segments that change no more. */
    public long roll() {
        synchronized (lock) {
            long base = begin().base;
            if (writerWaits) lock.notifyAll();
            return base;
        }
    }

    public long durablePosition() {
        return durable;
    }

    public void onDurable(Runnable task) {
        onDurable = task;
    }

    /** Why nothing new should be appended now, or null. */
    public @Nullable Trouble trouble() {
        return health.trouble(pendingBytes.get());
    }

    /** Bytes in all segments. */
    public long bytes() {
        return segments.bytes();
    }

    /** Whether a segment was found to be damaged at the start, and is still kept. */
    public boolean isDamaged() {
        return segments.isDamaged();
    }

    // ---- for those who read and tidy up

    /** The record at a position; null where there is none that is whole. Reads a file: not for event loops. */
    public byte @Nullable [] read(long position) throws IOException {
        synchronized (lock) {
            for (List<Piece> pieces : List.of(writing, pending)) {
                for (Piece piece : pieces) {
                    byte[] record = piece.record(position);
                    if (record != null) return record;
                }
            }
        }
        return segments.read(position);
    }

    /** Gives all records of the segments before a base that {@link #roll} gave, and that are durable. */
    public void replay(long from, long before, Frames.Visitor visitor) throws IOException {
        segments.replay(from, before, visitor);
    }

    /** What is wrong with the segments before a base that {@link #roll} gave. */
    public List<String> verify(long before) throws IOException {
        return segments.verify(before);
    }

    /** Whether a file is a segment before a base that {@link #roll} gave. */
    public boolean owns(String name, long before) {
        return segments.owns(name, before);
    }

    /** Deletes the segments that end at or before a position; damaged ones are put aside. */
    public void forget(long before) throws IOException {
        segments.forget(before);
    }

    /** Waits until all that was appended before is durable. False: it took too long. */
    public boolean awaitDurable(long position, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        synchronized (lock) {
            while (durable <= position) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) return false;
                lock.wait(left);
            }
            return true;
        }
    }

    // ---- the writer

    private void run() {
        try {
            write();
        } catch (RuntimeException | Error mistake) {
            health.ends(mistake);
            segments.close();
        }
    }

    private void write() {
        long syncedNanos = System.nanoTime();
        boolean unsynced = false;
        boolean allSynced = true;
        while (true) {
            List<Piece> batch = take(unsynced || health.isScarce());
            if (batch.isEmpty() && isClosing()) break;
            boolean sync =
                    switch (settings.sync()) {
                        case COMMIT -> !batch.isEmpty();
                        case INTERVAL -> System.nanoTime() - syncedNanos >= settings.intervalMillis() * 1_000_000;
                        case NEVER -> false;
                    };
            mark(batch, allSynced);
            if (!store(batch, sync)) break;
            if (sync || !batch.isEmpty()) allSynced = sync;
            unsynced = settings.sync() == JournalSettings.Sync.INTERVAL && !sync;
            if (sync) syncedNanos = System.nanoTime();
            stored(batch);
        }
        if (settings.sync() == JournalSettings.Sync.INTERVAL) lastSync();
        segments.close();
    }

    /** Tells the next start, which may find gaps, what was synced before what. */
    private void mark(List<Piece> batch, boolean allSynced) {
        if (settings.sync() == JournalSettings.Sync.NEVER) return;
        boolean synced = allSynced;
        for (Piece piece : batch) {
            if (synced) piece.markSynced();
            // Before the next segment is begun this one is synced.
            synced = true;
        }
    }

    private void lastSync() {
        try {
            segments.sync();
        } catch (IOException e) {
            LOG.error("{} could not be synced: {}", disk.where(), e.getMessage());
        }
    }

    private boolean isClosing() {
        synchronized (lock) {
            return closing;
        }
    }

    /** All that waits; nothing where there is something to do without, or at the end. */
    private List<Piece> take(boolean restless) {
        synchronized (lock) {
            if (pending.isEmpty() && !closing) {
                writerWaits = true;
                waitFor(restless ? DiskHealth.LOOK_MILLIS : 0);
                writerWaits = false;
            }
            writing = pending;
            pending = new ArrayList<>(2);
            filling = null;
            return writing;
        }
    }

    /** Writes a batch, however often it takes; false: it is the end, and could not be done. */
    private boolean store(List<Piece> batch, boolean sync) {
        long retryMillis = RETRY_MILLIS_MIN;
        while (true) {
            try {
                for (Piece piece : batch) {
                    segments.write(
                            piece.base,
                            piece.start,
                            ByteBuffer.wrap(piece.bytes, 0, piece.length),
                            settings.sync() != JournalSettings.Sync.NEVER);
                }
                if (sync) segments.sync();
                health.look();
                health.works();
                return true;
            } catch (IOException e) {
                health.fails(e);
                if (!pause(retryMillis)) return false;
                retryMillis = Math.min(2 * retryMillis, RETRY_MILLIS_MAX);
            }
        }
    }

    private void stored(List<Piece> batch) {
        if (batch.isEmpty()) return;
        synchronized (lock) {
            for (Piece piece : batch) {
                pendingBytes.addAndGet(-piece.length);
                durable = piece.end();
            }
            writing = List.of();
            lock.notifyAll();
        }
        health.waits(pendingBytes.get());
        tell();
    }

    private void tell() {
        try {
            onDurable.run();
        } catch (RuntimeException e) {
            // Who is told may have ended. What others appended is to be written all the same.
            LOG.warn("{}: whoever waits for it could not be told: {}", disk.where(), e.toString());
        }
    }

    /** False: it is to be closed, and no time is left. */
    private boolean pause(long millis) {
        synchronized (lock) {
            if (closing) return false;
            waitFor(millis);
            return true;
        }
    }

    @SuppressWarnings("WaitNotInLoop") // Its callers look again.
    private void waitFor(long millis) {
        try {
            lock.wait(millis);
        } catch (InterruptedException e) {
            // Nobody interrupts this thread.
        }
    }

    /** Writes what is still to be written, and ends. What cannot be written is lost, and nobody was told that it is safe. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
        long lost = pendingBytes.get();
        if (lost > 0) LOG.error("{} bytes could not be written to {}", lost, disk.where());
    }
}
