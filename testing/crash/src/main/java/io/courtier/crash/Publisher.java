// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.PubComp;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Publishes with QoS 1 and 2, and sends again what is not acknowledged when it is back. Its memory never fails. */
final class Publisher implements Client.Owner {
    static final int TOPICS = 2;
    private static final int RETAINED_TOPICS = 4;
    private static final int WINDOW = 40;
    private static final byte[] NOTHING = {};

    private static final class Sent {
        final Message message;
        final Publish packet;
        boolean received;

        Sent(Message message, Publish packet) {
            this.message = message;
            this.packet = packet;
        }
    }

    final Client client;
    private final int index;
    private final Book book;
    private final Faults faults;
    private final Map<Integer, Sent> unfinished = new LinkedHashMap<>();
    /** The payload that was last sent to be retained, by topic. */
    private final Map<String, byte[]> retained = new HashMap<>();

    private int identifier;
    private long acknowledged;

    Publisher(int index, ProtocolVersion version, Book book, Faults faults) {
        this.index = index;
        this.book = book;
        this.faults = faults;
        client = new Client("publisher-" + index, version, Client.LASTING_SECONDS, faults);
    }

    static String topic(int publisher, int topic) {
        return "t/" + publisher + "/" + topic;
    }

    /** All its messages are acknowledged, to the last packet. */
    boolean isFinished() {
        return unfinished.isEmpty();
    }

    int unfinished() {
        return unfinished.size();
    }

    long acknowledged() {
        return acknowledged;
    }

    /** What it last sent to be retained, by topic; empty: nothing is to be retained. */
    Map<String, byte[]> retained() {
        return retained;
    }

    void publish(Random random) {
        if (!client.isReady() || unfinished.size() >= WINDOW) return;
        boolean once = random.nextBoolean();
        QoS qos = once ? QoS.EXACTLY_ONCE : QoS.AT_LEAST_ONCE;
        int expirySeconds = 0;
        if (client.isV5() && random.nextInt(3) == 0) {
            expirySeconds = random.nextInt(3) == 0 ? Message.FLEETING_SECONDS : Message.LASTING_SECONDS;
        }
        boolean retain = random.nextInt(5) == 0;
        int topic = random.nextInt(TOPICS);
        Message message = book.write(retain ? -1 : index, topic, qos, retain ? 0 : expirySeconds);
        // A topic has one QoS: a message of QoS 1 that is sent again takes the place of a later one of QoS 2, which is
        // not
        // routed again. MQTT orders messages of the same QoS only.
        String name = retain
                ? "r/" + index + "/" + (once ? "2/" : "1/") + random.nextInt(RETAINED_TOPICS)
                : topic(index, topic);
        byte[] payload = retain && random.nextInt(6) == 0 ? NOTHING : message.payload();
        if (retain) retained.put(name, payload);
        Properties properties = message.expirySeconds == 0
                ? Properties.NONE
                : Properties.builder()
                        .set(Property.MESSAGE_EXPIRY_INTERVAL, message.expirySeconds)
                        .build();
        do identifier = identifier % 500 + 1;
        while (unfinished.containsKey(identifier));
        Sent sent =
                new Sent(message, new Publish(false, qos, retain, identifier, TopicName.of(name), payload, properties));
        unfinished.put(identifier, sent);
        message.sentNanos = System.nanoTime();
        client.send(sent.packet);
    }

    @Override
    public void connected(boolean sessionPresent) {
        for (Sent sent : unfinished.values()) {
            Publish p = sent.packet;
            if (sent.received) {
                client.send(new PubRel(p.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
                continue;
            }
            sent.message.sentNanos = System.nanoTime();
            client.send(new Publish(
                    true, p.qos(), p.retain(), p.packetIdentifier(), p.topic(), p.payload(), p.properties()));
        }
    }

    @Override
    public void take(ControlPacket packet) {
        if (packet instanceof PubAck ack) {
            acknowledged(unfinished.remove(ack.packetIdentifier()), ack.reason());
        } else if (packet instanceof PubRec rec) {
            Sent sent = unfinished.get(rec.packetIdentifier());
            if (sent != null) {
                if (!sent.received) acknowledged(sent, rec.reason());
                sent.received = true;
            }
            client.send(new PubRel(rec.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        } else if (packet instanceof PubComp comp) {
            unfinished.remove(comp.packetIdentifier());
        } else {
            faults.found(Faults.Kind.UNDUE, client.name + " got what it did not ask for: " + packet);
        }
    }

    private void acknowledged(@Nullable Sent sent, ReasonCode reason) {
        if (sent == null) return;
        if (reason.isError())
            faults.found(Faults.Kind.WRONG, client.name + " was told " + reason + " for " + sent.message);
        sent.message.acknowledgedAt = book.tick();
        acknowledged++;
    }
}
