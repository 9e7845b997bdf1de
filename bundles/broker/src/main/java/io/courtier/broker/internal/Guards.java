// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The guards of one kind: those that are there, in the order in which they are asked, and those that went a moment ago and
 * are expected back. A bundle that is updated takes its services away and brings them again; what is decided in between must
 * not be decided without them. Pure; its owner locks.
 *
 * @param <K> what services are ordered by
 * @param <T> the kind
 */
final class Guards<K, T> {
    /** @param identity the same for a service and for the one that replaces it */
    private record Guard<T>(String identity, T service) {}

    private final long holdNanos;
    private final SortedMap<K, Guard<T>> present;
    /** Until when each is waited for, by identity. */
    private final Map<String, Long> expected = new HashMap<>();

    Guards(Comparator<? super K> order, long holdNanos) {
        this.present = new TreeMap<>(order);
        this.holdNanos = holdNanos;
    }

    void came(K key, String identity, T service) {
        present.put(key, new Guard<>(identity, service));
        expected.remove(identity);
    }

    void went(K key, long nowNanos) {
        Guard<T> gone = present.remove(key);
        if (gone == null || holdNanos == 0) return;
        // One with the same identity beside it: it was replaced before it went.
        if (present.values().stream().anyMatch(other -> other.identity().equals(gone.identity()))) return;
        expected.put(gone.identity(), nowNanos + holdNanos);
    }

    /** One goes that nobody was judged by: it is not waited for. */
    void wentUnasked(K key) {
        present.remove(key);
    }

    List<T> inOrder() {
        return present.values().stream().map(Guard::service).toList();
    }

    @Nullable
    T first() {
        for (Guard<T> highest : present.values()) return highest.service();
        return null;
    }

    boolean isWaiting() {
        return !expected.isEmpty();
    }

    /** Until when the next of those is waited for; only while one is. */
    long nextDeadlineNanos() {
        return expected.values().stream()
                .mapToLong(Long::longValue)
                .reduce((one, other) -> one - other < 0 ? one : other)
                .orElseThrow();
    }

    /** Waits no longer for those whose time is over, and names them. */
    List<String> giveUp(long nowNanos) {
        List<String> names = new ArrayList<>();
        for (Iterator<Map.Entry<String, Long>> all = expected.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Long> each = all.next();
            if (nowNanos - each.getValue() < 0) continue;
            names.add(each.getKey());
            all.remove();
        }
        return names;
    }
}
