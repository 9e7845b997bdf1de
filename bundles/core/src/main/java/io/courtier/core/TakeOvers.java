// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.spi.transport.ConnectionInfo;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Notices take-over storms, and damps them: two programs with one client identifier that take its session from each other
 * again and again, each coming back when it was thrown out.
 *
 * <p>Who wants to take over once more than it may within the window begins a storm. From then on the connection that is there
 * stays and newcomers are refused, for the length of the window at first and then for twice as long each time, a minute at
 * most. After each of these periods one newcomer is let in, for it may be right: the connection that is there may be a dead
 * one. A period in which nobody came ends the storm.
 */
final class TakeOvers {
    private static final long PERIOD_NANOS_MAX = 60_000_000_000L;
    /** Client identifiers that were taken over lately. Beyond it the one that was longest ago is forgotten. */
    private static final int WATCHED_MAX = 10_000;
    /** Beyond it there is no storm: who takes over too often is refused until the window has moved on. */
    private static final int STORMS_MAX = 10_000;

    private final Shard shard;
    /** When each was taken over last, the latest at the end: a ring for each. */
    private final Map<String, Recent> recent = new LinkedHashMap<>();

    private final Map<String, Storm> storms = new HashMap<>();

    private static final class Recent {
        private final long[] atNanos;
        private int count;

        Recent(int max) {
            atNanos = new long[max];
        }

        void add(long nowNanos) {
            if (count == atNanos.length) System.arraycopy(atNanos, 1, atNanos, 0, --count);
            atNanos[count++] = nowNanos;
        }

        boolean isFull(int max, long sinceNanos) {
            return count >= max && atNanos[count - max] - sinceNanos > 0;
        }

        boolean isOver(long sinceNanos) {
            return atNanos[count - 1] - sinceNanos <= 0;
        }
    }

    private final class Storm {
        private final String client;
        private final Timer timer = new Timer(this::periodIsOver);
        private long periodNanos;
        private boolean anybodyCame;
        private boolean lettingOneIn;
        private long refused;

        Storm(String client, long windowNanos) {
            this.client = client;
            periodNanos = Math.min(windowNanos, PERIOD_NANOS_MAX);
            begin();
        }

        private void begin() {
            anybodyCame = false;
            shard.timers().set(timer, shard.turn().nowNanos() + periodNanos);
        }

        private void periodIsOver() {
            if (!anybodyCame) {
                storms.remove(client);
                shard.events().stormEnded(client, refused);
                return;
            }
            periodNanos = Math.min(2 * periodNanos, PERIOD_NANOS_MAX);
            lettingOneIn = true;
            begin();
        }

        boolean refuses() {
            anybodyCame = true;
            if (lettingOneIn) return false;
            refused++;
            return true;
        }
    }

    TakeOvers(Shard shard) {
        this.shard = shard;
    }

    /** Whether a storm keeps the session from being taken over now; does not begin one. */
    boolean isDamping(String client) {
        Storm storm = storms.isEmpty() ? null : storms.get(client);
        return storm != null && max() > 0 && storm.refuses();
    }

    /** Whether the one that is there must not be taken over now. Begins a storm where that happened too often. */
    boolean refuses(String client, ConnectionInfo newcomer, ConnectionInfo there) {
        int max = max();
        if (max == 0) return false;
        Storm storm = storms.get(client);
        if (storm != null) return storm.refuses();
        Recent times = recent.get(client);
        if (times == null || !times.isFull(max, shard.turn().nowNanos() - windowNanos())) return false;
        if (storms.size() >= STORMS_MAX) return true;
        recent.remove(client);
        storm = new Storm(client, windowNanos());
        storms.put(client, storm);
        shard.counters().takeOverStorms++;
        shard.events()
                .stormBegan(
                        client, newcomer, there, max, shard.limits().fairUse().takeOverSeconds());
        return storm.refuses();
    }

    /** The session was taken over. */
    void happened(String client) {
        int max = max();
        if (max == 0) return;
        Storm storm = storms.get(client);
        if (storm != null) {
            storm.lettingOneIn = false;
            return;
        }
        long now = shard.turn().nowNanos();
        // Taken out and put in again: it is the latest now.
        Recent times = recent.remove(client);
        if (times == null || times.atNanos.length < max) times = longer(times, max);
        times.add(now);
        recent.put(client, times);
        forget(now - windowNanos());
    }

    private static Recent longer(@Nullable Recent shorter, int max) {
        Recent made = new Recent(max);
        if (shorter != null) {
            made.count = shorter.count;
            System.arraycopy(shorter.atNanos, 0, made.atNanos, 0, shorter.count);
        }
        return made;
    }

    /** Looks at the two that were longest ago: so there are never many more than the window has seen. */
    private void forget(long sinceNanos) {
        Iterator<Recent> eldest = recent.values().iterator();
        for (int i = 0; i < 2 && eldest.hasNext(); i++) {
            if (!eldest.next().isOver(sinceNanos) && recent.size() <= WATCHED_MAX) return;
            eldest.remove();
        }
    }

    private int max() {
        return shard.limits().fairUse().takeOversMax();
    }

    private long windowNanos() {
        return shard.limits().fairUse().takeOverSeconds() * 1_000_000_000L;
    }
}
