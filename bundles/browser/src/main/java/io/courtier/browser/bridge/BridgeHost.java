// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

import io.courtier.browser.client.Client;
import io.courtier.browser.client.Failure;
import org.jspecify.annotations.Nullable;

/** What a bridge needs of its page: transports for both sides, as {@link io.courtier.browser.client.ClientHost} has them. */
public interface BridgeHost {
    void open(Side side, int connection);

    void send(Side side, int connection, byte[] bytes);

    void close(Side side, int connection);

    /** A side connected, or lost its connection and why. */
    void status(Side side, Client.State state, @Nullable Failure cause);

    /** A subscription was refused: its mapping carries nothing in that direction. */
    void trouble(Side side, Failure failure);
}
