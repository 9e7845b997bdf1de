// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.store.DurableLog.Trouble;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is wrong with the disk of a journal, as its writer finds out: full, failing, or too slow. Asked from any thread. */
final class DiskHealth {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    /** How often a disk that was nearly full is looked at. */
    static final long LOOK_MILLIS = 250;

    private final Disk disk;
    private final JournalSettings settings;
    private final Runnable changed;
    private final Trouble slow;
    /** The last try to write failed. */
    private volatile @Nullable Trouble failing;
    /** The disk is nearly full. */
    private volatile @Nullable Trouble scarce;

    private boolean wasSlow;
    private long lookedNanos;

    /** @param changed is run when trouble came or went */
    DiskHealth(Disk disk, JournalSettings settings, Runnable changed) {
        this.disk = disk;
        this.settings = settings;
        this.changed = changed;
        slow = new Trouble(
                ReasonCode.QUOTA_EXCEEDED,
                disk.where() + " is too slow: more than " + settings.pendingBytesMax() + " bytes wait to be written");
    }

    @Nullable
    Trouble trouble(long pendingBytes) {
        Trouble now = failing;
        if (now == null) now = scarce;
        return now == null && pendingBytes > settings.pendingBytesMax() ? slow : now;
    }

    boolean isScarce() {
        return scarce != null;
    }

    // ---- the writer

    /** Looks how much is free, if it did not just now. */
    void look() throws IOException {
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

    /** So much waits after something was written. */
    void waits(long pendingBytes) {
        boolean isSlow = pendingBytes > settings.pendingBytesMax();
        if (isSlow && !wasSlow) LOG.error("{}; nothing new is accepted for now", slow.why());
        wasSlow = isSlow;
    }

    void fails(IOException e) {
        boolean full = isFull(e);
        fails(new Trouble(
                full ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
                disk.where() + (full ? " is full: " : " cannot be written to: ") + e.getMessage()));
    }

    /** The writer cannot go on. */
    void ends(Throwable mistake) {
        LOG.error("{}: the thread that writes has ended", disk.where(), mistake);
        fails(new Trouble(
                ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, disk.where() + " is written to no more: " + mistake));
    }

    private void fails(Trouble trouble) {
        boolean before = failing != null;
        failing = trouble;
        if (!before) told(trouble);
    }

    void works() {
        if (failing == null) return;
        failing = null;
        told(null);
    }

    private void told(@Nullable Trouble now) {
        if (now == null) LOG.info("{} is well again", disk.where());
        else
            LOG.error(
                    "{}: nothing new is accepted, what was accepted waits, and it is tried again and again", now.why());
        changed.run();
    }

    private static boolean isFull(IOException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("no space left") || message.contains("quota exceeded");
    }
}
