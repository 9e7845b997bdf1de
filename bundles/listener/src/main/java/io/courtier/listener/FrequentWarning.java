// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** A WARN line for what may happen thousands of times a second: one each ten seconds, with the count. Any thread. */
public final class FrequentWarning {
    private static final long QUIET_NANOS = 10_000_000_000L;

    private final Logger log;
    private final String listener;
    private final LongSupplier nanoClock;
    private long count;
    private long quietUntilNanos;
    private boolean spoken;
    private @Nullable String latest;

    public FrequentWarning(Logger log, String listener, LongSupplier nanoClock) {
        this.log = log;
        this.listener = listener;
        this.nanoClock = nanoClock;
    }

    public synchronized void happened(String what) {
        count++;
        latest = what;
        tell();
    }

    /** Says what is still unsaid, if it is time. To be called now and then. */
    public synchronized void tell() {
        long nowNanos = nanoClock.getAsLong();
        if (count > 0 && (!spoken || nowNanos - quietUntilNanos >= 0)) {
            log.warn("listener={} {} times={}", listener, latest, count);
            count = 0;
            spoken = true;
            quietUntilNanos = nowNanos + QUIET_NANOS;
        }
    }
}
