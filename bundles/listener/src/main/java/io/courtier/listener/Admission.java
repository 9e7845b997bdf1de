// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import org.jspecify.annotations.Nullable;

/** Decides whether a new connection may come in. One thread at a time: the one that accepts. */
public final class Admission {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private int ratePerSecond;
    private double allowance;
    private long lastNanos;

    /** Null to let it in, or why not. A limit of 0 is none; a rate may be used up at once after a quiet second. */
    public @Nullable String refusal(int open, int connectionsMax, int connectionsPerSecond, long nowNanos) {
        if (connectionsMax > 0 && open >= connectionsMax) {
            return "refused a connection over connections.max=" + connectionsMax;
        }
        if (connectionsPerSecond == 0) {
            return null;
        }
        if (connectionsPerSecond != ratePerSecond) {
            ratePerSecond = connectionsPerSecond;
            allowance = connectionsPerSecond;
            lastNanos = nowNanos;
        }
        double earned = (double) (nowNanos - lastNanos) / SECOND_NANOS * ratePerSecond;
        allowance = Math.min(ratePerSecond, allowance + earned);
        lastNanos = nowNanos;
        if (allowance < 1) {
            return "refused a connection over connections.per.second=" + connectionsPerSecond;
        }
        allowance--;
        return null;
    }
}
