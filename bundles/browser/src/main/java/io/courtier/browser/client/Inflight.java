// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ProtocolException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The messages of QoS 1 and 2 that are under way, by Packet Identifier, as many as both sides take. [MQTT-3.3.4-9] At a new
 * connection to the same session they go again, with DUP and their identifiers [MQTT-4.4.0-1], and count from then on.
 */
final class Inflight {
    private final int max;
    private final Records records;
    private final PacketIdentifiers identifiers;
    private final Map<Integer, Pending> all = new LinkedHashMap<>();
    /** Those that were not sent on this connection yet. */
    private final ArrayDeque<Pending> again = new ArrayDeque<>();
    /** Those that the server counts on this connection. */
    private int underWay;

    Inflight(int max, Records records, PacketIdentifiers identifiers) {
        this.max = max;
        this.records = records;
        this.identifiers = identifiers;
    }

    int count() {
        return all.size();
    }

    void restore(Pending message, int packetIdentifier, boolean released) {
        message.packetIdentifier = packetIdentifier;
        message.released = released;
        identifiers.use(packetIdentifier);
        all.put(packetIdentifier, message);
    }

    // ---- sending

    /** Whether a new message may leave: those that go again come first. */
    boolean hasRoom(Link link) {
        return again.isEmpty() && underWay < quota(link);
    }

    private int quota(Link link) {
        return Math.min(max, link.limits().receiveMaximum());
    }

    /** The next that is to be sent again, and may; null: there is none. */
    @Nullable
    Pending nextAgain(Link link) {
        while (!again.isEmpty() && underWay < quota(link)) {
            Pending next = again.remove();
            // A server may repeat PUBREC before: then PUBREL is the last word, and PUBLISH would be another message.
            if (all.get(next.packetIdentifier) == next && !next.released) return next;
        }
        return null;
    }

    /** Sends a new one. Gives why not, where the server takes none like it; it is not under way then. */
    @Nullable
    Failure send(Pending message, Link link, long epochMillis) {
        message.packetIdentifier = identifiers.take();
        all.put(message.packetIdentifier, message);
        records.message(message.number, message.packetIdentifier, false, message.message);
        return transmit(message, false, link, epochMillis);
    }

    /** The same for one of {@link #nextAgain}. */
    @Nullable
    Failure sendAgain(Pending message, Link link, long epochMillis) {
        return transmit(message, true, link, epochMillis);
    }

    private @Nullable Failure transmit(Pending message, boolean dup, Link link, long epochMillis) {
        Failure failure = link.publish(message.message, dup, message.packetIdentifier, epochMillis);
        if (failure != null) {
            remove(message);
            return failure;
        }
        count(message, link);
        return null;
    }

    private void count(Pending message, Link link) {
        message.connection = link.number();
        underWay++;
    }

    private void remove(Pending message) {
        all.remove(message.packetIdentifier);
        identifiers.free(message.packetIdentifier);
    }

    // ---- answers

    /** PUBACK. Gives the message that is over by it, with its answer; null where none is. So do the two others. */
    @Nullable
    Pending acknowledged(int packetIdentifier, ReasonCode reason, Properties properties, Link link) {
        Pending message = all.get(packetIdentifier);
        if (message == null) return null;
        if (message.qos() != QoS.AT_LEAST_ONCE) throw refuse("PUBACK", packetIdentifier);
        message.answer = reason;
        message.answered = properties;
        return over(message, link);
    }

    /** PUBREC: the message is over where it refuses, else PUBREL is sent. */
    @Nullable
    Pending received(int packetIdentifier, ReasonCode reason, Properties properties, Link link) {
        Pending message = all.get(packetIdentifier);
        if (message == null) {
            link.acknowledge(PacketType.PUBREL, packetIdentifier, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
            return null;
        }
        if (message.qos() != QoS.EXACTLY_ONCE) throw refuse("PUBREC", packetIdentifier);
        if (!message.released) {
            message.answer = reason;
            message.answered = properties;
            if (reason.isError()) return over(message, link);
            message.released = true;
            records.message(message.number, packetIdentifier, true, message.message);
        }
        link.acknowledge(PacketType.PUBREL, packetIdentifier, ReasonCode.SUCCESS);
        return null;
    }

    /** PUBCOMP. */
    @Nullable
    Pending completed(int packetIdentifier, Link link) {
        Pending message = all.get(packetIdentifier);
        if (message == null) return null;
        if (!message.released) throw refuse("PUBCOMP", packetIdentifier);
        return over(message, link);
    }

    private Pending over(Pending message, Link link) {
        remove(message);
        if (message.connection == link.number()) underWay--;
        return message;
    }

    private static ProtocolException refuse(String packet, int packetIdentifier) {
        return new ProtocolException(
                ReasonCode.PROTOCOL_ERROR, packet + " for a message that waits for another: " + packetIdentifier);
    }

    // ---- connections

    /** The session goes on: what PUBREC has taken over is released again, the others are to be sent again. */
    void resume(Link link) {
        again.clear();
        underWay = 0;
        for (Pending each : all.values()) {
            if (!each.released) {
                again.add(each);
                continue;
            }
            link.acknowledge(PacketType.PUBREL, each.packetIdentifier, ReasonCode.SUCCESS);
            count(each, link);
        }
    }

    /** The session is gone: gives what was under way, in its order and without identifiers, and has none any more. */
    List<Pending> abandon() {
        again.clear();
        underWay = 0;
        List<Pending> lost = new ArrayList<>(all.values());
        all.clear();
        for (Pending each : lost) {
            identifiers.free(each.packetIdentifier);
            each.packetIdentifier = 0;
        }
        return lost;
    }
}
