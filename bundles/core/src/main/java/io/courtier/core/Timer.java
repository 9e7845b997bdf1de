// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import org.jspecify.annotations.Nullable;

/** Something that happens at a time, once, unless it is cancelled or set anew before. Belongs to one wheel. */
final class Timer {
    private final Runnable action;
    long deadlineTick;

    @Nullable
    Timer next;

    @Nullable
    Timer previous;

    int slot = -1;

    Timer(Runnable action) {
        this.action = action;
    }

    boolean isSet() {
        return slot >= 0;
    }

    void fire() {
        action.run();
    }
}
