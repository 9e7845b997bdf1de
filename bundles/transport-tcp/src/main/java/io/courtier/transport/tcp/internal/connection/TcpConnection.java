// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.courtier.listener.Nobody;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.InboundBytes;
import io.courtier.spi.transport.OutboundBytes;
import io.courtier.spi.transport.TlsInfo;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.Errors;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One open connection, between Netty and the broker. Belongs to the loop of its channel; only the methods that end in
 * FromOutside may be called on other threads. Small, since most connections do nothing most of the time.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports failures to the pipeline.
final class TcpConnection extends ChannelInboundHandlerAdapter implements OutboundBytes, Runnable {
    private final Reception reception;
    private final Reception.Terms terms;
    private final Channel channel;
    private final List<X509Certificate> certificates;
    private final Outbox outbox;
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable LoopSlot slot;
    private InboundBytes inbound = Nobody.INSTANCE;
    private volatile @Nullable Move move;
    private @Nullable Farewell farewell;
    private @Nullable CloseCause cause;
    private boolean readWanted = true;
    /** The broker was told that the peer is slow and waits to hear that it no longer is. */
    private boolean slowTold;

    private boolean drainPosted;

    /** @param certificates of the client, as they were proven; empty without any */
    TcpConnection(Reception reception, Reception.Terms terms, Channel channel, List<X509Certificate> certificates) {
        this.reception = reception;
        this.terms = terms;
        this.channel = channel;
        this.certificates = certificates;
        this.outbox = new Outbox(channel);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        accept((InetSocketAddress) channel.remoteAddress(), null);
    }

    /** Makes the connection known to the broker. */
    void accept(@Nullable InetSocketAddress remote, @Nullable TlsInfo tls) {
        if (remote == null) {
            // It was gone before we looked.
            channel.close();
            return;
        }
        LoopSlot here = reception.loops().slot(channel.eventLoop());
        slot = here;
        String address = remote.isUnresolved()
                ? remote.getHostString()
                : remote.getAddress().getHostAddress();
        ConnectionInfo info = new ConnectionInfo(
                reception.listener(),
                tls == null ? "tcp" : "tls",
                address,
                remote.getPort(),
                terms.settings().anonymousAllowed(),
                tls);
        inbound = reception.acceptor().accept(info, here.loop, this);
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            Move moving = move;
            if (moving != null) {
                moving.park(bytes);
            } else {
                deliver(bytes);
            }
        } finally {
            bytes.release();
        }
    }

    private void deliver(ByteBuf bytes) {
        LoopSlot here = slot;
        while (bytes.isReadable() && farewell == null && here != null) {
            Move moving = move;
            if (moving != null) {
                moving.park(bytes);
                return;
            }
            int length = Math.min(bytes.readableBytes(), LoopSlot.SCRATCH_BYTES_MAX);
            byte[] scratch = here.scratch(length);
            bytes.readBytes(scratch, 0, length);
            inbound.received(scratch, 0, length);
        }
    }

    @Override
    public boolean write(byte[] bytes, int offset, int length) {
        return farewell == null && orSlow(outbox.append(bytes, offset, length));
    }

    @Override
    public boolean writeShared(byte[] bytes, int offset, int length) {
        return farewell == null && orSlow(outbox.appendShared(bytes, offset, length));
    }

    private boolean orSlow(boolean belowHighWater) {
        slowTold |= !belowHighWater;
        return belowHighWater;
    }

    @Override
    public void flush() {
        if (farewell == null && move == null) {
            push();
        }
    }

    @Override
    public void readable(boolean wanted) {
        readWanted = wanted;
        if (farewell == null && move == null) {
            channel.config().setAutoRead(wanted);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext from) {
        if (channel.isWritable() && move == null) {
            postDrain();
        }
    }

    private void push() {
        ChannelHandlerContext here = ctx;
        if (here == null) {
            return;
        }
        outbox.flush(here);
        if (outbox.isEmpty() && channel.isWritable() && slowTold) {
            // Not from within the broker's own flush.
            postDrain();
        }
        if (outbox.isEmpty() && farewell != null) {
            farewell.allWritten(here);
        }
    }

    private void postDrain() {
        if (!drainPosted) {
            drainPosted = true;
            channel.eventLoop().execute(this);
        }
    }

    /** The peer took bytes: give it more, or tell the broker that it may. */
    @Override
    public void run() {
        if (!channel.eventLoop().inEventLoop() || move != null) {
            // Posted before a move: arrival does this.
            return;
        }
        drainPosted = false;
        if (!outbox.isEmpty()) {
            push();
        }
        if (slowTold && outbox.isEmpty() && channel.isWritable() && farewell == null) {
            slowTold = false;
            try {
                inbound.writable();
            } catch (RuntimeException | Error bug) {
                failed(bug);
            }
        }
    }

    @Override
    public void moveTo(EventLoop home, Runnable arrived) {
        if (farewell != null || move != null) {
            return;
        }
        LoopSlot target = reception.loops().slot(home);
        if (target == slot) {
            arrived.run();
            return;
        }
        Move moving = new Move(target, arrived);
        move = moving;
        channel.config().setAutoRead(false);
        channel.pipeline().addFirst(NoReads.INSTANCE);
        channel.deregister().addListener(left -> leave(moving));
    }

    private void leave(Move moving) {
        // In a turn of its own: io_uring may say that a channel has left before it has.
        channel.eventLoop().execute(() -> moving.target.netty.register(channel).addListener(there -> {
            if (moving.target.netty.inEventLoop()) {
                arrive(moving, there.isSuccess());
            } else {
                moving.target.netty.execute(() -> arrive(moving, there.isSuccess()));
            }
        }));
    }

    private void arrive(Move moved, boolean registered) {
        slot = moved.target;
        drainPosted = false;
        move = null;
        if (channel.pipeline().get(NoReads.class) != null) {
            channel.pipeline().remove(NoReads.INSTANCE);
        }
        try {
            moved.arrived.run();
            if (!registered || !channel.isActive()) {
                channel.close();
                gone();
                return;
            }
            deliver(moved.parked());
        } catch (RuntimeException | Error bug) {
            failed(bug);
        }
        CloseCause request = moved.closeRequest();
        if (request != null) {
            close(request);
        }
        push();
        // Also what Netty had already when the connection left, and could not send.
        channel.flush();
        if (farewell == null) {
            channel.config().setAutoRead(readWanted);
        }
    }

    @Override
    public void close(CloseCause why) {
        if (farewell != null) {
            return;
        }
        Move moving = move;
        if (moving != null) {
            moving.requestClose(why);
            return;
        }
        causeIs(why);
        farewell = new Farewell(channel, why);
        // What the peer still sends is thrown away, so that it can finish and read what we say.
        channel.config().setAutoRead(true);
        push();
    }

    /** Whose connection it is, for any thread. */
    List<X509Certificate> certificates() {
        return certificates;
    }

    /** {@link #close} for any thread, because the listener closes. */
    void closeFromOutside(CloseCause why) {
        fromOutside(why, true);
    }

    /** {@link #close} for any thread, without last words of the broker. */
    void endFromOutside(CloseCause why) {
        fromOutside(why, false);
    }

    private void fromOutside(CloseCause why, boolean listenerCloses) {
        channel.eventLoop().execute(() -> {
            Move moving = move;
            if (moving != null) {
                moving.requestClose(why);
                if (move != null) {
                    return;
                }
                // It arrived meanwhile and may not have seen the request.
            }
            if (channel.eventLoop().inEventLoop()) {
                if (listenerCloses) {
                    inbound.closing();
                }
                close(why);
            } else {
                fromOutside(why, listenerCloses);
            }
        });
    }

    /** Closes without last words. */
    void cutOffFromOutside() {
        channel.eventLoop().execute(() -> {
            if (channel.eventLoop().inEventLoop() && farewell != null) {
                farewell.cutOff();
            } else {
                channel.close();
            }
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext from, Object event) {
        // close_notify is TLS for end of stream.
        if (event instanceof SslCloseCompletionEvent && farewell == null) {
            Move moving = move;
            if (moving != null) {
                moving.requestClose(CloseCause.PEER_CLOSED);
            } else {
                causeIs(CloseCause.PEER_CLOSED);
                channel.close();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        if (move == null) {
            gone();
        }
    }

    private void gone() {
        InboundBytes told = inbound;
        inbound = Nobody.INSTANCE;
        outbox.discard();
        if (farewell != null) {
            farewell.end();
        }
        causeIs(CloseCause.PEER_CLOSED);
        told.closed(cause == null ? CloseCause.PEER_CLOSED : cause);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable thrown) {
        Throwable why = thrown instanceof DecoderException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (!(why instanceof IOException)) {
            failed(why);
            return;
        }
        boolean peer = why instanceof SocketException
                || why instanceof ClosedChannelException
                || why instanceof Errors.NativeIoException error
                        && (error.expectedErr() == Errors.ERRNO_ECONNRESET_NEGATIVE
                                || error.expectedErr() == Errors.ERRNO_EPIPE_NEGATIVE);
        Reception.LOG.debug(
                "listener={} remote={} ended: {}", reception.listener(), channel.remoteAddress(), why.toString());
        causeIs(peer ? CloseCause.PEER_CLOSED : CloseCause.IO_ERROR);
        channel.close();
    }

    /** Our fault: this connection ends, the others go on. */
    private void failed(Throwable bug) {
        Reception.LOG.error(
                "listener={} remote={} closed after an internal error",
                reception.listener(),
                channel.remoteAddress(),
                bug);
        causeIs(CloseCause.IO_ERROR);
        channel.close();
    }

    private void causeIs(CloseCause first) {
        if (cause == null) {
            cause = first;
        }
    }
}
