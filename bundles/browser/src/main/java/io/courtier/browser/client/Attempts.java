// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.core.RandomSource;

/** Attempts to connect that failed one after the other: whether there is another, and how long until then. */
final class Attempts {
    private final ClientOptions.BackOff backOff;
    private final RandomSource random;
    private int inRow;

    Attempts(ClientOptions.BackOff backOff, RandomSource random) {
        this.backOff = backOff;
        this.random = random;
    }

    /** A connection that held as long ends the row. */
    long stableNanos() {
        return backOff.stableMillis() * 1_000_000;
    }

    /** The next is the first again. */
    void endRow() {
        inRow = 0;
    }

    boolean isAnotherLeft() {
        return backOff.enabled() && (backOff.attemptsMax() == 0 || inRow < backOff.attemptsMax());
    }

    /** Begins the next; gives how long to wait before it. */
    long nextMillis() {
        inRow++;
        double chance = (random.nextLong() >>> 11) * 0x1.0p-53;
        return backOff.delayMillis(inRow, chance);
    }

    /** Of the one that was begun last, from 1. */
    int number() {
        return inRow;
    }
}
