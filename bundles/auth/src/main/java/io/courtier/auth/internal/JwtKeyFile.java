// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.nio.file.Path;
import java.security.KeyException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys for tokens that a file has at the moment. A file that goes takes its keys along; one that cannot be understood
 * changes nothing. Read on one thread, asked on many.
 */
final class JwtKeyFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JwtKeyFile.class);

    private final Path path;
    private final JwtKeyReader reader;
    private final boolean secret;
    private final FollowedFile file;
    private volatile List<JwtKey> keys = List.of();

    /** @param secret whether nobody else may read it */
    JwtKeyFile(Path path, JwtKeyReader reader, boolean secret) {
        this.path = path;
        this.reader = reader;
        this.secret = secret;
        file = new FollowedFile(path, this::read);
    }

    void start() {
        file.look();
        file.follow();
    }

    void look() {
        file.look();
    }

    List<JwtKey> keys() {
        return keys;
    }

    @Override
    public void close() {
        file.close();
    }

    private void read(FollowedFile.Content content) {
        if (content instanceof FollowedFile.Content.Lines text) {
            try {
                keys = reader.read(text.lines());
                LOG.info("file={} keys={}", path, keys.size());
                if (secret) Others.sayIfTheyMayRead(path, LOG);
            } catch (KeyException broken) {
                LOG.error("file={} {}; the {} keys from before stay", path, broken.getMessage(), keys.size());
            }
        } else if (content instanceof FollowedFile.Content.Unreadable unreadable) {
            LOG.error("file={} {}; the {} keys from before stay", path, unreadable.why(), keys.size());
        } else {
            keys = List.of();
            LOG.error("file={} is missing: no token is right by it", path);
        }
    }
}
