// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Records in a file: each in a frame of two bytes that mark it, its length, a checksum over its position and itself, and
 * itself. A frame is whole or it is none; from one that is damaged the next whole one is found by its mark.
 */
public final class Frames {
    public static final int HEADER_BYTES = 10;

    /** Records are packets of MQTT, a little more than which may be this long. */
    public static final int RECORD_BYTES_MAX = 300 << 20;

    private static final int MARK = 0xC07A;
    /** Marks a frame before whose writing all before it was synced. */
    private static final int MARK_SYNCED = 0xC07B;

    /** Takes records in the order of their positions; the bytes are lent for the call. */
    public interface Visitor {
        void record(long position, byte[] bytes, int offset, int length) throws IOException;
    }

    /**
     * What a scan found.
     *
     * @param end the offset behind the last whole frame
     * @param damaged bytes that are in no frame, with whole frames behind them
     */
    public record Scan(long end, long damaged) {}

    private Frames() {}

    /** Writes the header of a frame whose record stands behind it already. */
    public static void header(byte[] buffer, int at, long position, int length) {
        ByteBuffer header = ByteBuffer.wrap(buffer, at, HEADER_BYTES);
        header.putShort((short) MARK).putInt(length).putInt(checksum(position, buffer, at + HEADER_BYTES, length));
    }

    /** Says of a frame that all before it was synced before it was written. */
    static void markSynced(byte[] buffer, int at) {
        ByteBuffer.wrap(buffer).putShort(at, (short) MARK_SYNCED);
    }

    static boolean isMark(short mark) {
        return mark == (short) MARK || isSynced(mark);
    }

    static boolean isSynced(short mark) {
        return mark == (short) MARK_SYNCED;
    }

    /** How long the record is whose frame begins there, or -1 where none does that ends before an index. */
    static int length(byte[] buffer, int at, int end, long position) {
        if (end - at < HEADER_BYTES) return -1;
        ByteBuffer header = ByteBuffer.wrap(buffer, at, HEADER_BYTES);
        if (!isMark(header.getShort())) return -1;
        int length = header.getInt();
        if (length < 0 || length > end - at - HEADER_BYTES) return -1;
        return header.getInt() == checksum(position, buffer, at + HEADER_BYTES, length) ? length : -1;
    }

    /** Gives all whole frames from an offset to the end; positions are offsets plus the base. */
    public static Scan scan(Disk.OpenFile file, long base, long from, Visitor visitor) throws IOException {
        return scan(file, base, from, file.size(), visitor);
    }

    /**
     * The same for a file that was being written when the power went: it may have bytes without those before them. Gives
     * what was synced, and of the rest what has no gap before it.
     */
    static Scan scanLast(Disk.OpenFile file, long base, long from, Visitor visitor) throws IOException {
        FrameReader reader = new FrameReader(file, base);
        long size = file.size();
        long gap = -1;
        for (long offset = from; offset < size; ) {
            if (!reader.read(offset, size)) {
                if (gap < 0) gap = offset;
                offset++;
                continue;
            }
            // A gap before it was no gap when it was synced: something is damaged, and what can be read is given.
            if (reader.isSynced()) gap = -1;
            offset = reader.next();
        }
        return scan(file, base, from, gap < 0 ? size : gap, visitor);
    }

    private static Scan scan(Disk.OpenFile file, long base, long from, long to, Visitor visitor) throws IOException {
        FrameReader reader = new FrameReader(file, base);
        long offset = from;
        long end = from;
        long damaged = 0;
        while (offset < to) {
            if (!reader.read(offset, to)) {
                offset++;
                continue;
            }
            damaged += offset - end;
            visitor.record(base + offset, reader.bytes(), reader.offset(), reader.length());
            offset = end = reader.next();
        }
        return new Scan(end, damaged);
    }

    static int checksum(long position, byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        for (int shift = 56; shift >= 0; shift -= 8) crc.update((int) (position >>> shift) & 0xFF);
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
