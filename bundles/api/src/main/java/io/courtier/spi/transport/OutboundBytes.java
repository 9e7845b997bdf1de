// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.transport;

import org.osgi.annotation.versioning.ConsumerType;

/** What the broker tells a transport, always on the loop that owns the connection. After a close all of it does nothing. */
@ConsumerType
public interface OutboundBytes {
    /** Appends bytes, copied before return. False: over the high-water mark now; what was given is kept all the same. */
    boolean write(byte[] bytes, int offset, int length);

    /** Appends bytes that never change and may be kept by reference until sent. The result as for write. */
    boolean writeShared(byte[] bytes, int offset, int length);

    /** Sends what was appended. Once per turn. */
    void flush();

    /** False: stop reading from the peer, which slows it down; true: read again. */
    void readable(boolean wanted);

    /**
     * Moves the connection to another loop, once, before its session exists. Bytes that arrive meanwhile are given to
     * {@link InboundBytes#received} on the new loop, after {@code arrived} was run there. A connection that closes
     * on the way is reported by {@link InboundBytes#closed} on the new loop, after {@code arrived}.
     */
    void moveTo(EventLoop home, Runnable arrived);

    /** Sends what was appended, then closes. */
    void close(CloseCause cause);
}
