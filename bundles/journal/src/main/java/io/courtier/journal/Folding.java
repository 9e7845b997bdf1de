// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.io.IOException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of a store that writes snapshots now and then, so that the journal before them can be given up. */
public final class Folding implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Folding.class);
    private static final long FAILED_MILLIS = 10_000;
    /** How long a fold waits for the journal. */
    private static final int WAITS_MAX = 100;

    private static final long WAIT_MILLIS = 100;

    /** Writes a snapshot. */
    public interface Fold {
        void fold() throws IOException;
    }

    private final String where;
    private final BooleanSupplier isDue;
    private final Fold task;
    private final long lookMillis;
    private final ScheduledThreadPoolExecutor thread;
    private volatile boolean closing;

    /**
     * @param where the folder, for people
     * @param lookMillis how often it looks whether something is due; 0: never
     */
    public Folding(String threadName, String where, BooleanSupplier isDue, Fold task, long lookMillis) {
        this.where = where;
        this.isDue = isDue;
        this.task = task;
        this.lookMillis = lookMillis;
        thread = new ScheduledThreadPoolExecutor(1, run -> {
            Thread made = new Thread(run, threadName);
            made.setDaemon(true);
            return made;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Begins to look. */
    public void start() {
        if (lookMillis > 0) lookLater(lookMillis);
    }

    private void lookLater(long millis) {
        var unused = thread.schedule(this::look, millis, TimeUnit.MILLISECONDS); // ends with the executor
    }

    private void look() {
        long next = lookMillis;
        try {
            if (isDue.getAsBoolean()) task.fold();
        } catch (IOException | RuntimeException e) {
            if (closing) return;
            LOG.warn("{}: no snapshot could be made, and the journal grows: {}", where, e.toString());
            next = FAILED_MILLIS;
        }
        if (!closing) lookLater(next);
    }

    /** Begins another segment; gives its base: all records before it are durable, in files that change no more. */
    public long rolled(Journal journal) throws IOException {
        long base = journal.roll();
        awaitDurable(journal, base);
        return base;
    }

    private void awaitDurable(Journal journal, long position) throws IOException {
        try {
            for (int i = 0; i < WAITS_MAX; i++) {
                mayGoOn();
                if (journal.awaitDurable(position, WAIT_MILLIS)) return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        throw new IOException("the journal is not written");
    }

    /** Ends a fold early when the store ends: an interrupt would close the files under those who write. */
    public void mayGoOn() throws IOException {
        if (closing) throw new IOException("the store is closed");
    }

    @Override
    public void close() {
        closing = true;
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) LOG.warn("{}: a fold does not end", where);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
