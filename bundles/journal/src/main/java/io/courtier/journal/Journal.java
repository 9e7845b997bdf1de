// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.store.DurableLog.Trouble;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
    /** How often a disk that was nearly full is looked at. */
    private static final long LOOK_MILLIS = 250;

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
    /** The last try to write failed. */
    private volatile @Nullable Trouble failing;
    /** The disk is nearly full. */
    private volatile @Nullable Trouble scarce;

    private final Trouble slow;
    private boolean wasSlow;
    private long lookedNanos;
    private volatile Runnable onDurable = () -> {};

    /** Bytes of one segment that wait to be written. */
    private static final class Piece {
        final long base;
        final long start;
        byte[] bytes;
        int length;

        Piece(long base, long start) {
            this.base = base;
            this.start = start;
            bytes = new byte[8 << 10];
        }

        long end() {
            return start + length;
        }

        void reserve(int more) {
            if (bytes.length - length >= more) return;
            bytes = java.util.Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    /** @param segments as they were recovered */
    Journal(Segments segments, Disk disk, JournalSettings settings, String threadName) {
        this.segments = segments;
        this.disk = disk;
        this.settings = settings;
        next = segments.end();
        activeBase = segments.activeBase();
        durable = next;
        slow = new Trouble(
                ReasonCode.QUOTA_EXCEEDED,
                disk.where() + " is too slow: more than " + settings.pendingBytesMax() + " bytes wait to be written");
        writer = new Thread(this::write, threadName);
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
            long position = piece.end();
            piece.reserve(Frames.HEADER_BYTES + length);
            int at = piece.length;
            System.arraycopy(record, offset, piece.bytes, at + Frames.HEADER_BYTES, length);
            Frames.header(piece.bytes, at, position, length);
            piece.length += Frames.HEADER_BYTES + length;
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
        Piece piece = new Piece(next, next);
        byte[] header = FileHeader.of(Segments.KIND, next);
        System.arraycopy(header, 0, piece.bytes, 0, header.length);
        piece.length = header.length;
        activeBase = next;
        next = piece.end();
        pendingBytes.addAndGet(header.length);
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
        Trouble now = failing;
        if (now == null) now = scarce;
        return now == null && pendingBytes.get() > settings.pendingBytesMax() ? slow : now;
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
                    if (position < piece.start || position >= piece.end()) continue;
                    int at = (int) (position - piece.start);
                    int length = ByteBuffer.wrap(piece.bytes, at + 2, 4).getInt();
                    byte[] record = new byte[length];
                    System.arraycopy(piece.bytes, at + Frames.HEADER_BYTES, record, 0, length);
                    return record;
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

    private void write() {
        long syncedNanos = System.nanoTime();
        boolean unsynced = false;
        while (true) {
            List<Piece> batch = take(unsynced || scarce != null);
            if (batch.isEmpty() && isClosing()) break;
            boolean sync =
                    switch (settings.sync()) {
                        case COMMIT -> !batch.isEmpty();
                        case INTERVAL -> System.nanoTime() - syncedNanos >= settings.intervalMillis() * 1_000_000;
                        case NEVER -> false;
                    };
            if (!store(batch, sync)) break;
            unsynced = settings.sync() == JournalSettings.Sync.INTERVAL && !sync;
            if (sync) syncedNanos = System.nanoTime();
            stored(batch);
        }
        if (settings.sync() == JournalSettings.Sync.INTERVAL) lastSync();
        segments.close();
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
                waitFor(restless ? LOOK_MILLIS : 0);
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
                lookAtDisk();
                works();
                return true;
            } catch (IOException e) {
                fails(e);
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
        boolean isSlow = pendingBytes.get() > settings.pendingBytesMax();
        if (isSlow && !wasSlow) LOG.error("{}; nothing new is accepted for now", slow.why());
        wasSlow = isSlow;
        onDurable.run();
    }

    private void lookAtDisk() throws IOException {
        long now = System.nanoTime();
        if (lookedNanos != 0 && now - lookedNanos < LOOK_MILLIS * 1_000_000) return;
        lookedNanos = now;
        long free = disk.freeBytes();
        boolean isScarce = free < settings.freeBytesMin();
        if (isScarce == (scarce != null)) return;
        scarce = isScarce
                ? new Trouble(
                        ReasonCode.QUOTA_EXCEEDED,
                        disk.where() + " is nearly full: " + free + " bytes are free, fewer than "
                                + settings.freeBytesMin())
                : null;
        told(scarce);
    }

    private void fails(IOException e) {
        Trouble before = failing;
        boolean full = isFull(e);
        failing = new Trouble(
                full ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
                disk.where() + (full ? " is full: " : " cannot be written to: ") + e.getMessage());
        if (before == null) told(failing);
    }

    private void works() {
        if (failing == null) return;
        failing = null;
        told(null);
    }

    private void told(@Nullable Trouble now) {
        if (now == null) LOG.info("{} is well again", disk.where());
        else
            LOG.error(
                    "{}: nothing new is accepted, what was accepted waits, and it is tried again and again", now.why());
        onDurable.run();
    }

    private static boolean isFull(IOException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("no space left") || message.contains("quota exceeded");
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
