// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads frames of a file in large pieces: whoever reads one behind the other pays for few reads. For one thread at a time.
 */
public final class FrameReader {
    private static final int CHUNK_MAX = 1 << 18;
    /** Whoever jumps about pays for little more than what is asked for; whoever goes on, for larger and larger pieces. */
    private static final int CHUNK_MIN = 1 << 12;

    private final Disk.OpenFile file;
    private final long base;
    /** What is at hand: bytes of the file from {@link #windowAt} on. */
    private byte[] window = {};

    private long windowAt;
    private int windowBytes;
    private int chunk = CHUNK_MIN;
    private int at;
    private int length;
    private boolean synced;

    /** @param base what is to be added to an offset in the file to make a position */
    public FrameReader(Disk.OpenFile file, long base) {
        this.file = file;
        this.base = base;
    }

    /** Reads the frame at an offset of a file that ends at another. False: there is no whole one. */
    public boolean read(long offset, long end) throws IOException {
        if (!atHand(offset, Frames.HEADER_BYTES, end)) return false;
        ByteBuffer header = ByteBuffer.wrap(window, (int) (offset - windowAt), Frames.HEADER_BYTES);
        short mark = header.getShort();
        if (!Frames.isMark(mark)) return false;
        int count = header.getInt();
        int checksum = header.getInt();
        if (count < 0 || count > Frames.RECORD_BYTES_MAX || !atHand(offset, Frames.HEADER_BYTES + count, end)) {
            return false;
        }
        synced = Frames.isSynced(mark);
        at = (int) (offset - windowAt) + Frames.HEADER_BYTES;
        length = count;
        return Frames.checksum(base + offset, window, at, count) == checksum;
    }

    /** The record: this many bytes of {@link #bytes} from {@link #offset} on, until the next read. */
    public int length() {
        return length;
    }

    public byte[] bytes() {
        return window;
    }

    public int offset() {
        return at;
    }

    /** Whether all before the frame was synced before it was written. */
    boolean isSynced() {
        return synced;
    }

    /** The offset in the file behind the frame. */
    public long next() {
        return windowAt + at + length;
    }

    private boolean atHand(long offset, int count, long end) throws IOException {
        if (offset >= windowAt && offset + count <= windowAt + windowBytes) return true;
        if (offset + count > end) return false;
        boolean goesOn = offset >= windowAt && offset <= windowAt + windowBytes;
        chunk = goesOn ? Math.min(2 * chunk, CHUNK_MAX) : CHUNK_MIN;
        int wanted = Math.max(count, chunk);
        if (wanted > window.length || window.length > CHUNK_MAX && wanted <= CHUNK_MAX) window = new byte[wanted];
        windowAt = offset;
        // Nothing is at hand where reading fails.
        windowBytes = 0;
        ByteBuffer into = ByteBuffer.wrap(window, 0, (int) Math.min(wanted, end - offset));
        file.read(offset, into);
        windowBytes = into.position();
        return count <= windowBytes;
    }
}
