// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

/**
 * What a client, or a user, has left of its rates. That of a user is touched by all shards. When the limits change it is made
 * anew: what is owed under a limit that was set too low is not owed any more.
 */
final class Allowance {
    final TokenBucket connects;
    final TokenBucket messages;
    final TokenBucket bytes;

    private final FairUse limits;

    Allowance(FairUse limits, long nowNanos) {
        this.limits = limits;
        connects = new TokenBucket(nowNanos);
        messages = new TokenBucket(nowNanos);
        bytes = new TokenBucket(nowNanos);
    }

    boolean isUnder(FairUse limits) {
        return this.limits.equals(limits);
    }

    /** How long until nothing is used up any more, and it may be forgotten; 0 or less: now. */
    long usedNanos(long nowNanos) {
        return Math.max(
                connects.usedNanos(nowNanos), Math.max(messages.usedNanos(nowNanos), bytes.usedNanos(nowNanos)));
    }
}
