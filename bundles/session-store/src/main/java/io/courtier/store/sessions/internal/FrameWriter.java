// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.sessions.internal;

import io.courtier.journal.Disk;
import io.courtier.journal.FileHeader;
import io.courtier.journal.Frames;
import io.courtier.protocol.codec.ByteBuilder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes a file of frames from its beginning to its end. */
final class FrameWriter implements Closeable {
    private static final int CHUNK = 1 << 20;

    private final Disk.OpenFile file;
    private byte[] buffer = new byte[CHUNK];
    private int length;
    private long written;

    FrameWriter(Disk disk, String name, String kind, long base) throws IOException {
        file = disk.open(name);
        try {
            file.truncate(0);
        } catch (IOException e) {
            file.close();
            throw e;
        }
        byte[] header = FileHeader.of(kind, base);
        System.arraycopy(header, 0, buffer, 0, header.length);
        length = header.length;
    }

    /** Writes a frame with a position and a record. */
    void write(long position, byte[] bytes, int offset, int count) throws IOException {
        int record = begin(8 + count);
        ByteBuffer.wrap(buffer, record, 8).putLong(position);
        System.arraycopy(bytes, offset, buffer, record + 8, count);
        commit(8 + count);
    }

    void write(long position, ByteBuilder record) throws IOException {
        write(position, record.array(), 0, record.length());
    }

    /** Writes a frame with nothing in it. */
    void end() throws IOException {
        begin(0);
        commit(0);
    }

    private int begin(int count) throws IOException {
        int needed = Frames.HEADER_BYTES + count;
        if (buffer.length - length < needed) flush();
        if (buffer.length < needed) buffer = new byte[needed];
        return length + Frames.HEADER_BYTES;
    }

    private void commit(int count) {
        Frames.header(buffer, length, written + length, count);
        length += Frames.HEADER_BYTES + count;
    }

    private void flush() throws IOException {
        file.write(written, ByteBuffer.wrap(buffer, 0, length));
        written += length;
        length = 0;
    }

    /** Makes sure that all of it outlives the machine. */
    void finish() throws IOException {
        flush();
        file.sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
