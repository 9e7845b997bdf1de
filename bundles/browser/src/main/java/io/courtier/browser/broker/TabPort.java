// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.core.NetworkConnection;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.OutboundBytes;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One connection to the broker, seen from its client: bytes both ways, and how much of either may wait. */
public final class TabPort implements OutboundBytes {
    /** Bytes that wait for one client, before the broker is told that it is slow. */
    private static final int BUFFER_HIGH = 64 * 1024;

    private static final int BUFFER_LOW = 32 * 1024;

    /** Bytes of one client that wait because it is not read at the moment; a port has no way to slow it down. */
    private static final int UNREAD_MAX = 64 << 20;

    /** The other end of a connection. */
    public interface Output {
        /** All bytes of one turn, its own from now on. */
        void bytes(byte[] bytes);

        /** Nothing follows. */
        void closed();
    }

    private final TabBroker broker;
    private final Output output;
    private @Nullable NetworkConnection in;
    private byte[] written = new byte[512];
    private int length;
    private long underWay;
    private boolean credited;
    private boolean slow;
    private boolean reading = true;
    /** The client sends no more. */
    private boolean gone;

    private boolean closed;
    /** What the client sent and nobody has read, in its order. */
    private final ArrayDeque<byte[]> unread = new ArrayDeque<>();

    private long unreadBytes;

    TabPort(TabBroker broker, Output output) {
        this.broker = broker;
        this.output = output;
    }

    /** The core's end of it, at once. */
    void accepted(NetworkConnection connection) {
        in = connection;
    }

    /** The client will say by {@link #consumed} what it has taken: without it what is under way has no bound. */
    public void credited() {
        credited = true;
    }

    /** The client sent bytes, which are the broker's from now on. */
    public void received(byte[] bytes) {
        if (closed || gone) return;
        // Behind what came before: a turn may be over before it has taken everything.
        unread.add(bytes);
        unreadBytes += bytes.length;
        if (reading) broker.turn(this::readWhileWanted);
        if (unreadBytes > UNREAD_MAX) broker.turn(() -> close(CloseCause.IO_ERROR));
    }

    private void readWhileWanted() {
        while (reading && !unread.isEmpty()) readNext();
    }

    private void readNext() {
        byte[] bytes = unread.remove();
        unreadBytes -= bytes.length;
        NetworkConnection to = in;
        if (to == null || closed) return;
        try {
            to.received(bytes, 0, bytes.length);
        } catch (RuntimeException bug) {
            broker.broken(to, bug);
        }
    }

    /** The client has taken so many bytes. */
    public void consumed(int bytes) {
        underWay = Math.max(0, underWay - bytes);
        if (!slow || underWay > BUFFER_LOW) return;
        slow = false;
        NetworkConnection to = in;
        if (to == null || closed) return;
        broker.turn(() -> {
            try {
                to.writable();
            } catch (RuntimeException bug) {
                broker.broken(to, bug);
            }
        });
    }

    /** The client is gone. What it sent before counts, wanted or not: a DISCONNECT may be the last of it. */
    public void lost() {
        if (closed || gone) return;
        gone = true;
        broker.turn(() -> {
            while (!unread.isEmpty()) readNext();
            if (closed) return;
            closed = true;
            NetworkConnection to = in;
            if (to != null) to.closed(CloseCause.PEER_CLOSED);
        });
    }

    @Override
    public boolean write(byte[] bytes, int offset, int count) {
        if (closed) return true;
        if (written.length - length < count) {
            written = Arrays.copyOf(written, Math.max(2 * written.length, length + count));
        }
        System.arraycopy(bytes, offset, written, length, count);
        length += count;
        slow |= credited && underWay + length > BUFFER_HIGH;
        return !slow;
    }

    @Override
    public boolean writeShared(byte[] bytes, int offset, int count) {
        return write(bytes, offset, count);
    }

    @Override
    public void flush() {
        if (length == 0 || closed) return;
        byte[] bytes = Arrays.copyOf(written, length);
        if (credited) underWay += length;
        length = 0;
        if (written.length > 65_536) written = new byte[512];
        output.bytes(bytes);
    }

    @Override
    public void readable(boolean wanted) {
        reading = wanted;
        if (wanted) broker.post(this::readWhileWanted);
    }

    @Override
    public void moveTo(EventLoop home, Runnable arrived) {
        throw new UnsupportedOperationException("there is one shard");
    }

    @Override
    public void close(CloseCause cause) {
        if (closed) return;
        flush();
        closed = true;
        output.closed();
        broker.post(() -> {
            NetworkConnection to = in;
            if (to != null) to.closed(cause);
        });
    }
}
