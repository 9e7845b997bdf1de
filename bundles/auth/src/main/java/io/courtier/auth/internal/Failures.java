// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts failures by a name and locks the name when there were too many within a window. Bounded: of too many names the one
 * that failed longest ago is forgotten, locked ones last. Any thread.
 */
final class Failures {
    private static final class Count {
        long sinceNanos;
        int failures;
        boolean locked;
        long untilNanos;
    }

    private final int max;
    private final long windowNanos;
    private final long lockNanos;
    private final int watchedMax;
    private final Map<String, Count> counts = new LinkedHashMap<>(16, 0.75f, true);

    /** @param max 0: nothing is ever locked */
    Failures(int max, long windowNanos, long lockNanos, int watchedMax) {
        this.max = max;
        this.windowNanos = windowNanos;
        this.lockNanos = lockNanos;
        this.watchedMax = watchedMax;
    }

    int max() {
        return max;
    }

    synchronized boolean isLocked(String name, long nowNanos) {
        Count count = counts.get(name);
        if (count == null || !count.locked) return false;
        if (count.untilNanos - nowNanos > 0) return true;
        counts.remove(name);
        return false;
    }

    /** True when this failure locks it. */
    synchronized boolean failed(String name, long nowNanos) {
        if (max == 0) return false;
        Count count = counts.computeIfAbsent(name, absent -> new Count());
        if (count.locked) return false;
        if (count.failures == 0 || nowNanos - count.sinceNanos > windowNanos) {
            count.sinceNanos = nowNanos;
            count.failures = 0;
        }
        count.failures++;
        boolean locks = count.failures >= max;
        if (locks) {
            count.locked = true;
            count.untilNanos = nowNanos + lockNanos;
        }
        makeRoom();
        return locks;
    }

    synchronized void forget(String name) {
        counts.remove(name);
    }

    synchronized int watched() {
        return counts.size();
    }

    private void makeRoom() {
        if (counts.size() <= watchedMax) return;
        // The least recently seen first. Few are locked, so that the search is short; if all are, the oldest goes.
        int looks = 0;
        for (Iterator<Count> oldest = counts.values().iterator(); oldest.hasNext() && looks < 16; looks++) {
            if (oldest.next().locked) continue;
            oldest.remove();
            return;
        }
        Iterator<Count> oldest = counts.values().iterator();
        oldest.next();
        oldest.remove();
    }
}
