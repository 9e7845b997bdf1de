// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;

/** One message of the application, until the server has it: it waits in {@link Outbox}, then is under way in {@link Inflight}. */
final class Pending {
    /** Of its record; grows from message to message. */
    final long number;

    final ApplicationMessage message;
    final Reply reply;
    /** 0: it waits. */
    int packetIdentifier;
    /** PUBREC came. */
    boolean released;

    ReasonCode answer = ReasonCode.SUCCESS;
    Properties answered = Properties.NONE;
    /** The connection that it counts for. */
    int connection;

    Pending(long number, ApplicationMessage message, Reply reply) {
        this.number = number;
        this.message = message;
        this.reply = reply;
    }

    QoS qos() {
        return message.qos();
    }
}
