// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many sessions each user has, and what is left of its rates: one table for all shards, since the clients of a user are at
 * home in many. Looked at when a session comes or goes; a user's own object is at hand in its sessions.
 *
 * <p>A user is there as long as it has a session, or has used up something that it must not get anew by coming back. What
 * changes is changed inside the map entry.
 */
public final class Users {
    /** Users without a session whose use is remembered. Beyond it they are forgotten: it takes as many accounts. */
    private static final int REMEMBERED_MAX = 100_000;

    /** One user; {@link #NOBODY} stands for clients that have none. */
    static final class User {
        final @Nullable String name;
        private int sessions;
        /** Without a session, and a timer of some shard will look at it again. */
        private boolean remembered;

        private volatile @Nullable Allowance allowance;

        private User(@Nullable String name) {
            this.name = name;
        }
    }

    static final User NOBODY = new User(null);

    private final ConcurrentMap<String, User> byName = new ConcurrentHashMap<>();
    private final AtomicInteger remembered = new AtomicInteger();

    /** Gives a user a session more, or null where it has as many as it may. */
    @Nullable
    User join(@Nullable String name, int max) {
        if (name == null) return NOBODY;
        boolean[] joined = {false};
        User user = byName.compute(name, (same, known) -> {
            User one = known == null ? new User(name) : known;
            if (one.sessions < max) {
                one.sessions++;
                joined[0] = true;
            }
            return one;
        });
        return joined[0] ? user : null;
    }

    /**
     * Takes a session from its user. Gives how long it has to be remembered for what it used up, and is to be {@link
     * #forget told} then; 0: there is nothing to be done.
     */
    long leave(User user, long nowNanos) {
        String name = user.name;
        if (name == null) return 0;
        long[] wait = {0};
        byName.compute(name, (same, known) -> {
            user.sessions--;
            if (user.sessions > 0 || user.remembered) return user;
            long used = usedNanos(user, nowNanos);
            if (used <= 0) return null;
            if (remembered.incrementAndGet() > REMEMBERED_MAX) {
                remembered.decrementAndGet();
                return null;
            }
            user.remembered = true;
            wait[0] = used;
            return user;
        });
        return wait[0];
    }

    /** Forgets a user that was remembered, unless it has come back. Gives how long until it is to be told again, or 0. */
    long forget(User user, long nowNanos) {
        String name = user.name;
        if (name == null) return 0;
        long[] wait = {0};
        byName.compute(name, (same, known) -> {
            long used = usedNanos(user, nowNanos);
            if (user.sessions == 0 && used > 0) {
                wait[0] = used;
                return user;
            }
            user.remembered = false;
            remembered.decrementAndGet();
            return user.sessions == 0 ? null : user;
        });
        return wait[0];
    }

    /** What is left to a user that has a session; made when a limit first asks. Null for nobody. */
    @Nullable
    Allowance allowance(User user, FairUse limits, long nowNanos) {
        String name = user.name;
        if (name == null) return null;
        Allowance left = user.allowance;
        if (left != null && left.isUnder(limits)) return left;
        byName.computeIfPresent(name, (same, known) -> {
            Allowance before = user.allowance;
            if (before == null || !before.isUnder(limits)) user.allowance = new Allowance(limits, nowNanos);
            return known;
        });
        return user.allowance;
    }

    private static long usedNanos(User user, long nowNanos) {
        Allowance allowance = user.allowance;
        return allowance == null ? 0 : allowance.usedNanos(nowNanos);
    }

    /** How many users there are in the table. */
    int size() {
        return byName.size();
    }
}
