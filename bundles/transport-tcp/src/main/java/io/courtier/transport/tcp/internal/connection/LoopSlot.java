// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.courtier.spi.transport.EventLoop;
import java.util.Arrays;

/** One of the broker's loops as this listener uses it. The scratch array belongs to the loop's thread. */
final class LoopSlot {
    /** The largest piece that is given to the broker at once. */
    static final int SCRATCH_BYTES_MAX = 64 * 1024;

    private static final int SCRATCH_BYTES_MIN = 4 * 1024;

    final EventLoop loop;
    final io.netty.channel.EventLoop netty;
    private byte[] scratch = new byte[0];

    LoopSlot(EventLoop loop) {
        this.loop = loop;
        this.netty = loop.unwrap(io.netty.channel.EventLoop.class);
    }

    /** An array for at least so many bytes, at most {@link #SCRATCH_BYTES_MAX}; the next call may return the same. */
    byte[] scratch(int bytes) {
        if (scratch.length < bytes) {
            int doubled = Math.max(SCRATCH_BYTES_MIN, Integer.highestOneBit(bytes - 1) * 2);
            scratch = Arrays.copyOf(scratch, Math.min(SCRATCH_BYTES_MAX, doubled));
        }
        return scratch;
    }
}
