// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Bytes of one segment that wait to be written: whole frames, behind the header of the segment where it is new. */
final class Piece {
    final long base;
    final long start;
    byte[] bytes = new byte[8 << 10];
    int length;

    /** Begins at a position of the segment with a base. */
    Piece(long base, long start) {
        this.base = base;
        this.start = start;
    }

    /** Begins a segment. */
    static Piece first(long base) {
        Piece piece = new Piece(base, base);
        byte[] header = FileHeader.of(Segments.KIND, base);
        System.arraycopy(header, 0, piece.bytes, 0, header.length);
        piece.length = header.length;
        return piece;
    }

    long end() {
        return start + length;
    }

    /** Puts a record behind the others; gives its position. */
    long add(byte[] record, int offset, int count) {
        int more = Frames.HEADER_BYTES + count;
        if (bytes.length - length < more) bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        long position = end();
        System.arraycopy(record, offset, bytes, length + Frames.HEADER_BYTES, count);
        Frames.header(bytes, length, position, count);
        length += more;
        return position;
    }

    /** All before it is synced before it is written. */
    void markSynced() {
        int first = start == base ? FileHeader.BYTES : 0;
        if (length > first) Frames.markSynced(bytes, first);
    }

    /** The record at a position, or null. */
    byte @Nullable [] record(long position) {
        if (position < start || position >= end()) return null;
        int at = (int) (position - start);
        int count = Frames.length(bytes, at, length, position);
        if (count < 0) return null;
        return Arrays.copyOfRange(bytes, at + Frames.HEADER_BYTES, at + Frames.HEADER_BYTES + count);
    }
}
