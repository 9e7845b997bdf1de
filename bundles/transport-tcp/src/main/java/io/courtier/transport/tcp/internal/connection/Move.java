// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.courtier.spi.transport.CloseCause;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** A connection that is leaving one loop for another. Begun on the first, ended on the second. */
final class Move {
    final LoopSlot target;
    final Runnable arrived;
    private ByteBuf parked = Unpooled.EMPTY_BUFFER;
    /** Written by whoever closes, read on arrival: see {@link TcpConnection#closeFromOutside}. */
    private volatile @Nullable CloseCause closeRequest;

    Move(LoopSlot target, Runnable arrived) {
        this.target = target;
        this.arrived = arrived;
    }

    /** Keeps what was read on the way. Reading is off, so it is at most what one read had begun. */
    void park(ByteBuf bytes) {
        if (!parked.isReadable()) {
            parked = Unpooled.buffer(bytes.readableBytes());
        }
        parked.writeBytes(bytes);
    }

    ByteBuf parked() {
        return parked;
    }

    void requestClose(CloseCause cause) {
        if (closeRequest == null) {
            closeRequest = cause;
        }
    }

    @Nullable
    CloseCause closeRequest() {
        return closeRequest;
    }
}
