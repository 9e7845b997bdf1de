// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

/** A line of an access list that cannot be followed. The message names it. */
public final class BrokenRule extends Exception {
    private static final long serialVersionUID = 1;

    /** @param line counted from 1 */
    BrokenRule(int line, String what) {
        super("line " + line + ": " + what);
    }
}
