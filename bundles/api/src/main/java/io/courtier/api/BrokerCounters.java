// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

/**
 * What the broker counted since it started, and how much there is now.
 *
 * @param connectionsRefused for whatever reason; those of the next three are among them
 * @param connectRateRefused because the client or its user came too often
 * @param userSessionsRefused because the user has as many sessions as it may
 * @param takeOversRefused in take-over storms
 * @param messageRateExceeded how often a publisher was paused or disconnected because it published too much
 */
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
        long protocolErrors,
        long connectRateRefused,
        long userSessionsRefused,
        long takeOversRefused,
        long takeOverStorms,
        long messageRateExceeded) {}
