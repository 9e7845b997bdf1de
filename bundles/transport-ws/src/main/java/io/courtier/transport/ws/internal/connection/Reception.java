// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.connection;

import io.courtier.listener.Counters;
import io.courtier.listener.FrequentWarning;
import io.courtier.listener.tls.RevocationLists;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.EventLoops;
import io.courtier.spi.transport.TlsInfo;
import io.courtier.transport.ws.internal.WsSettings;
import java.security.cert.CertPathValidatorException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the connections of one listener have in common. Any thread. */
public final class Reception {
    public static final Logger LOG = LoggerFactory.getLogger("io.courtier.transport.ws");

    private final String listener;
    private final EventLoops loops;
    private final ConnectionAcceptor acceptor;
    private final Counters counters = new Counters();
    private final FrequentWarning refusals;
    private final AtomicInteger next = new AtomicInteger();
    private final Set<WsConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile WsSettings settings;
    private volatile List<X509Certificate> authorities = List.of();
    private volatile @Nullable RevocationLists revocation;

    public Reception(String listener, EventLoops loops, ConnectionAcceptor acceptor, WsSettings settings) {
        this.listener = listener;
        this.loops = loops;
        this.acceptor = acceptor;
        this.settings = settings;
        refusals = new FrequentWarning(LOG, listener, System::nanoTime);
    }

    /** From now on new connections get these. */
    public void offer(WsSettings next) {
        settings = next;
    }

    /** Whose client certificates are believed from now on, and who not in spite of that. Connections of those end. */
    public void believe(List<X509Certificate> next, @Nullable RevocationLists lists) {
        authorities = next;
        revocation = lists;
        for (WsConnection connection : connections) {
            endIfRevoked(connection);
        }
    }

    /** CertPathValidatorException says why not to believe them. */
    public void check(List<X509Certificate> certificates) throws CertPathValidatorException {
        RevocationLists lists = revocation;
        if (lists != null && !certificates.isEmpty()) {
            lists.check(certificates);
        }
    }

    public void sayRefused(CertPathValidatorException refusal) {
        if (refusal.getReason() == CertPathValidatorException.BasicReason.REVOKED) {
            counters.revoked.increment();
        }
        refusals.happened("refused: " + refusal.getMessage());
    }

    private void endIfRevoked(WsConnection connection) {
        RevocationLists lists = revocation;
        TlsInfo tls = connection.info().tls();
        String why = lists == null || tls == null ? null : lists.revoked(tls.peerCertificates());
        if (why != null) {
            counters.revoked.increment();
            LOG.info(
                    "listener={} remote={} ended: {}",
                    listener,
                    connection.info().remoteAddress(),
                    why);
            connection.endFromOutside(CloseCause.TLS_FAILED);
        }
    }

    public List<X509Certificate> authorities() {
        return authorities;
    }

    public WsSettings settings() {
        return settings;
    }

    public Counters counters() {
        return counters;
    }

    /** Warnings of what may happen often. */
    public FrequentWarning refusals() {
        return refusals;
    }

    public String listener() {
        return listener;
    }

    public int loops() {
        return loops.size();
    }

    public int open() {
        return connections.size();
    }

    /** A connection that is about to be opened, on one of the loops in turn. */
    public WsConnection connection(ConnectionInfo info) {
        EventLoop loop = loops.loop(Math.floorMod(next.getAndIncrement(), loops.size()));
        return new WsConnection(this, settings, info, loop);
    }

    public void tick(long nowNanos) {
        refusals.tell();
        for (WsConnection connection : connections) {
            connection.cutOffIfLate(nowNanos);
        }
    }

    /** Ends all connections, by force in the end. False if one had to be cut off. Not on a loop. */
    public boolean empty(long nanos) throws InterruptedException {
        for (WsConnection connection : connections) {
            connection.closeFromOutside();
        }
        long deadlineNanos = System.nanoTime() + nanos;
        boolean inTime = true;
        for (WsConnection connection : connections) {
            inTime &= connection.awaitGone(Math.max(0, deadlineNanos - System.nanoTime()));
        }
        if (!inTime) {
            for (WsConnection connection : connections) {
                connection.cutOff();
            }
            for (WsConnection connection : connections) {
                boolean gone = connection.awaitGone(TimeUnit.SECONDS.toNanos(1));
                if (!gone) {
                    LOG.warn("listener={} has a connection that does not end", listener);
                    break;
                }
            }
        }
        return inTime;
    }

    /** Waits until every loop has done what was posted to it before. */
    public void settle() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(loops.size());
        for (int i = 0; i < loops.size(); i++) {
            loops.loop(i).execute(done::countDown);
        }
        boolean all = done.await(1, TimeUnit.SECONDS);
        if (!all) {
            LOG.warn("listener={} could not wait for all event loops", listener);
        }
    }

    ConnectionAcceptor acceptor() {
        return acceptor;
    }

    void entered(WsConnection connection) {
        connections.add(connection);
        // Lists that were renewed since the handshake found it only now.
        endIfRevoked(connection);
    }

    void left(WsConnection connection) {
        connections.remove(connection);
    }
}
