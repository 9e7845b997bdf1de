// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.access.AccessList;
import io.courtier.access.BrokenRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access list that a file has at the moment, told to whom it concerns whenever it is another one. A file that goes
 * allows nothing any more; one that cannot be read or followed changes nothing.
 */
final class AccessFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccessFile.class);

    private final Path path;
    private final Consumer<AccessList> changed;
    private final FollowedFile file;
    private volatile @Nullable AccessList last;

    AccessFile(Path path, Consumer<AccessList> changed) {
        this.path = path;
        this.changed = changed;
        file = new FollowedFile(path, this::read);
    }

    /** Tells a list in any case: where the file cannot be followed, one that allows nothing. */
    void start() {
        file.look();
        if (last == null) tell(AccessList.NOTHING);
        file.follow();
    }

    void look() {
        file.look();
    }

    Path path() {
        return path;
    }

    /** Where the list is that the last commit or rollback replaced. */
    Path before() {
        return path.resolveSibling(path.getFileName() + ".before");
    }

    /**
     * Writes another list in place of this one, which is kept, and tells it at once. Refused where they are the same, and where
     * the file has what does not count: that somebody wrote by hand, and would lose.
     *
     * @return whether there was one to keep
     */
    boolean commit(AccessText next) throws IOException, Refused {
        AccessText now = whatCounts();
        // Else the list from before would be this one, and the one from before that be lost.
        if (now != null && now.list().isSameAs(next.list()))
            throw new Refused("these rules are in " + path + " already");
        // In this order: whatever happens in between, a list that counted is not lost.
        if (now == null) Files.deleteIfExists(before());
        else now.writeTo(before(), this::asBefore);
        put(next);
        return now != null;
    }

    /** Writes the one from before in place of this one, as commit does. What was broken since says its line. */
    boolean rollback() throws IOException, Refused, BrokenRule {
        if (!Files.exists(before())) throw new Refused(before() + " is missing: nothing was committed");
        AccessText then = AccessText.read(before());
        AccessText now = whatCounts();
        // The one from before is replaced last: until it counts it is nowhere else.
        Path kept = path.resolveSibling(path.getFileName() + ".replaced");
        try {
            if (now != null) now.writeTo(kept, this::asBefore);
            put(then);
            if (now == null) Files.delete(before());
            else Files.move(kept, before(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(kept);
        }
        return now != null;
    }

    /** Writes and tells it. */
    private void put(AccessText next) throws IOException, Refused {
        next.writeTo(path, this::asBefore);
        file.lookAnew();
        AccessList counts = last;
        if (counts == null || !counts.isSameAs(next.list()))
            throw new Refused(path + " was written by somebody else at the same moment: look at it");
    }

    /** Why nothing is written. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why);
        }
    }

    /** The file as it is, null where it is missing. */
    private @Nullable AccessText whatCounts() throws IOException, Refused {
        AccessText now;
        try {
            now = Files.exists(path) ? AccessText.read(path) : null;
        } catch (BrokenRule broken) {
            throw new Refused(
                    path + " was changed and is broken, " + broken.getMessage() + ": correct it or put it away first");
        }
        AccessList counts = last;
        boolean same = counts != null && counts.isSameAs(now == null ? AccessList.NOTHING : now.list());
        if (!same)
            throw new Refused(path + " was changed a moment ago and does not count yet: look at it, then try again");
        return now;
    }

    /** Who may read the list may read the next one. */
    private void asBefore(Path written) throws IOException {
        PosixFileAttributeView mode = Files.getFileAttributeView(written, PosixFileAttributeView.class);
        if (mode != null && Files.exists(path)) mode.setPermissions(Files.getPosixFilePermissions(path));
    }

    @Override
    public void close() {
        file.close();
    }

    private void read(FollowedFile.Content content) {
        if (content instanceof FollowedFile.Content.Lines text) {
            try {
                AccessList list = AccessList.parse(text.lines());
                LOG.info("file={} rules={}", path, list.size());
                tell(list);
            } catch (BrokenRule broken) {
                LOG.error("file={} {}; the rules from before stay", path, broken.getMessage());
            }
        } else if (content instanceof FollowedFile.Content.Unreadable unreadable) {
            LOG.error("file={} {}; the rules from before stay", path, unreadable.why());
        } else {
            LOG.error(
                    "file={} is missing, so nobody may publish or subscribe: write it, with the line \"allow all #\" for a"
                            + " start",
                    path);
            tell(AccessList.NOTHING);
        }
    }

    private void tell(AccessList list) {
        last = list;
        changed.accept(list);
    }
}
