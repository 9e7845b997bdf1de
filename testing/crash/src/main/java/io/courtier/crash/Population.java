// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** All who live on one folder: publishers, subscribers and lodgers. One thread lives all their lives. */
final class Population {
    private static final int PUBLISHERS = 5;
    private static final int SUBSCRIBERS = 10;
    private static final int LODGERS = 2;

    private final Book book = new Book();
    private final Faults faults;
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final List<Lodger> lodgers = new ArrayList<>();

    Population(Faults faults) {
        this.faults = faults;
        for (int i = 0; i < PUBLISHERS; i++) publishers.add(new Publisher(i, version(i), book, faults));
        for (int i = 0; i < SUBSCRIBERS; i++) {
            QoS maximum = i % 4 < 2 ? QoS.EXACTLY_ONCE : QoS.AT_LEAST_ONCE;
            subscribers.add(new Subscriber(i, version(i), maximum, PUBLISHERS, book, faults));
        }
        for (int i = 0; i < LODGERS; i++) lodgers.add(new Lodger(i, faults));
    }

    private static ProtocolVersion version(int index) {
        return index % 2 == 0 ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;
    }

    /** Everybody does something, or nothing. */
    void live(int port, long upNanos, Random random) {
        for (Publisher publisher : publishers) {
            if (publisher.client.isOffline()) publisher.client.connect(port, false);
            else if (publisher.client.isReady() && random.nextInt(2_000) == 0) publisher.client.drop();
            else if (random.nextInt(4) == 0) {
                for (int i = random.nextInt(4); i >= 0; i--) publisher.publish(random);
            }
        }
        for (Subscriber subscriber : subscribers) subscriber.live(port, random);
        for (Lodger lodger : lodgers) lodger.live(port, upNanos, random);
        // Some are slow, so that the end of the broker finds exchanges in every state.
        clients().forEach(client -> {
            if (random.nextInt(3) > 0) client.flush();
        });
    }

    private Stream<Client> clients() {
        return Stream.of(
                        publishers.stream().map(each -> each.client),
                        subscribers.stream().map(each -> each.client),
                        lodgers.stream().map(each -> each.client))
                .flatMap(each -> each);
    }

    /** Everybody takes what has come; gives how many packets that were. */
    int read() {
        int count = 0;
        for (Publisher publisher : publishers) count += publisher.client.read(publisher);
        for (Subscriber subscriber : subscribers) count += subscriber.client.read(subscriber);
        for (Lodger lodger : lodgers) {
            count += lodger.client.read(lodger);
            lodger.look();
        }
        return count;
    }

    /** The broker is dead: what it said before is taken, and everybody is offline. */
    void mourn() {
        read();
        clients().forEach(Client::drop);
        for (Lodger lodger : lodgers) lodger.look();
    }

    /** Everybody comes back, or stays, and only finishes what was begun. */
    void comeHome(int port) {
        for (Publisher publisher : publishers) if (publisher.client.isOffline()) publisher.client.connect(port, false);
        for (Subscriber subscriber : subscribers) {
            if (subscriber.client.isOffline()) subscriber.connect(port, false);
        }
        clients().forEach(Client::flush);
    }

    void lodgersLeave() {
        for (Lodger lodger : lodgers) lodger.leave();
    }

    void lodgersReturn(int port, long upNanos) {
        for (Lodger lodger : lodgers) lodger.connect(port, upNanos);
        clients().forEach(Client::flush);
    }

    boolean lodgersAreHome() {
        return lodgers.stream().allMatch(lodger -> lodger.client.isReady());
    }

    /** All is acknowledged, and everybody has what is due. */
    boolean isSettled() {
        return publishers.stream().allMatch(Publisher::isFinished)
                && subscribers.stream().allMatch(Subscriber::hasAll);
    }

    /** Says all that is wrong when it should be settled. */
    void check() {
        for (Publisher publisher : publishers) {
            if (!publisher.isFinished()) {
                faults.found(
                        Faults.Kind.LOST,
                        publisher.client.name + " gets no answer to " + publisher.unfinished() + " messages");
            }
        }
        for (Subscriber subscriber : subscribers) subscriber.check();
        for (Lodger lodger : lodgers) {
            if (!lodger.client.isReady()) faults.found(Faults.Kind.LOST, lodger.client.name + " does not come back");
        }
    }

    /** All so far was checked, and is finished. */
    void turnPage() {
        book.turnPage();
        for (Subscriber subscriber : subscribers) subscriber.turnPage();
    }

    List<Publisher> publishers() {
        return publishers;
    }

    long acknowledged() {
        return publishers.stream().mapToLong(Publisher::acknowledged).sum();
    }

    long due() {
        return subscribers.stream().mapToLong(Subscriber::due).sum();
    }

    long received() {
        return subscribers.stream().mapToLong(Subscriber::received).sum();
    }
}
