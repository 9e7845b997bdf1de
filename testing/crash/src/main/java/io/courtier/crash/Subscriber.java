// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.PingResp;
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
import io.courtier.protocol.UnsubAck;
import io.courtier.protocol.Unsubscribe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Subscribes to publishers and leaves them, goes and comes back, and remembers all of it: what it must get, what it may get,
 * and what it got, in which order.
 */
final class Subscriber implements Client.Owner {
    /** A message may still be under way when it expires; none is so for so long. */
    private static final long OVERDUE_NANOS = 5_000_000_000L;

    /** SUBSCRIBE or UNSUBSCRIBE that is not answered. */
    private record Question(boolean subscribe, int publisher) {}

    final Client client;
    private final QoS maximum;
    private final Book book;
    private final Faults faults;
    private final List<List<Period>> periods = new ArrayList<>();
    private final Map<Integer, Question> questions = new LinkedHashMap<>();
    /** QoS 2 messages that came and were not released: the number behind each Packet Identifier. */
    private final Map<Integer, Integer> held = new HashMap<>();
    /** Numbers in the order in which they first came. */
    private int[] order = new int[1_024];

    private int got;
    private final BitSet gotEver = new BitSet();
    /** In this session. */
    private final BitSet gotNow = new BitSet();

    /** CONNECT with Clean Start is not answered. */
    private boolean wiping;

    private int identifier;
    private long received;
    private long due;

    Subscriber(int index, ProtocolVersion version, QoS maximum, int publishers, Book book, Faults faults) {
        this.maximum = maximum;
        this.book = book;
        this.faults = faults;
        client = new Client("subscriber-" + index, version, Client.LASTING_SECONDS, faults);
        for (int i = 0; i < publishers; i++) periods.add(new ArrayList<>());
    }

    private static String filter(int publisher) {
        return "t/" + publisher + "/#";
    }

    long received() {
        return received;
    }

    // ---- what it does

    /** Comes back; with Clean Start it gives up what it has, and so it does until that is answered. */
    void connect(int port, boolean clean) {
        if (clean) wipe();
        wiping |= clean;
        client.connect(port, wiping);
    }

    private void wipe() {
        long now = book.tick();
        for (List<Period> ofPublisher : periods) {
            for (Period period : ofPublisher) {
                period.wiped = true;
                if (period.isOpen()) period.leftAt = now;
            }
        }
    }

    /** Subscribes to a publisher, or leaves it; one question to it at a time. */
    void turnTo(int publisher) {
        if (!client.isReady()) return;
        for (Question question : questions.values()) if (question.publisher == publisher) return;
        List<Period> all = periods.get(publisher);
        Period last = all.isEmpty() ? null : all.get(all.size() - 1);
        if (last != null && last.isOpen()) {
            last.leftAt = book.tick();
            ask(new Question(false, publisher));
        } else {
            all.add(new Period(book.tick()));
            ask(new Question(true, publisher));
        }
    }

    private void ask(Question question) {
        do identifier = identifier % 500 + 1;
        while (questions.containsKey(identifier));
        questions.put(identifier, question);
        String filter = filter(question.publisher);
        client.send(
                question.subscribe
                        ? new Subscribe(
                                identifier,
                                List.of(new Subscribe.Request(filter, SubscriptionOptions.of(maximum))),
                                Properties.NONE)
                        : new Unsubscribe(identifier, List.of(filter), Properties.NONE));
    }

    // ---- what comes

    @Override
    public void connected(boolean sessionPresent) {
        if (wiping) {
            wiping = false;
            long now = book.tick();
            for (List<Period> ofPublisher : periods) {
                for (Period period : ofPublisher) if (period.endedAt == Message.NEVER) period.endedAt = now;
            }
            questions.clear();
            held.clear();
            gotNow.clear();
        }
        List<Question> again = List.copyOf(questions.values());
        questions.clear();
        for (Question question : again) ask(question);
    }

    @Override
    public void take(ControlPacket packet) {
        if (packet instanceof Publish publish) {
            message(publish);
        } else if (packet instanceof PubRel rel) {
            held.remove(rel.packetIdentifier());
            client.send(new PubComp(rel.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        } else if (packet instanceof SubAck ack) {
            Question question = questions.remove(ack.packetIdentifier());
            if (question == null || !question.subscribe || ack.reasons().get(0).isError()) {
                faults.found(Faults.Kind.WRONG, client.name + " got " + ack + " for " + question);
                return;
            }
            last(question.publisher).grantedAt = book.tick();
        } else if (packet instanceof UnsubAck ack) {
            Question question = questions.remove(ack.packetIdentifier());
            if (question == null || question.subscribe) {
                faults.found(Faults.Kind.WRONG, client.name + " got " + ack + " for " + question);
                return;
            }
            last(question.publisher).endedAt = book.tick();
        } else if (!(packet instanceof PingResp)) {
            faults.found(Faults.Kind.UNDUE, client.name + " got what it did not ask for: " + packet);
        }
    }

    private Period last(int publisher) {
        List<Period> all = periods.get(publisher);
        return all.get(all.size() - 1);
    }

    private void message(Publish publish) {
        int number = Message.number(publish.payload());
        int id = publish.packetIdentifier();
        boolean isNew = true;
        if (publish.qos() == QoS.EXACTLY_ONCE) {
            Integer before = held.put(id, number);
            isNew = before == null;
            if (before != null && before != number) {
                faults.found(
                        Faults.Kind.WRONG,
                        client.name + ": Packet Identifier " + id + " stands for message " + before
                                + ", which is not released, and for " + number);
            }
            client.send(new PubRec(id, ReasonCode.SUCCESS, Properties.NONE));
        } else {
            client.send(new PubAck(id, ReasonCode.SUCCESS, Properties.NONE));
        }
        received++;
        Message message = book.find(number);
        if (message != null) {
            check(publish, message, isNew);
        } else if (!book.isEarlier(number)) {
            faults.found(Faults.Kind.UNDUE, client.name + " got a message that nobody sent: number " + number);
        } else {
            // Its answers to them were long on the disk.
            faults.found(Faults.Kind.TWICE, client.name + " got again, after all was finished: message " + number);
        }
    }

    private void check(Publish publish, Message message, boolean isNew) {
        int number = message.number;
        boolean whole = publish.qos() == QoS.min(message.qos, maximum)
                && publish.topic().toString().equals(Publisher.topic(message.publisher, message.topic))
                && Arrays.equals(publish.payload(), message.payload());
        if (!whole) faults.found(Faults.Kind.CORRUPT, client.name + " got " + message + " changed: " + publish);
        if (client.isV5()) checkExpiry(publish, message);
        if (publish.qos() == QoS.EXACTLY_ONCE && isNew && gotNow.get(number)) {
            faults.found(Faults.Kind.TWICE, client.name + " got twice: " + message);
        }
        if (message.publisher < 0
                || periods.get(message.publisher).stream().noneMatch(period -> period.allows(message))) {
            faults.found(
                    Faults.Kind.UNDUE,
                    client.name + " got what it had not subscribed to: " + message + "; " + story(message));
        }
        gotNow.set(number);
        if (gotEver.get(number)) return;
        gotEver.set(number);
        if (got == order.length) order = Arrays.copyOf(order, 2 * got);
        order[got++] = number;
    }

    private void checkExpiry(Publish publish, Message message) {
        long left = publish.properties().integer(Property.MESSAGE_EXPIRY_INTERVAL, 0);
        boolean plausible = message.expirySeconds == Message.LASTING_SECONDS
                ? left > message.expirySeconds / 2 && left <= message.expirySeconds
                : left <= message.expirySeconds;
        if (!plausible)
            faults.found(
                    Faults.Kind.WRONG, client.name + " got a Message Expiry Interval of " + left + " s for " + message);
        if (message.isFleeting() && !publish.dup() && System.nanoTime() - message.sentNanos > OVERDUE_NANOS) {
            faults.found(Faults.Kind.UNDUE, client.name + " got what had expired: " + message);
        }
    }

    // ---- what is checked in the end

    private boolean mustHave(Message message) {
        if (message.isFleeting() || message.publisher < 0) return false;
        for (Period period : periods.get(message.publisher)) if (period.owes(message)) return true;
        return false;
    }

    /** Nothing is under way to it, and nothing that it must have is missing. */
    boolean hasAll() {
        if (!client.isReady() || !questions.isEmpty() || !held.isEmpty()) return false;
        for (Message message : book.messages()) {
            if (!gotEver.get(message.number) && mustHave(message)) return false;
        }
        return true;
    }

    /** How many messages it was checked to have, since the beginning. */
    long due() {
        return due;
    }

    /** Says what is missing, and what came in the wrong order. */
    void check() {
        if (!client.isReady()) faults.found(Faults.Kind.LOST, client.name + " does not come back");
        if (!questions.isEmpty()) faults.found(Faults.Kind.LOST, client.name + " gets no answer to " + questions);
        if (!held.isEmpty()) faults.found(Faults.Kind.LOST, client.name + " is not sent PUBREL for " + held);
        for (Message message : book.messages()) {
            if (!mustHave(message)) continue;
            due++;
            if (!gotEver.get(message.number)) {
                faults.found(Faults.Kind.LOST, client.name + " has lost " + message + "; " + story(message));
            }
        }
        int[] last = new int[periods.size() * Publisher.TOPICS * 3];
        for (int i = 0; i < got; i++) {
            Message message = book.find(order[i]);
            // What was published before it subscribed may come later, when it is published again.
            if (message == null || !mustHave(message)) continue;
            int stream = (message.publisher * Publisher.TOPICS + message.topic) * 3 + message.qos.value();
            if (message.number < last[stream]) {
                faults.found(
                        Faults.Kind.OUT_OF_ORDER, client.name + " got " + message + " behind message " + last[stream]);
            }
            last[stream] = message.number;
        }
    }

    private String story(Message message) {
        return client.name + (client.isV5() ? " (MQTT 5)" : " (MQTT 3.1.1)") + " takes QoS " + maximum.value()
                + ", its subscriptions to that publisher: "
                + (message.publisher < 0 ? "none" : periods.get(message.publisher));
    }

    /** All so far was checked. */
    void turnPage() {
        got = 0;
        gotEver.clear();
        gotNow.clear();
        for (List<Period> ofPublisher : periods) ofPublisher.removeIf(period -> period.endedAt != Message.NEVER);
    }

    /** Some of what clients do now and then. */
    void live(int port, Random random) {
        if (client.isOffline()) {
            if (random.nextInt(60) == 0) connect(port, random.nextInt(15) == 0 && client.isV5());
        } else if (!client.isReady()) {
            // A CONNECT that was given up may be taken after the next one.
            return;
        } else if (random.nextInt(600) == 0) {
            if (random.nextBoolean()) client.disconnect();
            else client.drop();
        } else if (random.nextInt(300) == 0) {
            turnTo(random.nextInt(periods.size()));
        }
    }
}
