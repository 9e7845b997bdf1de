// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.core.Limits;
import io.courtier.protocol.ConnAck;
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
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A broker that ends at any moment, again and again, while clients that behave publish to and read from sessions that
 * outlive it. Chance decides who does what next, what of the last moments was written, and when; a seed says it all.
 */
class CrashTest {
    private static final int STEPS = 3_000;
    private static final Properties LASTING =
            Properties.builder().set(Property.SESSION_EXPIRY_INTERVAL, 3_600).build();

    /** A message that its publisher is not finished with. */
    private static final class Sent {
        final Publish packet;
        boolean received;

        Sent(Publish packet) {
            this.packet = packet;
        }
    }

    /** A client whose own memory never fails. */
    private final class Peer {
        final String name;
        final Map<Integer, Sent> unfinished = new LinkedHashMap<>();
        final Set<String> acknowledged = new LinkedHashSet<>();
        final List<String> got = new ArrayList<>();
        final Set<Integer> held = new HashSet<>();
        final Set<String> twice = new HashSet<>();
        final Map<Integer, String> asked = new HashMap<>();

        @Nullable
        Client client;

        boolean known;
        /** CONNACK came. */
        boolean ready;
        /** From the message that was published next on, it must have all. */
        boolean subscribed;

        int identifier;
        /** What its topic must have in the end. */
        String lastRetained;

        Peer(String name) {
            this.name = name;
        }

        void connect() {
            ready = false;
            Client now = new Client(door, ProtocolVersion.V5);
            client = now;
            now.send(new io.courtier.protocol.Connect(ProtocolVersion.V5, name, false, 0, null, null, null, LASTING));
        }

        void take(ControlPacket packet) {
            if (packet instanceof ConnAck connAck) {
                assertThat(connAck.reason()).isEqualTo(ReasonCode.SUCCESS);
                if (known)
                    assertThat(connAck.sessionPresent()).as("%s is known", name).isTrue();
                else if (connAck.sessionPresent()) subscribed = false;
                known = true;
                ready = true;
                for (Sent sent : unfinished.values()) {
                    Publish p = sent.packet;
                    if (sent.received)
                        client.send(new PubRel(p.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
                    else
                        client.send(new Publish(
                                true,
                                p.qos(),
                                p.retain(),
                                p.packetIdentifier(),
                                p.topic(),
                                p.payload(),
                                p.properties()));
                }
            } else if (packet instanceof SubAck) {
                subscribed = true;
            } else if (packet instanceof Publish publish) {
                message(publish);
            } else if (packet instanceof PubAck ack) {
                Sent sent = unfinished.remove(ack.packetIdentifier());
                if (sent != null) acknowledged.add(Client.payload(sent.packet));
            } else if (packet instanceof PubRec rec) {
                Sent sent = unfinished.get(rec.packetIdentifier());
                if (sent != null) {
                    sent.received = true;
                    acknowledged.add(Client.payload(sent.packet));
                }
                client.send(new PubRel(rec.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
            } else if (packet instanceof PubComp comp) {
                unfinished.remove(comp.packetIdentifier());
            } else if (packet instanceof PubRel rel) {
                held.remove(rel.packetIdentifier());
                client.send(new PubComp(rel.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
            }
        }

        private void message(Publish publish) {
            String payload = Client.payload(publish);
            if (publish.qos() == QoS.AT_LEAST_ONCE) {
                if (!got.contains(payload)) got.add(payload);
                client.send(new PubAck(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
            } else if (publish.qos() == QoS.EXACTLY_ONCE) {
                if (held.add(publish.packetIdentifier())) {
                    if (got.contains(payload)) twice.add(payload);
                    got.add(payload);
                }
                client.send(new PubRec(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
            }
        }

        void subscribe(QoS qos) {
            client.send(new Subscribe(
                    identifier(), List.of(new Subscribe.Request("t/#", SubscriptionOptions.of(qos))), Properties.NONE));
        }

        void publish(QoS qos, boolean retain, String payload) {
            int free = identifier();
            if (retain) lastRetained = payload;
            Publish packet = new Publish(
                    false,
                    qos,
                    retain,
                    free,
                    TopicName.of("t/" + name),
                    payload.getBytes(StandardCharsets.UTF_8),
                    Properties.NONE);
            unfinished.put(free, new Sent(packet));
            client.send(packet);
        }

        private int identifier() {
            do identifier = identifier % 200 + 1;
            while (unfinished.containsKey(identifier));
            return identifier;
        }

        /** Takes some of what has come. */
        void read(int max) {
            for (int i = 0; i < max && client != null; i++) {
                ControlPacket packet = client.poll();
                if (packet == null) return;
                take(packet);
            }
        }
    }

    private MemoryStores memory = new MemoryStores();
    private MemoryDoor door = open();
    private final List<Peer> subscribers = List.of(new Peer("one"), new Peer("two"), new Peer("three"));
    private final List<Peer> publishers = List.of(new Peer("ann"), new Peer("bob"));

    private MemoryDoor open() {
        MemoryDoor opened = new MemoryDoor(2, Limits.DEFAULT, memory);
        opened.syncsItself(false);
        return opened;
    }

    private QoS retainedQoS(Peer publisher) {
        return publisher == publishers.get(0) ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void losesNothingThatItAcknowledged(int seed) {
        Random random = new Random(seed);
        Map<String, List<String>> due = new HashMap<>();
        for (Peer subscriber : subscribers) due.put(subscriber.name, new ArrayList<>());
        int number = 0;
        int crashes = 0;
        for (int step = 0; step < STEPS; step++) {
            Peer subscriber = subscribers.get(random.nextInt(3));
            Peer publisher = publishers.get(random.nextInt(2));
            switch (random.nextInt(100)) {
                case 0 -> {
                    memory = memory.afterCrash(random.nextDouble());
                    door = open();
                    for (Peer peer : subscribers) peer.client = null;
                    for (Peer peer : publishers) peer.client = null;
                    crashes++;
                }
                case 1, 2, 3 -> {
                    if (subscriber.client != null) subscriber.client.wire().close();
                    subscriber.client = null;
                }
                default -> {
                    if (subscriber.client == null && random.nextInt(10) == 0) subscriber.connect();
                    if (publisher.client == null) publisher.connect();
                    switch (random.nextInt(4)) {
                        case 0 -> door.sync();
                        case 1 -> {
                            if (subscriber.client != null && subscriber.ready && !subscriber.subscribed) {
                                subscriber.subscribe(
                                        subscriber.name.equals("one") ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE);
                            }
                            subscriber.read(random.nextInt(8));
                        }
                        case 2 -> publisher.read(random.nextInt(8));
                        default -> {
                            if (publisher.client == null || !publisher.ready || publisher.unfinished.size() > 50) break;
                            String payload = publisher.name + "-" + number++;
                            QoS qos = random.nextBoolean() ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE;
                            for (Peer each : subscribers) {
                                if (each.subscribed) due.get(each.name).add(qos.value() + payload);
                            }
                            // Of one publisher all with the same QoS: there is no order between two of them.
                            boolean retain = qos == retainedQoS(publisher) && random.nextInt(3) == 0;
                            publisher.publish(qos, retain, payload);
                        }
                    }
                }
            }
        }
        door.syncsItself(true);
        for (int round = 0; round < 20; round++) {
            for (List<Peer> peers : List.of(subscribers, publishers)) {
                for (Peer peer : peers) {
                    if (peer.client == null) peer.connect();
                    door.sync();
                    peer.read(Integer.MAX_VALUE);
                }
            }
        }
        assertThat(crashes).isPositive();
        Client late = new Client(door, ProtocolVersion.V5);
        late.connect("late", true);
        for (Peer publisher : publishers) {
            late.subscribe("t/" + publisher.name, QoS.AT_MOST_ONCE);
            assertThat(Client.payload(late.expect(Publish.class)))
                    .as("the retained message of %s", publisher.name)
                    .isEqualTo(publisher.lastRetained);
        }
        for (Peer publisher : publishers)
            assertThat(publisher.unfinished).as(publisher.name).isEmpty();
        for (Peer subscriber : subscribers) {
            List<String> missing = new ArrayList<>();
            for (String each : due.get(subscriber.name))
                if (!subscriber.got.contains(each.substring(1))) missing.add(each);
            assertThat(missing).as("lost on the way to %s", subscriber.name).isEmpty();
            Set<String> doubled = new HashSet<>(subscriber.twice);
            doubled.removeIf(payload -> !due.get(subscriber.name).contains(2 + payload));
            assertThat(doubled).as("doubled for %s", subscriber.name).isEmpty();
            Set<String> owed = new HashSet<>();
            for (String each : due.get(subscriber.name)) owed.add(each.substring(1));
            for (Peer publisher : publishers) {
                // What was published before it subscribed may come when it is published again.
                assertThat(subscriber.got.stream()
                                .filter(payload -> payload.startsWith(publisher.name) && owed.contains(payload))
                                .map(payload -> Integer.parseInt(payload.substring(4)))
                                .distinct()
                                .toList())
                        .as("from %s to %s, in order", publisher.name, subscriber.name)
                        .isSorted();
            }
        }
    }
}
