// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

/** What the broker counted since it started, and how much there is now. */
public record BrokerCounters(
        long connectionsAccepted,
        long connectionsRefused,
        long clientsConnected,
        long sessions,
        long subscriptions,
        long retainedMessages,
        long messagesReceived,
        long messagesSent,
        long messagesDropped,
        long messagesQueued,
        long bytesReceived,
        long bytesSent,
        long protocolErrors) {}
