// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.InboundBytes;
import io.courtier.spi.transport.OutboundBytes;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A broker that echoes, until a test says otherwise. */
public final class Guests implements ConnectionAcceptor {
    /** What the broker does with bytes. On the loop. */
    public interface Manner {
        void received(Guest guest, byte[] bytes, int offset, int length);
    }

    public static final Manner ECHO = (guest, bytes, offset, length) -> {
        guest.out.write(bytes, offset, length);
        guest.out.flush();
    };

    private final BlockingQueue<Guest> accepted = new LinkedBlockingQueue<>();
    private final Manner manner;

    public Guests() {
        this(ECHO);
    }

    public Guests(Manner manner) {
        this.manner = manner;
    }

    @Override
    public InboundBytes accept(ConnectionInfo info, EventLoop loop, OutboundBytes out) {
        Guest guest = new Guest(info, loop, out, manner);
        guest.onItsLoop();
        accepted.add(guest);
        return guest;
    }

    /** The next connection that was let in, or null if none comes soon. */
    public Guest next() throws InterruptedException {
        return accepted.poll(5, TimeUnit.SECONDS);
    }

    public boolean isEmpty() {
        return accepted.isEmpty();
    }

    /** One connection as the broker sees it. Refuses calls on other loops. */
    public static final class Guest implements InboundBytes {
        public final ConnectionInfo info;
        public final OutboundBytes out;
        public final AtomicInteger writable = new AtomicInteger();
        public final AtomicInteger closing = new AtomicInteger();
        private final CompletableFuture<CloseCause> closed = new CompletableFuture<>();
        private final Manner manner;
        public volatile EventLoop loop;
        public volatile Throwable wrong;

        Guest(ConnectionInfo info, EventLoop loop, OutboundBytes out, Manner manner) {
            this.info = info;
            this.loop = loop;
            this.out = out;
            this.manner = manner;
        }

        @Override
        public void received(byte[] bytes, int offset, int length) {
            onItsLoop();
            manner.received(this, bytes, offset, length);
        }

        @Override
        public void writable() {
            onItsLoop();
            writable.incrementAndGet();
        }

        @Override
        public void closing() {
            onItsLoop();
            closing.incrementAndGet();
        }

        @Override
        public void closed(CloseCause cause) {
            onItsLoop();
            if (!closed.complete(cause)) {
                wrong = new IllegalStateException("closed twice");
            }
        }

        public CloseCause cause() throws Exception {
            return closed.get(10, TimeUnit.SECONDS);
        }

        public boolean isClosed() {
            return closed.isDone();
        }

        public void onItsLoop() {
            if (!loop.inEventLoop()) {
                wrong = new IllegalStateException("on " + Thread.currentThread());
            }
            if (closed.isDone()) {
                wrong = new IllegalStateException("called after closed");
            }
        }
    }
}
