// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.api.BrokerCounters;

/** What a shard counts. Written by its loop only; a copy is taken in a turn of that loop. */
public final class Counters {
    public long connectionsAccepted;
    public long connectionsRefused;
    public long clientsConnected;
    public long clientsMaximum;
    public long sessions;
    public long subscriptions;
    /** Ended because a change of the access rules no longer allows them. */
    public long subscriptionsRevoked;

    public long messagesReceived;
    public long messagesSent;
    public long messagesDropped;
    public long messagesQueued;
    public long queuedBytes;
    public long bytesReceived;
    public long bytesSent;
    public long protocolErrors;

    /** CONNECTs refused because the client or its user came too often. */
    public long connectRateRefused;
    /** CONNECTs refused because the user has as many sessions as it may. */
    public long userSessionsRefused;
    /** CONNECTs refused in take-over storms. */
    public long takeOversRefused;

    public long takeOverStorms;
    /** How often a publisher was paused or disconnected because it published too much. */
    public long messageRateExceeded;

    /** What they come to, for those who are told. */
    public BrokerCounters told(long retainedMessages) {
        return new BrokerCounters(
                connectionsAccepted,
                connectionsRefused,
                clientsConnected,
                sessions,
                subscriptions,
                retainedMessages,
                messagesReceived,
                messagesSent,
                messagesDropped,
                messagesQueued,
                bytesReceived,
                bytesSent,
                protocolErrors,
                connectRateRefused,
                userSessionsRefused,
                takeOversRefused,
                takeOverStorms,
                messageRateExceeded);
    }

    /** Adds another shard's counts to these. */
    public void add(Counters other) {
        connectionsAccepted += other.connectionsAccepted;
        connectionsRefused += other.connectionsRefused;
        clientsConnected += other.clientsConnected;
        clientsMaximum += other.clientsMaximum;
        sessions += other.sessions;
        subscriptions += other.subscriptions;
        subscriptionsRevoked += other.subscriptionsRevoked;
        messagesReceived += other.messagesReceived;
        messagesSent += other.messagesSent;
        messagesDropped += other.messagesDropped;
        messagesQueued += other.messagesQueued;
        queuedBytes += other.queuedBytes;
        bytesReceived += other.bytesReceived;
        bytesSent += other.bytesSent;
        protocolErrors += other.protocolErrors;
        connectRateRefused += other.connectRateRefused;
        userSessionsRefused += other.userSessionsRefused;
        takeOversRefused += other.takeOversRefused;
        takeOverStorms += other.takeOverStorms;
        messageRateExceeded += other.messageRateExceeded;
    }
}
