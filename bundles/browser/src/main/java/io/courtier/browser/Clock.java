// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser;

/** What time it is, asked once a turn. */
public interface Clock {
    /** Monotonic, from an arbitrary origin; compare by difference. */
    long nanos();

    /** Since 1970, as the wall clock says. */
    long epochMillis();
}
