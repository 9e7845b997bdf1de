// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.PacketType;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ProtocolException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * What came with QoS 1 and 2 and is owed an answer. Answers leave in the order of the messages, each when its handler
 * returned; a QoS 2 message is handed over once, however often it comes, until PUBREL. [MQTT-4.3.3-10]
 */
final class Inbox {
    private final Records records;
    private final int receiveMaximum;
    private final ArrayDeque<Delivery> owed = new ArrayDeque<>();
    private final Map<Integer, Delivery> exactlyOnce = new HashMap<>();
    private int underWay;

    Inbox(Records records, int receiveMaximum) {
        this.records = records;
        this.receiveMaximum = receiveMaximum;
    }

    void restore(int packetIdentifier, Delivery delivery) {
        exactlyOnce.put(packetIdentifier, delivery);
    }

    /** Whether the message is to be handed over: not where it was. */
    boolean isNew(Delivery delivery, boolean v5) {
        QoS qos = delivery.publish().qos();
        if (qos == QoS.AT_MOST_ONCE) return true;
        // A server before MQTT 5 knows of no maximum; there are 65,535 identifiers.
        if (++underWay > receiveMaximum && v5) {
            throw new ProtocolException(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED, "more than " + receiveMaximum);
        }
        if (qos == QoS.EXACTLY_ONCE) {
            Delivery known = exactlyOnce.putIfAbsent(delivery.publish().packetIdentifier(), delivery);
            if (known != null) {
                if (owed.contains(known)) underWay--;
                else owed.add(known);
                return false;
            }
        }
        owed.add(delivery);
        return true;
    }

    /** Writes down that a QoS 2 message was handled, whether or not there is a connection to say it on. */
    void handled(Delivery delivery) {
        int identifier = delivery.publish().packetIdentifier();
        if (delivery.record != 0 || delivery.reason().isError() || exactlyOnce.get(identifier) != delivery) return;
        delivery.record = records.received(identifier);
    }

    /** Sends the answers that may leave. */
    void answer(Link link) {
        while (!owed.isEmpty() && owed.getFirst().isDone()) {
            Delivery delivery = owed.removeFirst();
            int identifier = delivery.publish().packetIdentifier();
            boolean once = delivery.publish().qos() == QoS.EXACTLY_ONCE;
            link.acknowledge(once ? PacketType.PUBREC : PacketType.PUBACK, identifier, delivery.reason());
            if (!once) {
                underWay--;
            } else if (delivery.reason().isError()) {
                underWay--;
                exactlyOnce.remove(identifier);
            }
        }
    }

    void released(int packetIdentifier, Link link) {
        Delivery delivery = exactlyOnce.get(packetIdentifier);
        if (delivery != null && owed.contains(delivery)) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "PUBREL before PUBREC");
        }
        exactlyOnce.remove(packetIdentifier);
        if (delivery != null) records.delete(delivery.record);
        underWay = Math.max(0, underWay - 1);
        link.acknowledge(
                PacketType.PUBCOMP,
                packetIdentifier,
                delivery == null ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND : ReasonCode.SUCCESS);
    }

    /** What is not answered comes again; at a new session nothing is left of the old. */
    void connected(boolean sessionPresent) {
        owed.clear();
        underWay = 0;
        if (sessionPresent) return;
        for (Delivery each : exactlyOnce.values()) records.delete(each.record);
        exactlyOnce.clear();
    }
}
