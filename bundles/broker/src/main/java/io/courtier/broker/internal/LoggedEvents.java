// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.api.RefusedClient;
import io.courtier.core.CoreEvents;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a person may act on into the log, as facts: one line each, and not more of them in a second than somebody could
 * read. What happens all the time (a client comes, a client goes) is at DEBUG; the counters have it anyway.
 */
final class LoggedEvents implements CoreEvents {
    private static final Logger LOG = LoggerFactory.getLogger("io.courtier.clients");
    private static final int LINES_PER_SECOND = 20;

    private static final int REFUSED_MAX = 500;

    /** The last first. */
    private final ArrayDeque<RefusedClient> refused = new ArrayDeque<>();

    private final AtomicLong second = new AtomicLong();
    private final AtomicLong lines = new AtomicLong();

    List<RefusedClient> refused() {
        synchronized (refused) {
            return List.copyOf(refused);
        }
    }

    @Override
    public void connected(String client, @Nullable String userName, ProtocolVersion version, ConnectionInfo info) {
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "client={} connected user={} version={} listener={} address={}",
                    quoted(client),
                    quoted(userName),
                    version,
                    info.listener(),
                    info.remoteAddress());
        }
    }

    @Override
    public void refused(String client, ConnectionInfo info, ReasonCode reason, String why) {
        list(client, info, reason, why);
        if (mayWrite()) {
            LOG.info(
                    "client={} refused reason={} why=\"{}\" listener={} address={}",
                    quoted(client),
                    reason,
                    why,
                    info.listener(),
                    info.remoteAddress());
        }
    }

    @Override
    public void refusedInStorm(String client, ConnectionInfo info, ReasonCode reason, String why) {
        list(client, info, reason, why);
    }

    @Override
    public void stormBegan(String client, ConnectionInfo newcomer, ConnectionInfo there, int takeOvers, int seconds) {
        if (mayWrite()) {
            LOG.warn(
                    "client={} take-over storm begins: more than {} take-overs in {} s, newcomers are refused"
                            + " listener={} address={} stays={}",
                    quoted(client),
                    takeOvers,
                    seconds,
                    newcomer.listener(),
                    newcomer.remoteAddress(),
                    there.remoteAddress());
        }
    }

    @Override
    public void stormEnded(String client, long refused) {
        if (mayWrite()) LOG.info("client={} take-over storm is over refused={}", quoted(client), refused);
    }

    @Override
    public void limited(String client, ConnectionInfo info, String why, boolean disconnected) {
        list(client, info, ReasonCode.MESSAGE_RATE_TOO_HIGH, why);
        // A disconnect makes a line of its own.
        if (!disconnected && mayWrite()) {
            LOG.info(
                    "client={} paused why=\"{}\" listener={} address={}",
                    quoted(client),
                    why,
                    info.listener(),
                    info.remoteAddress());
        }
    }

    private void list(String client, ConnectionInfo info, ReasonCode reason, String why) {
        RefusedClient fact = new RefusedClient(
                System.currentTimeMillis(), quoted(client), info.listener(), info.remoteAddress(), reason, why);
        synchronized (refused) {
            refused.addFirst(fact);
            if (refused.size() > REFUSED_MAX) refused.removeLast();
        }
    }

    @Override
    public void disconnected(String client, CloseCause cause, @Nullable ReasonCode reason, String why) {
        if (reason == null) {
            LOG.debug("client={} disconnected cause={}", quoted(client), cause);
        } else if (mayWrite()) {
            LOG.info("client={} disconnected reason={} why=\"{}\"", quoted(client), reason, why);
        }
    }

    @Override
    public void dropped(String client, Drop drop) {
        if (LOG.isTraceEnabled()) LOG.trace("client={} dropped={}", quoted(client), drop);
    }

    @Override
    public void revoked(String client, String filter) {
        if (mayWrite()) LOG.info("client={} lost its subscription filter={}", quoted(client), quoted(filter));
    }

    @Override
    public void broken(String client, RuntimeException bug) {
        if (mayWrite()) LOG.error("client={} is disconnected because of a mistake in the broker", quoted(client), bug);
    }

    /** What a client chose to call itself must not make lines of its own. */
    private static String quoted(@Nullable String name) {
        if (name == null) return "-";
        StringBuilder clean = new StringBuilder(name.length());
        for (int i = 0; i < name.length() && i < 128; i++) {
            char c = name.charAt(i);
            clean.append(Character.isISOControl(c) ? '?' : c);
        }
        return clean.toString();
    }

    private boolean mayWrite() {
        if (!LOG.isInfoEnabled()) return false;
        long now = System.nanoTime() / 1_000_000_000L;
        long then = second.get();
        if (now != then && second.compareAndSet(then, now)) {
            long left = lines.getAndSet(0) - LINES_PER_SECOND;
            if (left > 0) LOG.warn("{} more clients were refused or disconnected within a second", left);
        }
        return lines.incrementAndGet() <= LINES_PER_SECOND;
    }
}
