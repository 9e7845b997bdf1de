// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import io.courtier.journal.Disk;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.mapdb.DataInput2;
import org.mapdb.volume.Volume;

/**
 * A file as MapDB's sorted tables write it, once, from its beginning to its end, and read it: in pages, each with a checksum
 * before it, so that MapDB never sees a page that is not as it was written. Not for more than one thread.
 */
final class PagedVolume extends Volume {
    static final int PAGE_BYTES = 1 << 20;
    static final int FRAME_BYTES = 4 + PAGE_BYTES;
    /** Where in the first page MapDB has the number of the last. */
    private static final int LAST_PAGE_AT = 24;

    private final Disk.OpenFile file;
    /** Where in the file the first page stands. */
    private final long start;

    private final long base;
    /** The place in the file of each page. */
    private int[] places = {};

    private int count;
    /** The first page of a table that is being written: MapDB comes back to it in the end. */
    private byte @Nullable [] first;

    private int atHand = -1;
    private byte[] page = {};

    /** @param base what the pages belong to: part of their checksums */
    PagedVolume(Disk.OpenFile file, long start, long base) {
        this.file = file;
        this.start = start;
        this.base = base;
    }

    // ---- for the table

    /** Whether there is a page as it was written at a place of the file. */
    boolean isWhole(int place) throws IOException {
        return load(place) != null;
    }

    /** The page at a place of the file is the next one of the table. */
    void take(int place) {
        if (count == places.length) places = Arrays.copyOf(places, Math.max(16, 2 * count));
        places[count++] = place;
    }

    /** This page stands in for a first one that is lost. */
    void takeFirst(byte[] standIn) {
        first = standIn;
        take(0);
    }

    /** Has MapDB believe that there never were other pages than those that were taken. */
    void endHere() throws IOException {
        byte[] page = first == null ? load(places[0]) : first;
        if (page == null) throw new IOException("a page has changed since it was read before");
        ByteBuffer.wrap(page).putLong(LAST_PAGE_AT, count - 1);
        first = page;
    }

    /** How many pages were taken or written. */
    int count() {
        return count;
    }

    private byte @Nullable [] load(int place) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES);
        file.read(start + (long) place * FRAME_BYTES, frame);
        if (frame.hasRemaining()) return null;
        frame.flip();
        int checksum = frame.getInt();
        byte[] bytes = new byte[PAGE_BYTES];
        frame.get(bytes);
        return checksum(place, bytes) == checksum ? bytes : null;
    }

    private void store(int place, byte[] bytes) {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES);
        frame.putInt(checksum(place, bytes)).put(bytes).flip();
        try {
            file.write(start + (long) place * FRAME_BYTES, frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int checksum(int place, byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(12).putLong(base).putInt(place).flip());
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private byte[] page(long offset) {
        int index = (int) (offset / PAGE_BYTES);
        if (index == 0 && first != null) return first;
        if (index == atHand) return page;
        if (index >= count) throw new IllegalStateException("there are " + count + " pages, and none at " + offset);
        try {
            byte[] bytes = load(places[index]);
            if (bytes == null) throw new IOException("a page has changed since it was read before");
            page = bytes;
            atHand = index;
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int at(long offset, int length) {
        int at = (int) (offset % PAGE_BYTES);
        if (at + length > PAGE_BYTES)
            throw new IllegalStateException(length + " bytes at " + offset + " leave the page");
        return at;
    }

    // ---- what tables write

    @Override
    public void ensureAvailable(long size) {
        // A file grows.
    }

    @Override
    public void putData(long offset, byte[] source, int from, int size) {
        if (offset % PAGE_BYTES != 0 || size != PAGE_BYTES) throw new UnsupportedOperationException("part of a page");
        byte[] bytes = Arrays.copyOfRange(source, from, from + size);
        int place = (int) (offset / PAGE_BYTES);
        if (place == 0) first = bytes;
        else store(place, bytes);
        take(place);
    }

    @Override
    public void putLong(long offset, long value) {
        byte[] page = first;
        if (page == null || offset >= PAGE_BYTES) throw new UnsupportedOperationException("not in the first page");
        ByteBuffer.wrap(page).putLong((int) offset, value);
    }

    @Override
    public void sync() {
        if (first != null) store(0, first);
    }

    // ---- what tables never do: written in place, a page would no longer be what its checksum says

    @Override
    public void putInt(long offset, int value) {
        throw inPlace();
    }

    @Override
    public void putByte(long offset, byte value) {
        throw inPlace();
    }

    @Override
    public void putData(long offset, ByteBuffer bytes) {
        throw inPlace();
    }

    @Override
    public void truncate(long size) {
        throw inPlace();
    }

    @Override
    public void clear(long from, long to) {
        throw inPlace();
    }

    private static UnsupportedOperationException inPlace() {
        return new UnsupportedOperationException("a table is written once, page by page");
    }

    // ---- what tables read

    @Override
    public long getLong(long offset) {
        return ByteBuffer.wrap(page(offset)).getLong(at(offset, Long.BYTES));
    }

    @Override
    public int getInt(long offset) {
        return ByteBuffer.wrap(page(offset)).getInt(at(offset, Integer.BYTES));
    }

    @Override
    public byte getByte(long offset) {
        return page(offset)[at(offset, 1)];
    }

    @Override
    public DataInput2 getDataInput(long offset, int size) {
        return new DataInput2.ByteArray(page(offset), at(offset, size));
    }

    @Override
    public void getData(long offset, byte[] into, int at, int size) {
        System.arraycopy(page(offset), at(offset, size), into, at, size);
    }

    @Override
    public long length() {
        return (long) count * PAGE_BYTES;
    }

    @Override
    public int sliceSize() {
        return -1;
    }

    @Override
    public boolean isSliced() {
        return false;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public @Nullable File getFile() {
        return null;
    }

    @Override
    public boolean getFileLocked() {
        return false;
    }

    @Override
    public void close() {
        // The file is its owner's.
        closed.set(true);
    }
}
