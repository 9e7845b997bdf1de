// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What was found to be wrong, a sentence for each; of every kind the first ones, for one fault makes many. */
final class Faults {
    private static final int MAX = 10;

    enum Kind {
        /** A message, a session, a subscription or an answer that there must be is not there. */
        LOST,
        /** A message of QoS 2 came twice. */
        TWICE,
        OUT_OF_ORDER,
        /** Something came that nobody sent, or that must have been gone. */
        UNDUE,
        /** Files, or what the broker says of them. */
        CORRUPT,
        /** The broker did what no broker may. */
        WRONG
    }

    private final Map<Kind, List<String>> found = new EnumMap<>(Kind.class);

    void found(Kind kind, String what) {
        List<String> ofKind = found.computeIfAbsent(kind, any -> new ArrayList<>());
        if (ofKind.size() < MAX) ofKind.add(kind + " " + what);
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    List<String> all() {
        return found.values().stream().flatMap(List::stream).toList();
    }
}
