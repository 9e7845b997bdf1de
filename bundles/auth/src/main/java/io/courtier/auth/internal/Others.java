// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.slf4j.Logger;

/**
 * What everybody on this machine may do with a file; nothing where the system does not say. A file that they may write is not
 * believed (see {@link FollowedFile}); of a secret that they may read one is warned, since it is too late to refuse it, and who
 * is let in by it would be kept out. Listeners have the same rule for the keys of TLS.
 */
record Others(boolean mayRead, boolean mayWrite) {
    private static final Others NOTHING = new Others(false, false);

    static Others of(Path path) {
        try {
            PosixFileAttributeView posix = Files.getFileAttributeView(path, PosixFileAttributeView.class);
            if (posix == null) return NOTHING;
            Set<PosixFilePermission> permissions = posix.readAttributes().permissions();
            return new Others(
                    permissions.contains(PosixFilePermission.OTHERS_READ),
                    permissions.contains(PosixFilePermission.OTHERS_WRITE));
        } catch (IOException e) {
            return NOTHING;
        }
    }

    /** Says it where they may read a file that has secrets, and what ends that. */
    static void sayIfTheyMayRead(Path secret, Logger log) {
        if (of(secret).mayRead()) {
            log.warn(
                    "file={} has secrets, and everybody on this machine may read it: chmod 600 {}",
                    secret,
                    secret.toAbsolutePath());
        }
    }
}
