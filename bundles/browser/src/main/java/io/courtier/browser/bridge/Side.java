// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

/** The two ends of a bridge. */
public enum Side {
    /** The broker of the tab. */
    LOCAL,
    REMOTE;

    Side other() {
        return this == LOCAL ? REMOTE : LOCAL;
    }
}
