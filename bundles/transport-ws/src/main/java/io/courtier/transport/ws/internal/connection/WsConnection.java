// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.connection;

import io.courtier.listener.Nobody;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.InboundBytes;
import io.courtier.spi.transport.OutboundBytes;
import io.courtier.transport.ws.internal.WsSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.exception.WebSocketTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One open connection, between Jetty and the broker. Jetty calls on its own threads and never says which frame was the last
 * of a read; so payloads gather in the inbox and the loop is posted once, which makes one turn of many frames. What the
 * broker writes in a turn leaves as one binary frame. Methods of {@link FrameHandler} and those that end in FromOutside run
 * on any thread, all others on the loop.
 */
public final class WsConnection implements FrameHandler, OutboundBytes, Runnable {
    /** A peer that does not take what was sent to it, or does not answer our close, holds its connection no longer. */
    static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Reception reception;
    private final WsSettings settings;
    private final ConnectionInfo info;
    private final CountDownLatch gone = new CountDownLatch(1);
    private volatile EventLoop loop;
    private volatile boolean moving;
    private volatile @Nullable CoreSession session;
    private volatile long farewellNanos;

    // Jetty's threads and the loop, under the lock of this object.
    private final Inbox inbox = new Inbox();
    private boolean runPosted;
    /** Jetty waits for us to ask for the next frame. */
    private boolean demandOwed;

    private @Nullable CloseCause endedBy;

    // Jetty's threads, one after the other.
    private long messageBytes;
    private boolean refused;

    // The loop.
    private final Outbox outbox = new Outbox();
    private InboundBytes inbound = Nobody.INSTANCE;
    private @Nullable CloseCause farewell;
    private boolean reading = true;
    private int bytesOnTheWay;
    /** The broker was told that the peer is slow and waits to hear that it no longer is. */
    private boolean slowTold;

    WsConnection(Reception reception, WsSettings settings, ConnectionInfo info, EventLoop loop) {
        this.reception = reception;
        this.settings = settings;
        this.info = info;
        this.loop = loop;
    }

    // ---- from Jetty

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
        session = opened;
        reception.entered(this);
        loop.execute(() -> {
            inbound = reception.acceptor().accept(info, loop, this);
            callback.succeeded();
            opened.demand();
        });
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
        if (refused && frame.getOpCode() != OpCode.CLOSE) {
            // Read on only to find the peer's answer to our close.
            callback.succeeded();
            demand();
            return;
        }
        switch (frame.getOpCode()) {
            case OpCode.BINARY, OpCode.CONTINUATION -> received(frame, callback);
            case OpCode.PING -> answer(frame, callback);
            case OpCode.TEXT -> {
                // [MQTT-6.0.0-1]
                callback.succeeded();
                refuse(CloseStatus.BAD_DATA, "MQTT travels in binary frames");
            }
            default -> {
                // PONG needs no answer; Jetty itself answers CLOSE.
                callback.succeeded();
                if (frame.getOpCode() != OpCode.CLOSE) {
                    demand();
                }
            }
        }
    }

    private void received(Frame frame, Callback callback) {
        messageBytes += frame.getPayloadLength();
        if (messageBytes > settings.messageBytesMax()) {
            callback.succeeded();
            reception
                    .refusals()
                    .happened("closed a connection whose message was over message.bytes.max="
                            + settings.messageBytesMax());
            refuse(CloseStatus.MESSAGE_TOO_LARGE, "over message.bytes.max");
            return;
        }
        if (frame.isFin()) {
            messageBytes = 0;
        }
        boolean more = !frame.hasPayload() || put(frame.getPayload());
        callback.succeeded();
        if (more) {
            demand();
        } else {
            oweDemand();
        }
    }

    /** Whether a message of one frame with so many bytes may go straight into the inbox. */
    boolean takesWhole(int bytes) {
        return !refused && bytes <= settings.messageBytesMax();
    }

    /** Hands bytes to the loop. False where it has enough for now: then nothing more until it asks. */
    boolean put(ByteBuffer payload) {
        if (farewellNanos != 0) {
            // Nobody listens any more; Jetty reads on to find the peer's answer to our close.
            return true;
        }
        boolean post;
        boolean more;
        synchronized (this) {
            inbox.put(payload);
            more = !inbox.isFull();
            post = !runPosted;
            runPosted = true;
        }
        if (post) {
            loop.execute(this);
        }
        return more;
    }

    /** From now on the loop has to ask for the next frame, when it has taken what there is. */
    void oweDemand() {
        boolean post;
        synchronized (this) {
            demandOwed = true;
            // It may have taken everything meanwhile.
            post = !runPosted;
            runPosted = true;
        }
        if (post) {
            loop.execute(this);
        }
    }

    /** The next frame is asked for only when the answer has left: who sends pings and reads nothing fills no queue. */
    private void answer(Frame ping, Callback callback) {
        byte[] payload = new byte[ping.getPayloadLength()];
        if (ping.hasPayload()) {
            ping.getPayload().get(payload);
        }
        callback.succeeded();
        CoreSession open = session;
        if (farewellNanos != 0) {
            // Our close is on its way, behind which nothing may be sent.
            demand();
        } else if (open != null) {
            open.sendFrame(
                    new Frame(OpCode.PONG, ByteBuffer.wrap(payload)), Callback.from(this::demand, lost -> {}), false);
        }
    }

    private void demand() {
        CoreSession open = session;
        if (open != null) {
            open.demand();
        }
    }

    private void refuse(int status, String why) {
        refused = true;
        ended(CloseCause.PROTOCOL_VIOLATION);
        CoreSession open = session;
        if (open != null) {
            farewellNanos = System.nanoTime() | 1;
            sayClose(open, status, why);
            open.demand();
        }
    }

    /**
     * Past Jetty's session, which cuts the connection off behind the codes of failures: a peer that is still sending would
     * find a reset in the place of our last words. The peer's answer, or the end of our patience, ends it.
     */
    private static void sayClose(CoreSession open, int status, @Nullable String why) {
        Frame close = new CloseStatus(status, why).toFrame();
        ((WebSocketCoreSession) open)
                .getConnection()
                .enqueueFrame(new OutgoingEntry.Builder(close, Callback.NOOP).build());
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
        Reception.LOG.debug("listener={} remote={} ended: {}", info.listener(), info.remoteAddress(), cause.toString());
        if (cause instanceof WebSocketTimeoutException || cause instanceof TimeoutException) {
            ended(CloseCause.TIMEOUT);
        } else if (cause instanceof ClosedChannelException || cause instanceof IOException) {
            ended(CloseCause.PEER_CLOSED);
        } else {
            ended(CloseCause.PROTOCOL_VIOLATION);
        }
        callback.succeeded();
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
        reception.left(this);
        ended(CloseCause.PEER_CLOSED);
        callback.succeeded();
    }

    /** The first cause counts. The loop hears of it behind the bytes that came before. */
    private void ended(CloseCause cause) {
        boolean post;
        synchronized (this) {
            if (endedBy != null) {
                return;
            }
            endedBy = cause;
            post = !runPosted;
            runPosted = true;
        }
        if (post) {
            loop.execute(this);
        }
    }

    // ---- on the loop

    /** Gives the broker what arrived, and the end behind it. */
    @Override
    public void run() {
        EventLoop here = loop;
        if (!here.inEventLoop()) {
            // Posted before a move that has ended meanwhile.
            here.execute(this);
            return;
        }
        if (moving) {
            // Arrival does this.
            return;
        }
        byte[] bytes;
        int length;
        boolean owed;
        CloseCause end;
        synchronized (this) {
            runPosted = false;
            end = endedBy;
            if (!reading && farewell == null && end == null) {
                // What is in the inbox waits, and when it is full the peer waits.
                return;
            }
            length = inbox.length();
            bytes = inbox.take();
            owed = demandOwed;
            demandOwed = false;
        }
        if (bytes != null && farewell == null) {
            try {
                inbound.received(bytes, 0, length);
            } catch (RuntimeException | Error bug) {
                failed(bug);
            }
        }
        if (moving) {
            synchronized (this) {
                demandOwed |= owed;
            }
            return;
        }
        if (end != null) {
            gone(end);
        } else if (owed) {
            demand();
        }
    }

    /** Our fault: this connection ends, the others go on. */
    private void failed(Throwable bug) {
        Reception.LOG.error(
                "listener={} remote={} closed after an internal error", info.listener(), info.remoteAddress(), bug);
        ended(CloseCause.IO_ERROR);
        cutOff();
    }

    @Override
    public boolean write(byte[] bytes, int offset, int length) {
        if (farewell != null) {
            return false;
        }
        if (length > 0) {
            outbox.append(bytes, offset, length);
        }
        return orSlow();
    }

    @Override
    public boolean writeShared(byte[] bytes, int offset, int length) {
        if (farewell != null) {
            return false;
        }
        outbox.appendShared(bytes, offset, length);
        return orSlow();
    }

    private boolean orSlow() {
        boolean belowHighWater =
                outbox.bytes() + bytesOnTheWay < settings.listener().writeHighWaterBytes();
        slowTold |= !belowHighWater;
        return belowHighWater;
    }

    @Override
    public void flush() {
        if (farewell == null && !moving) {
            push();
            if (slowTold && isBelowLowWater()) {
                // Not from within the broker's own flush.
                loop.execute(this::relieved);
            }
        }
    }

    private boolean isBelowLowWater() {
        return outbox.bytes() + bytesOnTheWay <= settings.listener().writeLowWaterBytes();
    }

    private void relieved() {
        if (slowTold && farewell == null && !moving && isBelowLowWater()) {
            slowTold = false;
            try {
                inbound.writable();
            } catch (RuntimeException | Error bug) {
                failed(bug);
            }
        }
    }

    /** One frame on its way at a time: what gathers meanwhile is the next one. */
    private void push() {
        CoreSession open = session;
        while (bytesOnTheWay == 0 && open != null) {
            ByteBuffer payload = outbox.next();
            if (payload == null) {
                return;
            }
            bytesOnTheWay = payload.remaining();
            Sending sending = new Sending();
            open.sendFrame(new Frame(OpCode.BINARY, payload), sending, false);
            if (!sending.isDoneAtOnce()) {
                return;
            }
            bytesOnTheWay = 0;
        }
    }

    /** Tells whether a frame left before {@code sendFrame} returned; if it did not, the loop hears when it has. */
    private final class Sending implements Callback {
        private boolean sent;
        private boolean awaited;

        @Override
        public void succeeded() {
            synchronized (this) {
                sent = true;
                if (!awaited) {
                    return;
                }
            }
            loop.execute(WsConnection.this::sent);
        }

        @Override
        public void failed(Throwable lost) {
            // Jetty closes, and says so.
        }

        synchronized boolean isDoneAtOnce() {
            awaited = !sent;
            return sent;
        }
    }

    private void sent() {
        EventLoop here = loop;
        if (!here.inEventLoop()) {
            here.execute(this::sent);
            return;
        }
        bytesOnTheWay = 0;
        if (moving) {
            // Arrival pushes.
            return;
        }
        push();
        afterPush();
    }

    private void afterPush() {
        boolean allSent = bytesOnTheWay == 0 && outbox.bytes() == 0;
        if (farewell != null) {
            if (allSent) {
                sayGoodbye(farewell);
            }
        } else {
            relieved();
        }
    }

    @Override
    public void readable(boolean wanted) {
        boolean again = wanted && !reading;
        reading = wanted;
        if (again && !moving) {
            post();
        }
    }

    /** Has the inbox looked at soon. */
    private void post() {
        synchronized (this) {
            if (runPosted) {
                return;
            }
            runPosted = true;
        }
        loop.execute(this);
    }

    @Override
    public void moveTo(EventLoop home, Runnable arrived) {
        if (farewell != null || moving) {
            return;
        }
        if (home.index() == loop.index()) {
            arrived.run();
            return;
        }
        moving = true;
        // Behind the turn that we are in; from then on the old loop touches nothing.
        loop.execute(() -> {
            loop = home;
            home.execute(() -> arrive(arrived));
        });
    }

    private void arrive(Runnable arrived) {
        moving = false;
        try {
            arrived.run();
        } catch (RuntimeException | Error bug) {
            failed(bug);
        }
        run();
        push();
        afterPush();
    }

    @Override
    public void close(CloseCause why) {
        if (farewell != null) {
            return;
        }
        farewell = why;
        farewellNanos = System.nanoTime() | 1;
        if (!moving) {
            push();
            afterPush();
            // What the peer still sends is thrown away, so that it can finish, read what we say, and answer.
            post();
        }
    }

    private void sayGoodbye(CloseCause why) {
        CoreSession open = session;
        if (open == null) {
            return;
        }
        int status =
                switch (why) {
                    case CLIENT_DISCONNECTED, SERVER_DISCONNECTED, PEER_CLOSED -> CloseStatus.NORMAL;
                    case LISTENER_CLOSED -> CloseStatus.SHUTDOWN;
                    case PROTOCOL_VIOLATION -> CloseStatus.PROTOCOL;
                    case TIMEOUT, TLS_FAILED -> CloseStatus.POLICY_VIOLATION;
                    case IO_ERROR -> CloseStatus.SERVER_ERROR;
                };
        sayClose(open, status, null);
    }

    private void gone(CloseCause end) {
        InboundBytes told = inbound;
        if (gone.getCount() == 0) {
            return;
        }
        inbound = Nobody.INSTANCE;
        outbox.discard();
        gone.countDown();
        told.closed(farewell == null ? end : farewell);
        if (farewell == null) {
            farewell = end;
        }
    }

    // ---- from the listener, on any thread

    ConnectionInfo info() {
        return info;
    }

    /** Asks for the end, because the listener closes. */
    void closeFromOutside() {
        fromOutside(CloseCause.LISTENER_CLOSED, true);
    }

    /** Asks for the end, without last words of the broker. */
    void endFromOutside(CloseCause why) {
        fromOutside(why, false);
    }

    private void fromOutside(CloseCause why, boolean listenerCloses) {
        EventLoop here = loop;
        here.execute(() -> {
            if (here != loop || moving) {
                loop.execute(() -> fromOutside(why, listenerCloses));
            } else {
                if (listenerCloses) {
                    inbound.closing();
                }
                close(why);
            }
        });
    }

    void cutOffIfLate(long nowNanos) {
        long since = farewellNanos;
        if (since != 0 && nowNanos - since > FAREWELL_NANOS) {
            cutOff();
        }
    }

    /** Closes without last words. */
    void cutOff() {
        CoreSession open = session;
        if (open != null) {
            open.abort();
        }
    }

    boolean awaitGone(long nanos) throws InterruptedException {
        return gone.await(nanos, TimeUnit.NANOSECONDS);
    }
}
