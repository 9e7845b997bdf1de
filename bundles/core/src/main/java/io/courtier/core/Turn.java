// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

/** One turn of an event loop: what time it is, read once. Nobody in here asks a clock. */
public final class Turn {
    private long nowNanos;
    private long epochMillis;

    /** Begins a turn at these times. */
    public void at(long nowNanos, long epochMillis) {
        this.nowNanos = nowNanos;
        this.epochMillis = epochMillis;
    }

    /** Monotonic, from an arbitrary origin; compare by difference. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Since 1970, as the wall clock says: for Message Expiry. */
    public long epochMillis() {
        return epochMillis;
    }
}
