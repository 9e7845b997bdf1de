// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import io.courtier.journal.Disk;
import io.courtier.journal.FileHeader;
import io.courtier.journal.Frames;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.mapdb.DBException;
import org.mapdb.Serializer;
import org.mapdb.SortedTableMap;
import org.mapdb.serializer.GroupSerializer;
import org.mapdb.volume.ByteArrayVol;
import org.mapdb.volume.Volume;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all records before a position came to: one of MapDB's sorted tables in a file that never changes. It is written under
 * another name, synced and renamed, so it is there as a whole or not at all. A topic has an entry for each piece of its
 * record, for entries must fit into a page: its key is the topic, a zero byte, which no topic has [MQTT-4.7.3-2], and the
 * number of the piece.
 *
 * <p>The file: {@link FileHeader}, the pages of a {@link PagedVolume}, none where nothing is kept, and a frame with their
 * number, by which a file that was cut off is told from a short one.
 */
final class RetainedTable implements Closeable {
    static final String TEMPORARY = ".new";
    static final String DAMAGED = ".damaged";

    private static final Logger LOG = LoggerFactory.getLogger(RetainedTable.class);
    private static final Pattern NAME = Pattern.compile("retained-([0-9a-f]{16})");
    private static final String KIND = "re";
    /** Eight entries of the longest topics and pieces fit into a page: MapDB keeps entries together that many at a time. */
    private static final int PIECE_BYTES = 32 << 10;

    private static final int NODE_ENTRIES = 8;
    private static final int KEY_TAIL = 5;
    private static final int VALUE_HEAD = 5;
    private static final int END_BYTES = Frames.HEADER_BYTES + Integer.BYTES;
    private static final GroupSerializer<byte[]> BYTES = Serializer.BYTE_ARRAY;

    /** Takes topics in the order of their bytes, with their records. */
    interface Visitor {
        void record(byte[] topic, byte[] record) throws IOException;
    }

    /** Everything before this position is in here. */
    final long base;

    private final Disk disk;
    private final Disk.@Nullable OpenFile file;
    private @Nullable PagedVolume volume;
    private long bytes;
    private boolean damaged;

    /** None: what there is before the first. */
    private RetainedTable(Disk disk) {
        this.disk = disk;
        base = 0;
        file = null;
    }

    private RetainedTable(Disk disk, long base) throws IOException {
        this.disk = disk;
        this.base = base;
        Disk.OpenFile file = disk.open(name(base));
        this.file = file;
        try {
            load(file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static String name(long base) {
        return String.format("retained-%016x", base);
    }

    /** The last one; deletes what is left of others. */
    static RetainedTable open(Disk disk) throws IOException {
        long last = 0;
        for (String name : disk.list()) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches()) last = Math.max(last, Long.parseLong(matcher.group(1), 16));
        }
        for (String name : disk.list()) {
            boolean ours = name.startsWith("retained-") && !name.endsWith(DAMAGED);
            if (ours && !name.equals(name(last))) disk.delete(name);
        }
        return last == 0 ? new RetainedTable(disk) : new RetainedTable(disk, last);
    }

    /** Finds the pages that are as they were written; MapDB is shown no others. */
    private void load(Disk.OpenFile file) throws IOException {
        bytes = file.size();
        boolean whole = FileHeader.isWhole(file, KIND, base, disk.where() + "/" + name(base));
        int pages = pagesWritten(file);
        if (!whole || pages < 0) damaged();
        // Where the end is lost, there may be as many as there is room for.
        int places = pages >= 0 ? pages : (int) ((bytes - FileHeader.BYTES) / PagedVolume.FRAME_BYTES);
        PagedVolume found = new PagedVolume(file, FileHeader.BYTES, base);
        for (int place = 0; place < places; place++) {
            if (found.isWhole(place)) {
                found.take(place);
            } else {
                damaged();
                if (place == 0) found.takeFirst(standIn());
            }
        }
        if (found.count() == 0) return;
        if (damaged) found.endHere();
        volume = found;
    }

    /** What the end of the file says; -1 where there is none. */
    private int pagesWritten(Disk.OpenFile file) throws IOException {
        long room = bytes - FileHeader.BYTES - END_BYTES;
        if (room < 0 || room % PagedVolume.FRAME_BYTES != 0) return -1;
        byte[] end = new byte[END_BYTES];
        file.read(bytes - END_BYTES, ByteBuffer.wrap(end));
        byte[] expected = end(base, (int) (room / PagedVolume.FRAME_BYTES));
        return Arrays.equals(end, expected) ? (int) (room / PagedVolume.FRAME_BYTES) : -1;
    }

    private static byte[] end(long base, int pages) {
        byte[] end = new byte[END_BYTES];
        ByteBuffer.wrap(end).putInt(Frames.HEADER_BYTES, pages);
        Frames.header(end, 0, base, Integer.BYTES);
        return end;
    }

    /** A first page with nothing in it but an empty key: MapDB cannot do without one, and can without others. */
    private static byte[] standIn() {
        ByteArrayVol memory = new ByteArrayVol();
        SortedTableMap.Sink<byte[], byte[]> sink = sink(memory);
        sink.put(new byte[0], new byte[0]);
        sink.create();
        byte[] page = new byte[PagedVolume.PAGE_BYTES];
        memory.getData(0, page, 0, page.length);
        return page;
    }

    private static SortedTableMap.Sink<byte[], byte[]> sink(Volume volume) {
        return SortedTableMap.create(volume, BYTES, BYTES)
                .pageSize(PagedVolume.PAGE_BYTES)
                .nodeSize(NODE_ENTRIES)
                .createFromSink();
    }

    private void damaged() {
        if (!damaged) {
            LOG.error(
                    "{}/{} is damaged: what could be read of it was saved, and it will be put aside as {}{}",
                    disk.where(),
                    name(base),
                    name(base),
                    DAMAGED);
        }
        damaged = true;
    }

    boolean isDamaged() {
        return damaged;
    }

    long bytes() {
        return bytes;
    }

    // ---- reading

    /** Gives all that is kept and can be read. */
    void forEach(Visitor visitor) throws IOException {
        PagedVolume from = volume;
        if (from == null) return;
        try {
            Iterator<Map.Entry<byte[], byte[]>> entries =
                    new SortedTableMap<>(BYTES, BYTES, PagedVolume.PAGE_BYTES, from, true).entryIterator();
            Joiner joiner = new Joiner(visitor);
            while (entries.hasNext()) {
                Map.Entry<byte[], byte[]> entry = entries.next();
                joiner.entry(entry.getKey(), entry.getValue());
            }
            if (joiner.lost > 0) damaged();
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        } catch (DBException | IndexOutOfBoundsException | IllegalStateException e) {
            throw new IOException(disk.where() + "/" + name(base) + " is no table: " + e, e);
        }
    }

    /** Makes records of their pieces again. */
    private static final class Joiner {
        private final Visitor visitor;
        private final ByteArrayOutputStream record = new ByteArrayOutputStream();
        private byte[] topic = {};
        /** Which piece comes next; -1: one of this topic is lost. */
        private int next = -1;

        private int lost;

        Joiner(Visitor visitor) {
            this.visitor = visitor;
        }

        void entry(byte[] key, byte[] value) throws IOException {
            if (key.length == 0) return;
            int split = key.length - KEY_TAIL;
            int number = split < 0 ? -1 : ByteBuffer.wrap(key).getInt(split + 1);
            if (number == 0) {
                topic = Arrays.copyOf(key, split);
                record.reset();
                next = 0;
            }
            boolean follows = number == next
                    && value.length >= VALUE_HEAD
                    && Arrays.equals(topic, 0, topic.length, key, 0, split)
                    && ByteBuffer.wrap(value).getInt() == checksum(key, value);
            if (number < 0 || !follows) {
                next = -1;
                lost++;
                return;
            }
            record.write(value, VALUE_HEAD, value.length - VALUE_HEAD);
            next++;
            boolean last = value[VALUE_HEAD - 1] != 0;
            if (last) visitor.record(topic, record.toByteArray());
        }
    }

    private static int checksum(byte[] key, byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(key);
        crc.update(value, Integer.BYTES, value.length - Integer.BYTES);
        return (int) crc.getValue();
    }

    /** What is wrong with the file. */
    List<String> verify() throws IOException {
        List<String> wrong = new ArrayList<>();
        if (base == 0) return wrong;
        try (RetainedTable again = new RetainedTable(disk, base)) {
            int[] records = {0};
            again.forEach((topic, record) -> records[0]++);
            if (again.isDamaged()) {
                wrong.add(name(base) + " is damaged: " + records[0] + " messages in it can be read");
            }
        }
        return wrong;
    }

    /** Whether a file is this table's. */
    boolean owns(String name) {
        return base > 0 && name.equals(name(base));
    }

    // ---- writing

    /** Gives the records of a table to a visitor, in the order of the bytes of their topics. */
    interface Content {
        void forEach(Visitor visitor) throws IOException;
    }

    /** Writes another table. It counts from the rename on. */
    static RetainedTable write(Disk disk, long base, Content content) throws IOException {
        String name = name(base);
        try (Disk.OpenFile file = disk.open(name + TEMPORARY)) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap(FileHeader.of(KIND, base)));
            PagedVolume pages = new PagedVolume(file, FileHeader.BYTES, base);
            SortedTableMap.Sink<byte[], byte[]> sink = sink(pages);
            boolean[] any = {false};
            content.forEach((topic, record) -> {
                put(topic, record, sink);
                any[0] = true;
            });
            if (any[0]) sink.create();
            long end = FileHeader.BYTES + (long) pages.count() * PagedVolume.FRAME_BYTES;
            file.write(end, ByteBuffer.wrap(end(base, pages.count())));
            file.sync();
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
        disk.rename(name + TEMPORARY, name);
        disk.syncNames();
        return new RetainedTable(disk, base);
    }

    private static void put(byte[] topic, byte[] record, SortedTableMap.Sink<byte[], byte[]> sink) {
        int number = 0;
        int from = 0;
        do {
            int count = Math.min(PIECE_BYTES, record.length - from);
            byte[] key = ByteBuffer.allocate(topic.length + KEY_TAIL)
                    .put(topic)
                    .put((byte) 0)
                    .putInt(number++)
                    .array();
            byte[] value = new byte[VALUE_HEAD + count];
            System.arraycopy(record, from, value, VALUE_HEAD, count);
            from += count;
            value[VALUE_HEAD - 1] = (byte) (from == record.length ? 1 : 0);
            ByteBuffer.wrap(value).putInt(checksum(key, value));
            sink.put(key, value);
        } while (from < record.length);
    }

    /** Gives its file up, after another took its place. */
    void delete() throws IOException {
        if (file == null) return;
        file.close();
        if (damaged) disk.rename(name(base), name(base) + DAMAGED);
        else disk.delete(name(base));
    }

    @Override
    public void close() throws IOException {
        if (file != null) file.close();
    }
}
