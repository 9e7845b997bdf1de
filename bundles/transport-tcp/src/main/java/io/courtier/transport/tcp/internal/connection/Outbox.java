// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What the broker wrote and Netty does not have yet. A turn's bytes gather in one buffer and leave by one write. While
 * the peer is slow they stay here: large payloads by reference, so that a thousand slow subscribers hold one copy.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports failures to the pipeline.
final class Outbox {
    private static final int FIRST_BYTES_MIN = 256;
    private static final int FIRST_BYTES_MAX = 64 * 1024;
    /** From here on a reference is cheaper than a copy. */
    private static final int SHARED_BYTES_MIN = 16 * 1024;
    /** Netty gets no larger piece: it copies what it sends, and what it copied counts for the high-water mark. */
    private static final int PIECE_BYTES = 256 * 1024;

    private final Channel channel;
    private @Nullable ByteBuf tail;
    private @Nullable ArrayDeque<ByteBuf> sealed;
    private long bytes;
    private int turnBytes;
    private int lastTurnBytes;

    Outbox(Channel channel) {
        this.channel = channel;
    }

    boolean append(byte[] source, int offset, int length) {
        if (length > 0) {
            ByteBuf buffer = tail;
            if (buffer == null) {
                int hint = Math.max(length, lastTurnBytes);
                buffer = channel.alloc().ioBuffer(Math.min(Math.max(hint, FIRST_BYTES_MIN), FIRST_BYTES_MAX));
                tail = buffer;
            }
            buffer.writeBytes(source, offset, length);
            counted(length);
            if (buffer.readableBytes() >= PIECE_BYTES) {
                seal(buffer);
                tail = null;
            }
        }
        return belowHighWater();
    }

    boolean appendShared(byte[] source, int offset, int length) {
        if (length < SHARED_BYTES_MIN) {
            return append(source, offset, length);
        }
        ByteBuf before = tail;
        if (before != null) {
            seal(before);
            tail = null;
        }
        seal(Unpooled.wrappedBuffer(source, offset, length));
        counted(length);
        return belowHighWater();
    }

    /** Gives Netty as much as the peer takes. The rest waits for the next call. */
    void flush(ChannelHandlerContext ctx) {
        lastTurnBytes = turnBytes;
        turnBytes = 0;
        if (bytes == 0) {
            return;
        }
        while (sealed != null && !sealed.isEmpty() && channel.isWritable()) {
            ByteBuf head = sealed.peek();
            if (head.readableBytes() > PIECE_BYTES) {
                give(ctx, head.readRetainedSlice(PIECE_BYTES));
            } else {
                sealed.remove();
                give(ctx, head);
            }
        }
        ByteBuf last = tail;
        if (last != null && (sealed == null || sealed.isEmpty()) && channel.isWritable()) {
            tail = null;
            give(ctx, last);
        }
        ctx.flush();
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    void discard() {
        if (tail != null) {
            tail.release();
            tail = null;
        }
        if (sealed != null) {
            sealed.forEach(ByteBuf::release);
            sealed = null;
        }
        bytes = 0;
    }

    private void give(ChannelHandlerContext ctx, ByteBuf piece) {
        bytes -= piece.readableBytes();
        ctx.write(piece, channel.voidPromise());
    }

    private void seal(ByteBuf full) {
        if (sealed == null) {
            sealed = new ArrayDeque<>(4);
        }
        sealed.add(full);
    }

    private void counted(int length) {
        bytes += length;
        turnBytes += length;
    }

    private boolean belowHighWater() {
        return bytes < channel.bytesBeforeUnwritable();
    }
}
