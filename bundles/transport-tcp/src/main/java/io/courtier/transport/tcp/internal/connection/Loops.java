// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.EventLoops;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.util.concurrent.TimeUnit;

/** The broker's event loops, seen from one listener. Never shut down here. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports failures to the pipeline.
public final class Loops {
    private final EventLoops loops;
    private final LoopSlot[] slots;

    public Loops(EventLoops loops) {
        this.loops = loops;
        slots = new LoopSlot[loops.size()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new LoopSlot(loops.loop(i));
        }
    }

    public EventLoopGroup group() {
        return loops.unwrap(EventLoopGroup.class);
    }

    public String io() {
        return loops.io();
    }

    public ChannelFactory<ServerChannel> serverChannels() {
        return switch (loops.io()) {
            case "io_uring" -> IoUringServerSocketChannel::new;
            case "epoll" -> EpollServerSocketChannel::new;
            default -> NioServerSocketChannel::new;
        };
    }

    /** Waits until every loop has done what was posted to it before. Not on a loop. */
    public void settle() throws InterruptedException {
        // Twice: Netty says that a channel is closed before it queues the news for its handlers.
        for (int round = 0; round < 2; round++) {
            for (LoopSlot slot : slots) {
                if (!slot.netty.isShuttingDown()) {
                    slot.netty.submit(() -> {}).await(1, TimeUnit.SECONDS);
                }
            }
        }
    }

    LoopSlot slot(EventLoop loop) {
        return slots[loop.index()];
    }

    LoopSlot slot(io.netty.channel.EventLoop netty) {
        for (LoopSlot slot : slots) {
            if (slot.netty == netty) {
                return slot;
            }
        }
        throw new IllegalStateException("a channel on a loop that is not the broker's");
    }
}
