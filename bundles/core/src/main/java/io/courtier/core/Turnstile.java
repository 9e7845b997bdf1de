// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.core.Users.User;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.Principal;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a client that may come in may come in now: how often its identifier and its user come, how many sessions the
 * user has, and whether it only fights with another for one session. Remembers what a client has used up after its session
 * has ended, or it could be had anew by coming back. One for each shard.
 */
final class Turnstile {
    /** Clients without a session whose use is remembered; further ones are not. */
    private static final int REMEMBERED_MAX = 100_000;

    private final Shard shard;
    private final Users users;
    private final TakeOvers takeOvers;
    private final Map<String, Allowance> remembered = new HashMap<>();

    Turnstile(Shard shard, Users users) {
        this.shard = shard;
        this.users = users;
        takeOvers = new TakeOvers(shard);
    }

    // ---- coming

    /** Before anybody is asked who it is: true where it is turned away, by what is known of its client identifier alone. */
    boolean turnsAway(ClientConnection connection) {
        FairUse fair = shard.limits().fairUse();
        String client = connection.clientIdentifier;
        if (fair.clientConnectsPerMinute() > 0) {
            Allowance left = known(client);
            long cost = FairUse.connectNanos(fair.clientConnectsPerMinute());
            if (left != null && left.connects.waitNanos(cost, FairUse.CONNECTS_BURST_NANOS, now()) > 0) {
                refuseClientRate(connection, fair);
                return true;
            }
        }
        Session session = shard.session(client);
        if (session != null && session.connection() != null && takeOvers.isDamping(client)) {
            refuseTakeOver(connection);
            return true;
        }
        return false;
    }

    /**
     * Now that it is known who it is: gives the user, with a place for one session more, or null where the client was refused.
     * A place that its session has already is its own, and given back when the session ends or has the new one.
     */
    @Nullable
    User admit(ClientConnection connection, @Nullable Session session, Principal principal) {
        FairUse fair = shard.limits().fairUse();
        String client = connection.clientIdentifier;
        if (fair.clientConnectsPerMinute() > 0) {
            long cost = FairUse.connectNanos(fair.clientConnectsPerMinute());
            if (!orMade(client).connects.tryTake(cost, FairUse.CONNECTS_BURST_NANOS, now())) {
                refuseClientRate(connection, fair);
                return null;
            }
        }
        ClientConnection there = session == null ? null : session.connection();
        if (there != null && takeOvers.refuses(client, connection.info, there.info)) {
            refuseTakeOver(connection);
            return null;
        }
        boolean hasPlace = session != null && Objects.equals(session.user.name, principal.userName());
        boolean limited = fair.sessionsPerUserMax() > 0 && !hasPlace;
        User user = users.join(principal.userName(), limited ? fair.sessionsPerUserMax() : Integer.MAX_VALUE);
        if (user == null) {
            shard.counters().userSessionsRefused++;
            ConnectFlow.refuse(
                    connection,
                    ReasonCode.QUOTA_EXCEEDED,
                    "its user has sessions.per.user.max=" + fair.sessionsPerUserMax() + " sessions");
            return null;
        }
        if (fair.userConnectsPerMinute() > 0) {
            Allowance left = allowance(user);
            long cost = FairUse.connectNanos(fair.userConnectsPerMinute());
            if (left != null && !left.connects.tryTake(cost, FairUse.CONNECTS_BURST_NANOS, now())) {
                leave(user);
                shard.counters().connectRateRefused++;
                ConnectFlow.refuse(
                        connection,
                        ReasonCode.CONNECTION_RATE_EXCEEDED,
                        "its user comes more often than user.connects.per.minute=" + fair.userConnectsPerMinute());
                return null;
            }
        }
        return user;
    }

    /** A connection that was there made way. */
    void tookOver(String client) {
        takeOvers.happened(client);
    }

    private void refuseClientRate(ClientConnection connection, FairUse fair) {
        shard.counters().connectRateRefused++;
        ConnectFlow.refuse(
                connection,
                ReasonCode.CONNECTION_RATE_EXCEEDED,
                "it comes more often than client.connects.per.minute=" + fair.clientConnectsPerMinute());
    }

    /** Server busy is the one reason that says "try again later"; one line told when the storm began. */
    private void refuseTakeOver(ClientConnection connection) {
        shard.counters().takeOversRefused++;
        ConnectFlow.refuseQuietly(
                connection,
                ReasonCode.SERVER_BUSY,
                "take-over storm: its client identifier is connected, and stays so");
    }

    // ---- what is left

    /** What is left to the client of a session; made when a limit first asks. */
    Allowance allowance(Session session) {
        FairUse fair = shard.limits().fairUse();
        Allowance left = session.allowance;
        if (left == null || !left.isUnder(fair)) session.allowance = left = new Allowance(fair, now());
        return left;
    }

    /** What is left to a user; null for nobody. */
    @Nullable
    Allowance allowance(User user) {
        return users.allowance(user, shard.limits().fairUse(), now());
    }

    private @Nullable Allowance known(String client) {
        Session session = shard.session(client);
        Allowance left = session != null ? session.allowance : remembered.get(client);
        return left != null && left.isUnder(shard.limits().fairUse()) ? left : null;
    }

    private Allowance orMade(String client) {
        Session session = shard.session(client);
        if (session != null) return allowance(session);
        Allowance left = known(client);
        if (left != null) return left;
        Allowance made = new Allowance(shard.limits().fairUse(), now());
        remember(client, made);
        return made;
    }

    // ---- going

    /** A session begins: it goes on with what its client had left. */
    void began(Session session) {
        session.allowance = remembered.get(session.clientIdentifier);
    }

    /** A session that a store kept takes its place, however many its user may have by now. */
    void restored(Session session) {
        User user = users.join(session.principal.userName(), Integer.MAX_VALUE);
        if (user != null) session.user = user;
    }

    void ended(Session session) {
        leave(session.user);
        session.user = Users.NOBODY;
        Allowance left = session.allowance;
        if (left != null && left.usedNanos(now()) > 0) remember(session.clientIdentifier, left);
    }

    /** Takes a session from a user. */
    void leave(User user) {
        forgetAfter(user, users.leave(user, now()));
    }

    private void forgetAfter(User user, long nanos) {
        if (nanos > 0) after(nanos, () -> forgetAfter(user, users.forget(user, now())));
    }

    private void remember(String client, Allowance left) {
        Allowance before = remembered.get(client);
        if (before == left || before == null && remembered.size() >= REMEMBERED_MAX) return;
        remembered.put(client, left);
        // One timer for each place in the table.
        if (before == null) after(Math.max(left.usedNanos(now()), FairUse.CONNECTS_BURST_NANOS), () -> forget(client));
    }

    private void forget(String client) {
        Allowance left = remembered.get(client);
        if (left == null) return;
        long used = left.usedNanos(now());
        // A session that is there has it, and brings it back.
        if (used <= 0 || shard.session(client) != null) remembered.remove(client);
        else after(used, () -> forget(client));
    }

    private void after(long nanos, Runnable then) {
        shard.timers().set(new Timer(then), now() + nanos);
    }

    private long now() {
        return shard.turn().nowNanos();
    }

    /** Clients without a session that are remembered. */
    int remembered() {
        return remembered.size();
    }
}
