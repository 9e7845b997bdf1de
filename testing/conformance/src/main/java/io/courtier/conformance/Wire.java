// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import org.jspecify.annotations.Nullable;

/** One Network Connection, seen from the client. */
public interface Wire {
    void send(byte[] bytes);

    /**
     * Bytes that arrived, or null where nothing more will come: the broker closed, or (a door that can tell) it has nothing to
     * say. A door that cannot tell waits some seconds.
     */
    byte @Nullable [] receive();

    /** Whether the broker has closed it; waits some seconds where the door cannot tell at once. */
    boolean awaitClosed();

    /** Closes it from the client's side, without a word. */
    void close();

    /** The client stops reading, or reads again. */
    void reading(boolean wanted);
}
