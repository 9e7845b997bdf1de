// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** One connection to the broker. Nothing of it waits; its end is no error, for the broker is killed all the time. */
final class Link {
    private final SocketChannel channel;
    private final ProtocolVersion version;
    private final PacketDecoder decoder = new PacketDecoder(1 << 20);
    private final ByteBuilder out = new ByteBuilder(4_096);
    private int sent;
    private boolean fed;
    private boolean open = true;

    private Link(SocketChannel channel, ProtocolVersion version) {
        this.channel = channel;
        this.version = version;
        decoder.version(version);
    }

    /** Null: nobody listens. */
    static @Nullable Link open(int port, ProtocolVersion version) {
        try {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return new Link(channel, version);
        } catch (IOException e) {
            return null;
        }
    }

    /** False: it has ended, and all that came was taken. */
    boolean isOpen() {
        return open || fed;
    }

    /** Leaves with the next {@link #flush}. */
    void send(ControlPacket packet) {
        if (!PacketEncoder.encode(packet, version, out)) throw new IllegalArgumentException("cannot be encoded");
    }

    /** Writes what the socket takes. */
    void flush() {
        if (!open || sent == out.length()) return;
        try {
            sent += channel.write(ByteBuffer.wrap(out.array(), sent, out.length() - sent));
        } catch (IOException e) {
            // What the broker said before is still to be read.
            sent = out.length();
        }
        if (sent < out.length()) return;
        out.clear();
        sent = 0;
    }

    /** The next packet; null: nothing has come. */
    @Nullable
    ControlPacket next() {
        while (true) {
            if (fed) {
                if (decoder.next() != null) return decoder.packet();
                fed = false;
            }
            if (!open) return null;
            byte[] bytes = new byte[16 << 10];
            int count = read(ByteBuffer.wrap(bytes));
            if (count < 0) close();
            if (count <= 0) return null;
            decoder.feed(bytes, 0, count);
            fed = true;
        }
    }

    private int read(ByteBuffer into) {
        try {
            return channel.read(into);
        } catch (IOException e) {
            return -1;
        }
    }

    void close() {
        open = false;
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone in any case.
        }
    }
}
