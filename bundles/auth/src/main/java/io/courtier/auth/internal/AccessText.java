// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.access.AccessList;
import io.courtier.access.BrokenRule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An access list as somebody wrote it, comments and all, and what it says. Immutable. */
final class AccessText {
    private final byte[] bytes;
    private final AccessList list;

    private AccessText(byte[] bytes, AccessList list) {
        this.bytes = bytes;
        this.list = list;
    }

    /** The file of the moment. IOException for one that cannot be read, is too large or is not UTF-8. */
    static AccessText read(Path file) throws IOException, BrokenRule {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes((int) FollowedFile.BYTES_MAX + 1);
        }
        if (bytes.length > FollowedFile.BYTES_MAX) {
            throw new IOException("it is larger than " + FollowedFile.BYTES_MAX + " bytes");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return new AccessText(bytes, AccessList.parse(text));
        } catch (CharacterCodingException e) {
            throw new IOException("it is not UTF-8", e);
        }
    }

    AccessList list() {
        return list;
    }

    void writeTo(Path file, WholeFile.Dress dress) throws IOException {
        WholeFile.write(file, bytes, dress);
    }
}
