// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.EventLoops;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two event loops like the broker's. */
public final class TestLoops implements EventLoops, AutoCloseable {
    private final String io;
    private final MultiThreadIoEventLoopGroup group;
    private final List<EventLoop> loops = new ArrayList<>();

    public TestLoops(String io) {
        this.io = io;
        IoHandlerFactory factory =
                switch (io) {
                    case "io_uring" -> IoUringIoHandler.newFactory();
                    case "epoll" -> EpollIoHandler.newFactory();
                    default -> NioIoHandler.newFactory();
                };
        group = new MultiThreadIoEventLoopGroup(2, factory);
        for (EventExecutor executor : group) {
            loops.add(new Loop(loops.size(), (io.netty.channel.EventLoop) executor));
        }
    }

    /** What this machine can do. */
    public static List<String> ios() {
        List<String> ios = new ArrayList<>(List.of("nio"));
        if (Epoll.isAvailable()) {
            ios.add("epoll");
        }
        if (IoUring.isAvailable()) {
            ios.add("io_uring");
        }
        return ios;
    }

    @Override
    public int size() {
        return loops.size();
    }

    @Override
    public EventLoop loop(int index) {
        return loops.get(index);
    }

    @Override
    public String io() {
        return io;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        return type.cast((EventLoopGroup) group);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private record Loop(int index, io.netty.channel.EventLoop netty) implements EventLoop {
        @Override
        public boolean inEventLoop() {
            return netty.inEventLoop();
        }

        @Override
        public void execute(Runnable task) {
            netty.execute(task);
        }

        @Override
        public <T> T unwrap(Class<T> type) {
            return type.cast(netty);
        }
    }
}
