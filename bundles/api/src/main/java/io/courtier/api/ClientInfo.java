// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import io.courtier.protocol.ProtocolVersion;
import org.jspecify.annotations.Nullable;

/** A connected client. */
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
        long droppedMessages) {}
