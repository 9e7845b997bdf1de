// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/** How every file of a store begins: what it is, which version wrote it, and the position that its first byte has. */
public final class FileHeader {
    public static final int BYTES = 16;

    private static final int MAGIC = 0x434F5552;
    private static final int VERSION = 1;

    private FileHeader() {}

    /** @param kind two letters that say what the file is */
    public static byte[] of(String kind, long base) {
        ByteBuffer header = ByteBuffer.allocate(BYTES);
        header.putInt(MAGIC)
                .put((byte) kind.charAt(0))
                .put((byte) kind.charAt(1))
                .putShort((short) VERSION)
                .putLong(base);
        return header.array();
    }

    /**
     * Whether a file begins as it should.
     *
     * @throws IOException where a later version wrote it: then nothing may be done to it; the message is for people
     */
    public static boolean isWhole(Disk.OpenFile file, String kind, long base, String name) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(BYTES);
        file.read(0, header);
        if (header.hasRemaining()) return false;
        header.flip();
        if (header.getInt() != MAGIC || header.get() != kind.charAt(0) || header.get() != kind.charAt(1)) return false;
        int version = header.getShort();
        if (version > VERSION) {
            throw new IOException(name + " was written by a later Courtier (form " + version + ", this one knows "
                    + VERSION + "): run that one, or move the folder away to begin anew");
        }
        return header.getLong() == base;
    }
}
