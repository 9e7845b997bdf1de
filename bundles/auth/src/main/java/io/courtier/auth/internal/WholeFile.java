// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes files as a whole: who reads one finds the old content or the new one, whatever happens meanwhile. */
final class WholeFile {
    /** Gives the new file its owner or permissions, before it is there by its name. */
    interface Dress {
        void dress(Path written) throws IOException;
    }

    private WholeFile() {}

    /** Where the name is a link, what it points to is replaced. */
    static Path target(Path file) throws IOException {
        return Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    }

    /** Readable for its owner alone, unless it is dressed otherwise. */
    static void write(Path file, byte[] content, Dress dress) throws IOException {
        Path target = target(file);
        Path directory = target.getParent();
        Path name = target.getFileName();
        if (directory == null || name == null) throw new IOException("it is no file");
        // Java makes temporary files that only their owner can read.
        Path temporary = Files.createTempFile(directory, "." + name, ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) channel.write(bytes);
                channel.force(true);
            }
            dress.dress(temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        keepName(directory);
    }

    private static void keepName(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Not every system opens directories. The content is safe, and both names are right.
        }
    }
}
