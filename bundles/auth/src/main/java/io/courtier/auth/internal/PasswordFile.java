// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users that a password file has at the moment. A file that goes takes its users along; one that cannot be read or
 * followed changes nothing. Read on one thread, asked on many.
 */
final class PasswordFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PasswordFile.class);

    private final Path path;
    private final FollowedFile file;
    private volatile Users users = Users.NONE;

    PasswordFile(Path path) {
        this.path = path;
        file = new FollowedFile(path, this::read);
    }

    void start() {
        file.look();
        file.follow();
    }

    void look() {
        file.look();
    }

    Users users() {
        return users;
    }

    @Override
    public void close() {
        file.close();
    }

    private void read(FollowedFile.Content content) {
        if (content instanceof FollowedFile.Content.Lines text) {
            try {
                users = Users.parse(text.lines());
                LOG.info("file={} users={}", path, users.size());
                if (users.size() > 0) Others.sayIfTheyMayRead(path, LOG);
            } catch (BrokenLine broken) {
                LOG.error("file={} {}; the {} users from before stay", path, broken.getMessage(), users.size());
            }
        } else if (content instanceof FollowedFile.Content.Unreadable unreadable) {
            LOG.error("file={} {}; the {} users from before stay", path, unreadable.why(), users.size());
        } else {
            users = Users.NONE;
            LOG.info("file={} is missing: no user name has a password", path);
        }
    }
}
