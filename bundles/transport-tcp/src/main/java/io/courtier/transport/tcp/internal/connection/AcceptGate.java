// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.courtier.listener.Admission;
import io.courtier.listener.ListenerSettings;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/** Stands before the door: every accepted socket passes here first. One for each listening socket. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports failures to the pipeline.
public final class AcceptGate extends ChannelInboundHandlerAdapter {
    /** How long to leave connections in the backlog after accept failed: out of file descriptors, most likely. */
    private static final long PAUSE_MILLIS = 1000;

    private final Reception reception;
    private final Admission admission = new Admission();

    public AcceptGate(Reception reception) {
        this.reception = reception;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel socket = (Channel) message;
        ListenerSettings settings = reception.terms().settings();
        String refusal = admission.refusal(
                reception.open(), settings.connectionsMax(), settings.connectionsPerSecond(), reception.nanoTime());
        if (refusal != null) {
            reception.counters().refused.increment();
            reception.refusals().happened(refusal);
            socket.unsafe().closeForcibly();
            return;
        }
        reception.entered(socket);
        ctx.fireChannelRead(socket);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // At once it would fail again, in a loop.
        reception.refusals().happened("cannot accept connections, trying again in 1 s: " + cause);
        if (ctx.channel().config().isAutoRead()) {
            ctx.channel().config().setAutoRead(false);
            ctx.channel()
                    .eventLoop()
                    .schedule(() -> ctx.channel().config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
