// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * What everybody on this machine may do with a file; nothing where the system does not say. The rule is that of password files:
 * what they may write is not used, what they may read is warned of.
 */
record Others(boolean mayRead, boolean mayWrite) {
    private static final Others NOTHING = new Others(false, false);

    static Others of(Path path) {
        try {
            PosixFileAttributeView posix = Files.getFileAttributeView(path, PosixFileAttributeView.class);
            if (posix == null) {
                return NOTHING;
            }
            Set<PosixFilePermission> permissions = posix.readAttributes().permissions();
            return new Others(
                    permissions.contains(PosixFilePermission.OTHERS_READ),
                    permissions.contains(PosixFilePermission.OTHERS_WRITE));
        } catch (IOException e) {
            return NOTHING;
        }
    }
}
