// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.courtier.spi.transport.CloseCause;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection so that the peer gets the last words. First all that was written leaves. Then our half is shut and
 * what the peer still sends is thrown away, until it closes too: closed with bytes unread, the system would send a reset,
 * and a reset takes back the DISCONNECT that the peer has not read yet. Both steps have a limit.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports failures to the pipeline.
final class Farewell {
    /** A peer that does not read holds its connection no longer than this. */
    static final long FLUSH_MILLIS = 5000;
    /** How long the peer has to notice and to close its half. */
    static final long LINGER_MILLIS = 1000;

    private final Channel channel;
    private final boolean linger;
    private final Future<?> flushLimit;
    private boolean begun;

    /** Starts the clock; {@link #allWritten} is for when Netty has all bytes. */
    Farewell(Channel channel, CloseCause cause) {
        this.channel = channel;
        this.linger = cause == CloseCause.SERVER_DISCONNECTED
                || cause == CloseCause.PROTOCOL_VIOLATION
                || cause == CloseCause.TIMEOUT;
        flushLimit = channel.eventLoop().schedule(this::cutOff, FLUSH_MILLIS, TimeUnit.MILLISECONDS);
    }

    void allWritten(ChannelHandlerContext ctx) {
        if (begun) {
            return;
        }
        begun = true;
        SslHandler ssl = channel.pipeline().get(SslHandler.class);
        ChannelFuture sent = ssl != null ? ssl.closeOutbound() : ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
        sent.addListener(done -> allSent(done.isSuccess()));
    }

    /** Closes at once, past TLS. */
    void cutOff() {
        end();
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first == null) {
            channel.close();
        } else {
            first.close();
        }
    }

    void end() {
        flushLimit.cancel(false);
    }

    private void allSent(boolean success) {
        end();
        if (!success || !linger || !channel.isActive() || !(channel instanceof DuplexChannel duplex)) {
            cutOff();
            return;
        }
        channel.eventLoop().schedule(this::cutOff, LINGER_MILLIS, TimeUnit.MILLISECONDS);
        duplex.shutdownOutput().addListener(done -> {
            if (!done.isSuccess()) {
                cutOff();
            }
        });
        channel.config().setAutoRead(true);
    }
}
