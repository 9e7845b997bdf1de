// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.content;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Entity tags: of contents, because builds that are reproducible give every file the same time; of time and size where
 * the contents are too many to read. Any thread.
 */
final class ContentTags {
    private static final long HASHED_BYTES_MAX = 16 * 1024 * 1024;
    private static final int KNOWN_MAX = 1000;

    private record Known(FileTime modified, long bytes, String tag) {}

    private final Map<Path, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Known> eldest) {
            return size() > KNOWN_MAX;
        }
    };

    synchronized String of(Path file) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        Known before = known.get(file);
        if (before != null && before.modified().equals(now.lastModifiedTime()) && before.bytes() == now.size()) {
            return before.tag();
        }
        String tag = now.size() <= HASHED_BYTES_MAX
                ? hash(Files.readAllBytes(file))
                : Long.toHexString(now.lastModifiedTime().toMillis()) + "-" + Long.toHexString(now.size());
        known.put(file, new Known(now.lastModifiedTime(), now.size(), "\"" + tag + "\""));
        return "\"" + tag + "\"";
    }

    private static String hash(byte[] contents) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(contents);
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
