// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.core.Stores;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The stores that the configuration asks for, each where its service is to be put. */
final class StoreSlots {
    private static final String SESSIONS = "sessions";
    private static final String RETAINED = "retained";

    final Swapped.Sessions sessions = new Swapped.Sessions();
    final Swapped.Retained retained = new Swapped.Retained();
    private final Set<String> wanted = new LinkedHashSet<>();

    /** @param list {@code sessions}, {@code retained}, both with a comma, or empty */
    StoreSlots(String list) {
        for (String each : list.split(",")) {
            String name = each.strip();
            if (name.isEmpty()) continue;
            if (!name.equals(SESSIONS) && !name.equals(RETAINED)) {
                throw new IllegalArgumentException("persistence is sessions, retained or both, not " + name);
            }
            wanted.add(name);
        }
    }

    /** What the broker is to use. */
    Stores stores() {
        return new Stores(wanted.contains(SESSIONS) ? sessions : null, wanted.contains(RETAINED) ? retained : null);
    }

    /** The names of those that are wanted and not there. */
    List<String> missing() {
        return wanted.stream()
                .filter(name -> !(name.equals(SESSIONS) ? sessions : retained).isThere())
                .toList();
    }
}
