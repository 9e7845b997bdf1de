// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

import io.courtier.protocol.Utf8;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Messages that are expected to come, or not to come again, for a while: by topic and payload. Bounded: the oldest is
 * forgotten first, when its time is over or there are too many.
 */
final class Fingerprints {
    private record Seen(int count, long untilNanos) {}

    private final int max;
    private final long nanos;
    private final Map<Long, Seen> seen = new LinkedHashMap<>();

    Fingerprints(int max, long nanos) {
        this.max = max;
        this.nanos = nanos;
    }

    void add(String topic, byte[] payload, long nowNanos) {
        forget(nowNanos);
        long print = print(topic, payload);
        Seen before = seen.remove(print);
        seen.put(print, new Seen(before == null ? 1 : before.count() + 1, nowNanos + nanos));
        if (seen.size() > max) {
            Iterator<Long> oldest = seen.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    boolean has(String topic, byte[] payload, long nowNanos) {
        forget(nowNanos);
        return seen.containsKey(print(topic, payload));
    }

    /** Whether it was expected; once for each time that it was added. */
    boolean take(String topic, byte[] payload, long nowNanos) {
        forget(nowNanos);
        long print = print(topic, payload);
        Seen found = seen.get(print);
        if (found == null) return false;
        if (found.count() == 1) seen.remove(print);
        else seen.put(print, new Seen(found.count() - 1, found.untilNanos()));
        return true;
    }

    private void forget(long nowNanos) {
        Iterator<Seen> each = seen.values().iterator();
        while (each.hasNext() && each.next().untilNanos() - nowNanos <= 0) each.remove();
    }

    /** FNV-1a of 64 bits: among ten thousand messages two are taken for one once in 10^11 times. */
    static long print(String topic, byte[] payload) {
        long hash = 0xCBF2_9CE4_8422_2325L;
        for (byte each : Utf8.encode(topic)) hash = (hash ^ each & 0xFF) * 0x100_0000_01B3L;
        hash *= 0x100_0000_01B3L;
        for (byte each : payload) hash = (hash ^ each & 0xFF) * 0x100_0000_01B3L;
        return hash;
    }
}
