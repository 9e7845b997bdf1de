// SPDX-License-Identifier: Apache-2.0
package io.courtier.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a journal: each begins where the one before ends, and is named by the position of its first byte. Written by
 * one thread, read by any.
 */
final class Segments {
    static final String KIND = "jo";
    static final String DAMAGED = ".damaged";

    private static final Logger LOG = LoggerFactory.getLogger(Segments.class);
    private static final Pattern NAME = Pattern.compile("journal-([0-9a-f]{16})");
    /** No record stands at 0: that position means none. */
    private static final long FIRST = 1;

    private static final class Segment {
        final long base;
        final String name;
        final Disk.OpenFile file;
        final FrameReader reader;
        volatile long length;
        boolean damaged;

        Segment(long base, Disk.OpenFile file, long length) {
            this.base = base;
            this.name = name(base);
            this.file = file;
            this.reader = new FrameReader(file, base);
            this.length = length;
        }
    }

    private final Disk disk;
    private final ConcurrentNavigableMap<Long, Segment> all = new ConcurrentSkipListMap<>();
    private long end;
    private volatile boolean damaged;
    /** There is a file that may be gone after a power cut. */
    private boolean namesUnsynced;

    private Segments(Disk disk) {
        this.disk = disk;
    }

    private static String name(long base) {
        return String.format("journal-%016x", base);
    }

    /** Opens what is there: gives every whole record, cuts off what was not written to its end, deletes what is before. */
    static Segments recover(Disk disk, long from, Frames.Visitor visitor) throws IOException {
        Segments segments = new Segments(disk);
        List<Long> bases = new ArrayList<>();
        for (String name : disk.list()) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches()) bases.add(Long.parseUnsignedLong(matcher.group(1), 16));
        }
        bases.sort(null);
        segments.end = Math.max(from, FIRST);
        try {
            for (int i = 0; i < bases.size(); i++) {
                boolean last = i == bases.size() - 1;
                segments.recover(bases.get(i), last ? Long.MAX_VALUE : bases.get(i + 1), from, visitor);
            }
            // Whoever wrote it may have ended before it was synced; from now on it counts as durable.
            for (Segment segment : segments.all.values()) segment.file.sync();
            disk.syncNames();
        } catch (IOException | RuntimeException e) {
            segments.close();
            throw e;
        }
        return segments;
    }

    private void recover(long base, long nextBase, long from, Frames.Visitor visitor) throws IOException {
        boolean last = nextBase == Long.MAX_VALUE;
        if (!last && nextBase <= from) {
            disk.delete(name(base));
            return;
        }
        Segment segment = new Segment(base, disk.open(name(base)), 0);
        Disk.OpenFile file = segment.file;
        boolean headerWhole;
        try {
            headerWhole = FileHeader.isWhole(file, KIND, base, disk.where() + "/" + segment.name);
        } catch (IOException e) {
            file.close();
            throw e;
        }
        all.put(base, segment);
        Frames.Visitor after = (position, bytes, offset, length) -> {
            if (position >= from) visitor.record(position, bytes, offset, length);
        };
        Frames.Scan scan = last
                ? Frames.scanLast(file, base, FileHeader.BYTES, after)
                : Frames.scan(file, base, FileHeader.BYTES, after);
        if (!headerWhole && last && scan.end() <= FileHeader.BYTES) {
            // The process ended while it made the file: nothing in it was ever durable.
            all.remove(base);
            file.close();
            disk.delete(segment.name);
            return;
        }
        long size = file.size();
        long lost = last ? 0 : Math.max(0, nextBase - base - scan.end());
        if (!headerWhole || scan.damaged() + lost > 0) {
            segment.damaged = damaged = true;
            LOG.error(
                    "{}/{} is damaged: {} bytes could not be read; all else in it was saved, and the file will be put"
                            + " aside as {}{}",
                    disk.where(),
                    segment.name,
                    scan.damaged() + lost,
                    segment.name,
                    DAMAGED);
        }
        if (last && size > scan.end()) {
            LOG.info(
                    "{}/{}: cut off {} bytes that were not written to their end",
                    disk.where(),
                    segment.name,
                    size - scan.end());
            file.truncate(scan.end());
        }
        segment.length = last ? scan.end() : nextBase - base;
        end = Math.max(end, base + segment.length);
    }

    /** The position behind the last byte. */
    long end() {
        return end;
    }

    /** The base of the segment that may be written on, or -1: another is to be begun. */
    long activeBase() {
        Map.Entry<Long, Segment> last = all.lastEntry();
        if (last == null || last.getValue().damaged) return -1;
        Segment segment = last.getValue();
        return segment.base + segment.length == end ? segment.base : -1;
    }

    boolean isDamaged() {
        return damaged;
    }

    long bytes() {
        long bytes = 0;
        for (Segment segment : all.values()) bytes += segment.length;
        return bytes;
    }

    // ---- the writing thread

    /** Writes into a segment, and makes it where it is new: then all before it is synced first, unless nothing ever is. */
    void write(long base, long start, ByteBuffer bytes, boolean sync) throws IOException {
        Segment segment = all.get(base);
        if (segment == null) {
            if (sync) sync();
            segment = new Segment(base, disk.open(name(base)), 0);
            namesUnsynced = true;
            try {
                segment.file.truncate(0);
            } catch (IOException e) {
                segment.file.close();
                throw e;
            }
            all.put(base, segment);
        }
        int count = bytes.remaining();
        segment.file.write(start - base, bytes);
        segment.length = start - base + count;
    }

    void sync() throws IOException {
        Map.Entry<Long, Segment> last = all.lastEntry();
        if (last == null) return;
        last.getValue().file.sync();
        if (!namesUnsynced) return;
        disk.syncNames();
        namesUnsynced = false;
    }

    // ---- any thread

    byte @Nullable [] read(long position) throws IOException {
        Map.Entry<Long, Segment> found = all.floorEntry(position);
        if (found == null) return null;
        Segment segment = found.getValue();
        synchronized (segment.reader) {
            FrameReader reader = segment.reader;
            try {
                if (!reader.read(position - segment.base, segment.length)) return null;
            } catch (ClosedChannelException e) {
                // It was given up meanwhile.
                return null;
            }
            return Arrays.copyOfRange(reader.bytes(), reader.offset(), reader.offset() + reader.length());
        }
    }

    /** Gives all records from a position on, of the segments that begin before another. */
    void replay(long from, long before, Frames.Visitor visitor) throws IOException {
        for (Segment segment : all.headMap(before).values()) {
            if (segment.base + segment.length <= from) continue;
            Frames.scan(segment.file, segment.base, FileHeader.BYTES, (position, bytes, offset, length) -> {
                if (position >= from) visitor.record(position, bytes, offset, length);
            });
        }
    }

    /** What is wrong with the segments that begin before another. */
    List<String> verify(long before) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Segment segment : all.headMap(before).values()) {
            Frames.Scan scan =
                    Frames.scan(segment.file, segment.base, FileHeader.BYTES, (position, bytes, offset, length) -> {});
            long bad = scan.damaged() + Math.max(0, segment.length - scan.end());
            if (bad > 0) wrong.add(segment.name + ": " + bad + " bytes are damaged");
        }
        return wrong;
    }

    boolean owns(String name, long before) {
        for (Segment segment : all.headMap(before).values()) if (segment.name.equals(name)) return true;
        return false;
    }

    /** Deletes the segments before a base, and puts damaged ones aside; what fails is done by the next call. */
    void forget(long before) throws IOException {
        for (Segment segment : all.headMap(before).values()) {
            segment.file.close();
            if (segment.damaged) disk.rename(segment.name, segment.name + DAMAGED);
            else disk.delete(segment.name);
            all.remove(segment.base);
        }
        damaged = all.values().stream().anyMatch(segment -> segment.damaged);
        disk.syncNames();
    }

    void close() {
        for (Segment segment : all.values()) {
            try {
                segment.file.close();
            } catch (IOException e) {
                LOG.warn("{}/{} could not be closed: {}", disk.where(), segment.name, e.getMessage());
            }
        }
    }
}
