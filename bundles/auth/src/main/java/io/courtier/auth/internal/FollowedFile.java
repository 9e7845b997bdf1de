// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a reader what a file says, and again when that changed. A change counts once two looks saw the same, since an
 * editor may be in the middle of it: cut in half, a rule for one user may be a rule for everybody. With a look each second
 * a change is known after two. What a file says that everybody on this machine may write is not told: who is let in would be
 * up to whoever has an account there. The reader is called on the thread that starts, then on a daemon thread of its own.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The timer's task catches what it throws.
final class FollowedFile implements AutoCloseable {
    /** What a file says. */
    sealed interface Content {
        record Lines(List<String> lines) implements Content {}

        record Missing() implements Content {}

        /** Why, for the log. */
        record Unreadable(String why) implements Content {}
    }

    /** More than this is no file that a person wrote, and would be held in memory twice. */
    static final long BYTES_MAX = 16 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(FollowedFile.class);
    private static final long LOOK_MILLIS = 1_000;

    /** What tells one state of a file from another without reading it. */
    private record Stamp(long modifiedNanos, long size, String key, Others others) {
        static final Stamp MISSING = none("");

        static Stamp none(String why) {
            return new Stamp(0, 0, why, new Others(false, false));
        }
    }

    private final Path path;
    private final Consumer<Content> reader;
    private final ScheduledExecutorService timer;
    private @Nullable Stamp told;
    private @Nullable Stamp seen;
    private boolean closed;

    FollowedFile(Path path, Consumer<Content> reader) {
        this.path = path;
        this.reader = reader;
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "courtier-follow-" + path.getFileName());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Looks each second from now on. */
    void follow() {
        timer.scheduleWithFixedDelay(this::lookAgain, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Tells the reader nothing more once it has returned. */
    @Override
    public void close() {
        timer.shutdownNow();
        synchronized (this) {
            closed = true;
        }
    }

    /** Tells what is there now, once: for who wrote it as a whole and does not want to wait until it is settled. */
    synchronized void lookAnew() {
        told = null;
        look();
    }

    private void lookAgain() {
        try {
            look();
        } catch (RuntimeException bug) {
            LOG.error("file={} internal error", path, bug);
        }
    }

    /** One look. The first tells what is there, a later one only what is new and settled. */
    synchronized void look() {
        if (closed) return;
        Stamp now = stamp();
        boolean settled = told == null || now.equals(seen);
        seen = now;
        if (now.equals(told) || !settled) return;
        Content content = read(now);
        if (!stamp().equals(now)) return;
        told = now;
        reader.accept(content);
    }

    private Stamp stamp() {
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(
                    file.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                    file.size(),
                    String.valueOf(file.fileKey()),
                    Others.of(path));
        } catch (NoSuchFileException missing) {
            return Stamp.MISSING;
        } catch (IOException e) {
            return Stamp.none(e.toString());
        }
    }

    private Content read(Stamp stamp) {
        if (stamp.equals(Stamp.MISSING)) return new Content.Missing();
        if (stamp.others().mayWrite()) {
            return new Content.Unreadable("everybody on this machine may write it: chmod o-w " + path.toAbsolutePath());
        }
        if (stamp.size() > BYTES_MAX) return new Content.Unreadable("it is larger than " + BYTES_MAX + " bytes");
        try {
            return new Content.Lines(Files.readAllLines(path, StandardCharsets.UTF_8));
        } catch (CharacterCodingException e) {
            return new Content.Unreadable("it is not UTF-8");
        } catch (IOException e) {
            return new Content.Unreadable(e.toString());
        }
    }
}
