// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.courtier.listener.Counters;
import io.courtier.listener.FrequentWarning;
import io.courtier.listener.ListenerSettings;
import io.courtier.listener.tls.RevocationLists;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.transport.tcp.internal.tls.TlsContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the connections of one listener have in common. Used by all loops and by the threads of configuration. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports failures to the pipeline.
public final class Reception implements ChannelFutureListener {
    static final Logger LOG = LoggerFactory.getLogger("io.courtier.transport.tcp");

    /** What holds for a connection from accept to close, whatever is configured later. */
    public record Terms(ListenerSettings settings, @Nullable TlsContext tls) {}

    private final String listener;
    private final Loops loops;
    private final ConnectionAcceptor acceptor;
    private final Counters counters = new Counters();
    private final FrequentWarning refusals;
    private final FrequentWarning proxyWarning;
    private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
    private volatile Terms terms;

    public Reception(String listener, Loops loops, ConnectionAcceptor acceptor, Terms terms) {
        this.listener = listener;
        this.loops = loops;
        this.acceptor = acceptor;
        this.terms = terms;
        refusals = new FrequentWarning(LOG, listener, System::nanoTime);
        proxyWarning = new FrequentWarning(LOG, listener, System::nanoTime);
    }

    /** From now on new connections get these. */
    public void offer(Terms next) {
        terms = next;
        RevocationLists lists = revocation();
        if (lists != null) {
            endRevoked(lists);
        }
    }

    /** What is known now, also for connections of older terms. */
    @Nullable
    RevocationLists revocation() {
        TlsContext tls = terms.tls();
        return tls == null ? null : tls.revocation();
    }

    private void endRevoked(RevocationLists lists) {
        for (Channel channel : channels) {
            TcpConnection connection = channel.pipeline().get(TcpConnection.class);
            String why = connection == null ? null : lists.revoked(connection.certificates());
            if (connection != null && why != null) {
                counters.revoked.increment();
                LOG.info("listener={} remote={} ended: {}", listener, channel.remoteAddress(), why);
                connection.endFromOutside(CloseCause.TLS_FAILED);
            }
        }
    }

    public Terms terms() {
        return terms;
    }

    public Counters counters() {
        return counters;
    }

    public int open() {
        return channels.size();
    }

    /** Says what was not said yet of frequent events. */
    public void tell() {
        refusals.tell();
        proxyWarning.tell();
    }

    /** Asks every connection to close once its peer has what was sent to it. Any thread; does not wait. */
    public void closeAll() {
        for (Channel channel : channels) {
            TcpConnection connection = channel.pipeline().get(TcpConnection.class);
            if (connection == null) {
                channel.close();
            } else {
                connection.closeFromOutside(CloseCause.LISTENER_CLOSED);
            }
        }
    }

    /** Waits until all are gone, then cuts off the rest. False if it had to. Not on a loop. */
    public boolean awaitGone(long nanos) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + nanos;
        boolean inTime = true;
        for (Channel channel : channels) {
            long leftNanos = Math.max(0, deadlineNanos - System.nanoTime());
            inTime &= channel.closeFuture().await(leftNanos, TimeUnit.NANOSECONDS);
        }
        if (inTime) {
            return true;
        }
        for (Channel channel : channels) {
            TcpConnection connection = channel.pipeline().get(TcpConnection.class);
            if (connection != null) {
                connection.cutOffFromOutside();
            } else {
                channel.close();
            }
        }
        for (Channel channel : channels) {
            channel.closeFuture().await(1, TimeUnit.SECONDS);
        }
        return false;
    }

    @Override
    public void operationComplete(ChannelFuture closed) {
        channels.remove(closed.channel());
    }

    void entered(Channel channel) {
        counters.accepted.increment();
        channels.add(channel);
        channel.closeFuture().addListener(this);
    }

    String listener() {
        return listener;
    }

    Loops loops() {
        return loops;
    }

    ConnectionAcceptor acceptor() {
        return acceptor;
    }

    FrequentWarning refusals() {
        return refusals;
    }

    FrequentWarning proxyWarning() {
        return proxyWarning;
    }

    long nanoTime() {
        return System.nanoTime();
    }
}
