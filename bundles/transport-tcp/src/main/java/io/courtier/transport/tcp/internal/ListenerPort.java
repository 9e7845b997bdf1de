// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import io.courtier.listener.CannotOpen;
import io.courtier.listener.ListenerLife;
import io.courtier.listener.ListenerSettings;
import io.courtier.transport.tcp.internal.connection.AcceptGate;
import io.courtier.transport.tcp.internal.connection.ConnectionStart;
import io.courtier.transport.tcp.internal.connection.Loops;
import io.courtier.transport.tcp.internal.connection.Reception;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The listening socket of one listener. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports failures to the pipeline.
final class ListenerPort {
    private static final long BIND_SECONDS_MAX = 10;

    private final Channel channel;

    private ListenerPort(Channel channel) {
        this.channel = channel;
    }

    static ListenerPort open(ListenerSettings settings, Loops loops, Reception reception) throws CannotOpen {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops.group())
                .channelFactory(loops.serverChannels())
                .option(ChannelOption.SO_BACKLOG, settings.backlog())
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(new AcceptGate(reception))
                .childHandler(new ConnectionStart(reception))
                .bind(settings.address());
        boolean inTime = bound.awaitUninterruptibly(BIND_SECONDS_MAX, TimeUnit.SECONDS);
        if (inTime && bound.isSuccess()) {
            return new ListenerPort(bound.channel());
        }
        bound.channel().close();
        String why = bound.cause() == null
                ? "no answer"
                : String.valueOf(bound.cause().getMessage());
        throw CannotOpen.now("cannot listen on " + ListenerLife.text(settings.address()) + " (" + why
                + "): stop what else listens there, or set bind and port in " + settings.file()
                + "; it is tried again");
    }

    /** With the port that the system chose. */
    InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Accepts no more. Connections stay. */
    void close() {
        channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
