// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

/**
 * Where a client's session outlives its page: messages that are not acknowledged, identifiers of QoS 2 that were received,
 * subscriptions. Records have numbers. What is written between two commits becomes durable together or not at all, in the
 * order of the commits; the bytes that promise it wait for {@link Client#stored}. What was there is given by
 * {@link Client#loaded} before the client connects.
 */
public interface ClientStore {
    /** Puts a record, or another in its place. */
    void put(long number, byte[] record);

    void delete(long number);

    /** Writes what was put and deleted; {@link Client#stored} is told the ticket. Tickets grow. */
    void commit(long ticket);
}
