// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

/** A line of a file that cannot be followed. The message names it. */
final class BrokenLine extends Exception {
    /** @param line counted from 1 */
    BrokenLine(int line, String what) {
        super("line " + line + ": " + what);
    }
}
