// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.connection;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the broker wrote and Jetty does not have yet. A turn's bytes gather in one array and leave as one binary frame.
 * While the peer is slow they stay here: large payloads by reference, so that a thousand slow subscribers hold one copy.
 * Belongs to the loop.
 */
final class Outbox {
    private static final int FIRST_BYTES_MIN = 256;
    private static final int FIRST_BYTES_MAX = 64 * 1024;
    /** From here on a reference is cheaper than a copy. */
    private static final int SHARED_BYTES_MIN = 16 * 1024;
    /** The JDK copies what it sends into native memory of that size, so no frame is larger. */
    private static final int FRAME_BYTES_MAX = 128 * 1024;

    private byte @Nullable [] tail;
    private int tailLength;
    private @Nullable ArrayDeque<ByteBuffer> sealed;
    private long bytes;
    private int turnBytes;
    private int lastTurnBytes;

    void append(byte[] source, int offset, int length) {
        byte[] array = tail;
        if (array == null) {
            int hint = Math.max(length, Math.min(Math.max(lastTurnBytes, FIRST_BYTES_MIN), FIRST_BYTES_MAX));
            array = new byte[hint];
            tail = array;
        } else if (array.length - tailLength < length) {
            array = Arrays.copyOf(array, Math.max(tailLength + length, array.length * 2));
            tail = array;
        }
        System.arraycopy(source, offset, array, tailLength, length);
        tailLength += length;
        counted(length);
        if (tailLength >= FRAME_BYTES_MAX) {
            seal();
        }
    }

    void appendShared(byte[] source, int offset, int length) {
        if (length < SHARED_BYTES_MIN) {
            append(source, offset, length);
            return;
        }
        seal();
        queue().add(ByteBuffer.wrap(source, offset, length));
        counted(length);
    }

    /** The payload of the next frame, or null where nothing waits. */
    @Nullable
    ByteBuffer next() {
        lastTurnBytes = turnBytes;
        turnBytes = 0;
        ArrayDeque<ByteBuffer> queue = sealed;
        ByteBuffer frame;
        if (queue != null && !queue.isEmpty()) {
            ByteBuffer head = queue.getFirst();
            if (head.remaining() > FRAME_BYTES_MAX) {
                frame = head.slice(head.position(), FRAME_BYTES_MAX);
                head.position(head.position() + FRAME_BYTES_MAX);
            } else {
                frame = queue.removeFirst();
            }
        } else if (tailLength > 0 && tail != null) {
            frame = ByteBuffer.wrap(tail, 0, tailLength);
            tail = null;
            tailLength = 0;
        } else {
            return null;
        }
        bytes -= frame.remaining();
        return frame;
    }

    long bytes() {
        return bytes;
    }

    void discard() {
        tail = null;
        tailLength = 0;
        sealed = null;
        bytes = 0;
    }

    private void seal() {
        byte[] array = tail;
        if (array != null && tailLength > 0) {
            queue().add(ByteBuffer.wrap(array, 0, tailLength));
            tail = null;
            tailLength = 0;
        }
    }

    private ArrayDeque<ByteBuffer> queue() {
        if (sealed == null) {
            sealed = new ArrayDeque<>(4);
        }
        return sealed;
    }

    private void counted(int length) {
        bytes += length;
        turnBytes += length;
    }
}
