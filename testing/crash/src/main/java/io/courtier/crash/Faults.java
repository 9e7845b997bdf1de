// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import java.util.ArrayList;
import java.util.List;

/** What was found to be wrong, a sentence for each; the first ones, for one fault makes many. */
final class Faults {
    private static final int MAX = 40;

    private final List<String> found = new ArrayList<>();

    void found(String what) {
        if (found.size() < MAX) found.add(what);
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    List<String> all() {
        return List.copyOf(found);
    }
}
