// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import io.courtier.protocol.ReasonCode;

/**
 * A CONNECT that was answered with an error, or not at all; or a connected client that published more than it may, and was
 * paused or disconnected for it (MESSAGE_RATE_TOO_HIGH).
 *
 * @param epochMillis when
 * @param clientIdentifier empty where it did not come so far
 * @param why for people; the client may have been told less
 */
public record RefusedClient(
        long epochMillis,
        String clientIdentifier,
        String listener,
        String remoteAddress,
        ReasonCode reason,
        String why) {}
