// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import io.courtier.protocol.ProtocolVersion;
import org.jspecify.annotations.Nullable;

/**
 * A connected client.
 *
 * @param pauses how often it was read no further for a time because it published more than its rates allow
 */
public record ClientInfo(
        String clientIdentifier,
        @Nullable String userName,
        ProtocolVersion version,
        String listener,
        String remoteAddress,
        int keepAliveSeconds,
        int subscriptions,
        int queued,
        int inflight,
        long droppedMessages,
        long pauses) {}
