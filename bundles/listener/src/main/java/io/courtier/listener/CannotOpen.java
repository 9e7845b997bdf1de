// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

public final class CannotOpen extends Exception {
    private final boolean mayPass;

    private CannotOpen(String sentence, boolean mayPass) {
        super(sentence, null, false, false);
        this.mayPass = mayPass;
    }

    /** The world is in the way: a file that is not there yet, a port in use. Worth another try later. */
    public static CannotOpen now(String sentence) {
        return new CannotOpen(sentence, true);
    }

    /** Only another configuration helps. */
    public static CannotOpen ever(String sentence) {
        return new CannotOpen(sentence, false);
    }

    public boolean mayPass() {
        return mayPass;
    }

    public String sentence() {
        return String.valueOf(getMessage());
    }
}
