// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

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
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses how sockets are watched and makes the event loops. */
final class Loops implements EventLoops {
    private static final Logger LOG = LoggerFactory.getLogger(Loops.class);

    private final EventLoopGroup group;
    private final String io;
    private final EventLoop[] loops;

    private Loops(EventLoopGroup group, String io, EventLoop[] loops) {
        this.group = group;
        this.io = io;
        this.loops = loops;
    }

    static Loops of(EventLoopGroup group, String io, EventLoop[] loops) {
        return new Loops(group, io, loops);
    }

    /** {@code io_uring}, {@code epoll} or {@code nio} for a wish that may also be {@code auto}: epoll, else nio. */
    static String choose(String wish) {
        String io = wish.toLowerCase(Locale.ROOT);
        // io_uring is as fast (docs/adr) and often forbidden in containers: only for those who ask for it.
        return switch (io) {
            case "auto" -> isEpollAvailable() ? "epoll" : "nio";
            case "epoll" -> isEpollAvailable() ? "epoll" : insteadOf("epoll");
            case "io_uring" -> isIoUringAvailable() ? "io_uring" : insteadOf("io_uring");
            case "nio" -> "nio";
            default -> throw new IllegalArgumentException("io must be auto, io_uring, epoll or nio, not " + wish);
        };
    }

    static EventLoopGroup group(String io, int threads) {
        IoHandlerFactory handler =
                switch (io) {
                    case "epoll" -> EpollIoHandler.newFactory();
                    case "io_uring" -> IoUringIoHandler.newFactory();
                    default -> NioIoHandler.newFactory();
                };
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("courtier-loop", true), handler);
    }

    private static String insteadOf(String io) {
        LOG.warn("io={} is not available on this system: using nio", io);
        return "nio";
    }

    // The native classes come in optional bundles: without them there is nothing to ask.
    private static boolean isEpollAvailable() {
        try {
            return Epoll.isAvailable();
        } catch (LinkageError e) {
            return false;
        }
    }

    private static boolean isIoUringAvailable() {
        try {
            return IoUring.isAvailable();
        } catch (LinkageError e) {
            return false;
        }
    }

    static <T> T unwrap(Object object, Class<T> type) {
        if (type.isInstance(object)) return type.cast(object);
        throw new IllegalArgumentException(
                "not a " + type.getName() + " but a " + object.getClass().getName());
    }

    @Override
    public int size() {
        return loops.length;
    }

    @Override
    public EventLoop loop(int index) {
        return loops[index];
    }

    @Override
    public String io() {
        return io;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        return unwrap(group, type);
    }
}
