// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.sessions.internal;

import io.courtier.journal.Disk;
import io.courtier.journal.FileHeader;
import io.courtier.journal.FrameReader;
import io.courtier.journal.Frames;
import io.courtier.protocol.codec.MalformedPacketException;
import io.courtier.spi.store.SessionRecords;
import io.courtier.spi.store.SessionStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all records before a position came to, in two files that never change: the records of the image, and the messages
 * that are needed, in the order of their positions. Each record in them is a frame with the position that it had in the
 * journal before it. Both files are there or the snapshot is not: the state file comes last.
 */
final class Snapshot {
    static final String TEMPORARY = ".new";
    static final String DAMAGED = ".damaged";
    private static final Logger LOG = LoggerFactory.getLogger(Snapshot.class);
    private static final Pattern STATE = Pattern.compile("state-([0-9a-f]{16})");
    private static final String STATE_KIND = "se";
    private static final String MESSAGES_KIND = "me";
    /** Of so many messages the place of one is remembered. */
    private static final int SPARSE = 32;

    /** Takes messages as they were stored. */
    interface Messages {
        void message(long position, byte[] bytes, int offset, int length) throws IOException;
    }

    /** Everything before this position is in here. */
    final long base;

    private final Disk disk;
    private final Disk.@Nullable OpenFile messages;
    private final @Nullable FrameReader reader;
    private final long messagesEnd;
    private long[] positions = new long[64];
    private long[] offsets = new long[64];
    private int known;
    private int count;
    private boolean damaged;
    private final long stateBytes;

    /** None: what there is before the first. */
    private Snapshot(Disk disk) {
        this.disk = disk;
        base = 0;
        messages = null;
        reader = null;
        messagesEnd = 0;
        stateBytes = 0;
    }

    private Snapshot(Disk disk, long base) throws IOException {
        this.disk = disk;
        this.base = base;
        Disk.OpenFile file = disk.open(messagesName(base));
        messages = file;
        reader = new FrameReader(file, 0);
        try {
            messagesEnd = index(file);
            try (Disk.OpenFile state = disk.open(stateName(base))) {
                stateBytes = state.size();
            }
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Remembers where some of the messages stand; gives the end of the last. */
    private long index(Disk.OpenFile file) throws IOException {
        boolean whole = FileHeader.isWhole(file, MESSAGES_KIND, base, disk.where() + "/" + messagesName(base));
        long[] next = {FileHeader.BYTES};
        Frames.Scan scan = Frames.scan(file, 0, FileHeader.BYTES, (offset, bytes, at, length) -> {
            // From one that is known all up to the next are found, unless something is damaged between them.
            boolean isBehindDamage = offset != next[0];
            next[0] = offset + Frames.HEADER_BYTES + length;
            if (count++ % SPARSE != 0 && !isBehindDamage) return;
            if (known == positions.length) {
                positions = Arrays.copyOf(positions, 2 * known);
                offsets = Arrays.copyOf(offsets, 2 * known);
            }
            positions[known] = ByteBuffer.wrap(bytes, at, 8).getLong();
            offsets[known++] = offset;
        });
        if (!whole || scan.damaged() > 0 || scan.end() < file.size()) damaged(messagesName(base));
        return scan.end();
    }

    private static String stateName(long base) {
        return String.format("state-%016x", base);
    }

    private static String messagesName(long base) {
        return String.format("messages-%016x", base);
    }

    /** The last one that is whole; deletes what is left of others. */
    static Snapshot open(Disk disk) throws IOException {
        long last = 0;
        for (String name : disk.list()) {
            Matcher matcher = STATE.matcher(name);
            if (matcher.matches()) last = Math.max(last, Long.parseLong(matcher.group(1), 16));
        }
        for (String name : disk.list()) {
            boolean ours = (name.startsWith("state-") || name.startsWith("messages-")) && !name.endsWith(DAMAGED);
            if (ours && !name.equals(stateName(last)) && !name.equals(messagesName(last))) disk.delete(name);
        }
        return last == 0 ? new Snapshot(disk) : new Snapshot(disk, last);
    }

    private void damaged(String name) {
        if (!damaged) {
            LOG.error(
                    "{}/{} is damaged: what could be read of it was saved, and it will be put aside as {}{}",
                    disk.where(),
                    name,
                    name,
                    DAMAGED);
        }
        damaged = true;
    }

    boolean isDamaged() {
        return damaged;
    }

    long bytes() {
        return stateBytes + messagesEnd;
    }

    int messages() {
        return count;
    }

    // ---- reading

    /** Gives the records of the image. */
    void replay(SessionStore.Visitor visitor) throws IOException {
        if (base == 0) return;
        try (Disk.OpenFile state = disk.open(stateName(base))) {
            boolean whole = FileHeader.isWhole(state, STATE_KIND, base, disk.where() + "/" + stateName(base));
            boolean[] ended = {false};
            Frames.Scan scan = Frames.scan(state, 0, FileHeader.BYTES, (offset, bytes, at, length) -> {
                // The last frame is empty: with it the file is complete.
                if (length == 0) ended[0] = true;
                else visit(visitor, bytes, at, length);
            });
            if (!whole || !ended[0] || scan.damaged() > 0) damaged(stateName(base));
        }
    }

    private void visit(SessionStore.Visitor visitor, byte[] bytes, int at, int length) throws IOException {
        try {
            visitor.record(ByteBuffer.wrap(bytes, at, 8).getLong(), SessionRecords.read(bytes, at + 8, length - 8));
        } catch (MalformedPacketException e) {
            throw new IOException(
                    disk.where() + "/" + stateName(base) + " holds what this version does not know: " + e.getMessage(),
                    e);
        }
    }

    /** Gives all messages in the order of their positions. */
    void messages(Messages visitor) throws IOException {
        if (messages == null) return;
        Frames.scan(
                messages,
                0,
                FileHeader.BYTES,
                (offset, bytes, at, length) ->
                        visitor.message(ByteBuffer.wrap(bytes, at, 8).getLong(), bytes, at + 8, length - 8));
    }

    /** The record of the message at a position, or null. One after the other they cost little. */
    synchronized byte @Nullable [] read(long position) throws IOException {
        FrameReader in = reader;
        if (in == null) return null;
        int at = Arrays.binarySearch(positions, 0, known, position);
        if (at < 0) at = -at - 2;
        if (at < 0) return null;
        long offset = offsets[at];
        for (int i = 0; i < SPARSE && in.read(offset, messagesEnd); i++) {
            long found = ByteBuffer.wrap(in.bytes(), in.offset(), 8).getLong();
            if (found == position) {
                return Arrays.copyOfRange(in.bytes(), in.offset() + 8, in.offset() + in.length());
            }
            if (found > position) return null;
            offset = in.next();
        }
        return null;
    }

    /** What is wrong with the files. */
    List<String> verify() throws IOException {
        List<String> wrong = new ArrayList<>();
        if (base == 0) return wrong;
        for (String name : new String[] {stateName(base), messagesName(base)}) {
            try (Disk.OpenFile file = disk.open(name)) {
                Frames.Scan scan = Frames.scan(file, 0, FileHeader.BYTES, (offset, bytes, at, length) -> {});
                long bad = scan.damaged() + file.size() - scan.end();
                if (bad > 0) wrong.add(name + ": " + bad + " bytes are damaged");
            }
        }
        return wrong;
    }

    /** Whether a file is one of this snapshot's. */
    boolean owns(String name) {
        return base > 0 && (name.equals(stateName(base)) || name.equals(messagesName(base)));
    }

    // ---- writing

    /** Writes another snapshot: calls back for the records and for the messages. It counts from the rename on. */
    static Snapshot write(Disk disk, long base, Content content) throws IOException {
        try (FrameWriter messages = new FrameWriter(disk, messagesName(base) + TEMPORARY, MESSAGES_KIND, base)) {
            content.messages(messages::write);
            messages.finish();
        }
        try (FrameWriter state = new FrameWriter(disk, stateName(base) + TEMPORARY, STATE_KIND, base)) {
            content.state(state);
            state.end();
            state.finish();
        }
        disk.rename(messagesName(base) + TEMPORARY, messagesName(base));
        disk.syncNames();
        disk.rename(stateName(base) + TEMPORARY, stateName(base));
        disk.syncNames();
        return new Snapshot(disk, base);
    }

    /** What a snapshot is made of. */
    interface Content {
        void messages(Messages to) throws IOException;

        void state(FrameWriter to) throws IOException;
    }

    /** Gives its files up, after another took its place. */
    synchronized void delete() throws IOException {
        if (messages == null) return;
        messages.close();
        for (String name : new String[] {stateName(base), messagesName(base)}) {
            if (damaged) disk.rename(name, name + DAMAGED);
            else disk.delete(name);
        }
    }

    synchronized void close() throws IOException {
        if (messages != null) messages.close();
    }
}
