// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Stands first in the pipeline while a connection moves. SslHandler asks for more, auto-read or not, while it has half a
 * record; on io_uring such a read, begun while the old loop is being left, may never end.
 */
@ChannelHandler.Sharable
final class NoReads extends ChannelOutboundHandlerAdapter {
    static final NoReads INSTANCE = new NoReads();

    private NoReads() {}

    @Override
    public void read(ChannelHandlerContext ctx) {
        // Arrival asks again.
    }
}
