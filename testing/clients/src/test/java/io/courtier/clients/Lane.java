// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

/**
 * What classes share that run one after the other ({@code @ResourceLock}), as two cores are soon taken by several browsers. Lanes run
 * beside each other, so they should be about as long.
 */
public final class Lane {
    /** Tabs that share a broker or a worker. */
    public static final String LAB = "the lab";

    /** All other pages. */
    public static final String PAGES = "pages";

    /** Brokers with users of their own, and those that attack them. */
    public static final String LOGINS = "logins";

    private Lane() {}
}
