// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.nio.file.Path;
import java.util.function.Consumer;
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
    private boolean told;

    AccessFile(Path path, Consumer<AccessList> changed) {
        this.path = path;
        this.changed = changed;
        file = new FollowedFile(path, this::read);
    }

    /** Tells a list in any case: where the file cannot be followed, one that allows nothing. */
    void start() {
        file.look();
        if (!told) tell(AccessList.NOTHING);
        file.follow();
    }

    void look() {
        file.look();
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
            } catch (BrokenLine broken) {
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
        told = true;
        changed.accept(list);
    }
}
