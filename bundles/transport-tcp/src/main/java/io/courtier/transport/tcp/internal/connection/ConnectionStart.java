// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.courtier.listener.ListenerSettings;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.util.List;

/** Builds the pipeline of a new connection: for plain TCP one handler and nothing else. */
public final class ConnectionStart extends ChannelInitializer<Channel> {
    private final Reception reception;

    public ConnectionStart(Reception reception) {
        this.reception = reception;
    }

    @Override
    protected void initChannel(Channel channel) {
        Reception.Terms terms = reception.terms();
        ListenerSettings settings = terms.settings();
        channel.config().setOption(ChannelOption.TCP_NODELAY, settings.noDelay());
        // The system finds out, in hours, about clients that vanished without Keep Alive.
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.config()
                .setWriteBufferWaterMark(
                        new WriteBufferWaterMark(settings.writeLowWaterBytes(), settings.writeHighWaterBytes()));
        boolean proxied = !settings.proxies().isEmpty()
                && channel.remoteAddress() instanceof InetSocketAddress peer
                && settings.proxies().contains(peer);
        if (proxied || terms.tls() != null) {
            channel.pipeline().addLast(new ConnectionOpening(reception, terms, proxied));
        } else {
            channel.pipeline().addLast(new TcpConnection(reception, terms, channel, List.of()));
        }
    }
}
