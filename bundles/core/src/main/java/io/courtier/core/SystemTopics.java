// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.api.BrokerCounters;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Utf8;
import java.util.ArrayList;
import java.util.List;

/** The topics under {@code $SYS/broker}, named as users of other brokers know them. Retained, QoS 0. */
public final class SystemTopics {
    private final String version;

    public SystemTopics(String version) {
        this.version = version;
    }

    /** One for each, to be published by the broker itself. */
    public List<ApplicationMessage> messages(BrokerCounters now, long uptimeSeconds) {
        List<ApplicationMessage> all = new ArrayList<>();
        add(all, "version", "Courtier " + version);
        add(all, "uptime", uptimeSeconds + " seconds");
        add(all, "clients/connected", now.clientsConnected());
        add(all, "clients/disconnected", now.sessions() - now.clientsConnected());
        add(all, "clients/total", now.sessions());
        add(all, "connections/accepted", now.connectionsAccepted());
        add(all, "connections/refused", now.connectionsRefused());
        add(all, "messages/received", now.messagesReceived());
        add(all, "messages/sent", now.messagesSent());
        add(all, "messages/dropped", now.messagesDropped());
        add(all, "messages/queued", now.messagesQueued());
        add(all, "bytes/received", now.bytesReceived());
        add(all, "bytes/sent", now.bytesSent());
        add(all, "subscriptions/count", now.subscriptions());
        add(all, "retained messages/count", now.retainedMessages());
        add(all, "errors/protocol", now.protocolErrors());
        add(all, "limits/connect rate", now.connectRateRefused());
        add(all, "limits/user sessions", now.userSessionsRefused());
        add(all, "limits/take-overs", now.takeOversRefused());
        add(all, "limits/take-over storms", now.takeOverStorms());
        add(all, "limits/message rate", now.messageRateExceeded());
        return all;
    }

    private static void add(List<ApplicationMessage> all, String name, long value) {
        add(all, name, Long.toString(value));
    }

    private static void add(List<ApplicationMessage> all, String name, String value) {
        all.add(new ApplicationMessage(
                TopicName.of("$SYS/broker/" + name),
                Utf8.encode(value),
                QoS.AT_MOST_ONCE,
                true,
                Properties.NONE,
                null,
                ApplicationMessage.NEVER));
    }
}
