// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.api.ClientInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What every Java client sees of the broker, whatever its library and its version of MQTT. */
@ParameterizedClass(name = "{0}")
@EnumSource(Library.class)
@Execution(ExecutionMode.CONCURRENT)
class EveryLibraryIT {
    private static final int MANY = 3_000;

    @Parameter
    Library library;

    private final String base = House.unique("every");
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size(); --i >= 0; ) open.get(i).close();
    }

    private Visitor connect(Visit visit) throws Exception {
        Visitor visitor = library.connect(visit);
        open.add(visitor);
        return visitor;
    }

    private Visitor connect(String name) throws Exception {
        return connect(visit(name));
    }

    private Visit visit(String name) {
        return Visit.of(base + "-" + name);
    }

    /** How many messages are under way to a client, as the broker sees it. */
    private int inflight(String name) throws Exception {
        CompletableFuture<List<ClientInfo>> clients = new CompletableFuture<>();
        House.door().broker().clients(clients::complete);
        return clients.get(5, TimeUnit.SECONDS).stream()
                .filter(each -> each.clientIdentifier().equals(base + "-" + name))
                .mapToInt(ClientInfo::inflight)
                .sum();
    }

    private Cable cable() {
        Cable cable = new Cable(House.port());
        open.add(cable);
        return cable;
    }

    private String topic(String rest) {
        return base + "/" + rest;
    }

    @Test
    void everyQoSArrivesAsTheLowerOfPublishedAndSubscribed() throws Exception {
        Visitor publisher = connect("p");
        for (int subscribed = 0; subscribed <= 2; subscribed++) {
            Visitor subscriber = connect("s" + subscribed);
            assertThat(subscriber.subscribe(topic("t"), subscribed)).isEqualTo(subscribed);
            for (int published = 0; published <= 2; published++) {
                publisher.publish(topic("t"), "at " + published, published);
            }
            int granted = subscribed;
            assertThat(subscriber.inbox().await(3)).extracting(Arrival::text).containsExactly("at 0", "at 1", "at 2");
            assertThat(subscriber.inbox().now())
                    .extracting(Arrival::qos)
                    .containsExactly(0, Math.min(1, granted), granted);
            assertThat(subscriber.inbox().now()).noneMatch(Arrival::retained);
        }
    }

    @Test
    void aMessageReachesTheClientsOfAllLibraries() throws Exception {
        List<Visitor> subscribers = new ArrayList<>();
        for (Library other : Library.values()) {
            Visitor subscriber = other.connect(visit(other.name()));
            open.add(subscriber);
            subscribers.add(subscriber);
            subscriber.subscribe(topic("all"), 2);
        }
        Visitor publisher = connect("p");
        publisher.publish(topic("all"), "to all", 2);
        for (Visitor subscriber : subscribers) {
            Arrival arrival = subscriber.inbox().one();
            assertThat(arrival.text()).isEqualTo("to all");
            assertThat(arrival.qos()).isEqualTo(2);
        }
    }

    @Test
    void anEmptyPayloadArrivesEmpty() throws Exception {
        Visitor client = connect("c");
        client.subscribe(topic("empty"), 1);
        client.publish(topic("empty"), new byte[0], 1, false);
        assertThat(client.inbox().one().payload()).isEmpty();
    }

    @Test
    void aRetainedMessageWaitsForSubscribersUntilItIsCleared() throws Exception {
        Visitor publisher = connect("p");
        publisher.publish(topic("kept"), "first".getBytes(), 1, true);
        publisher.publish(topic("kept"), "last".getBytes(), 1, true);

        Visitor subscriber = connect("s");
        subscriber.subscribe(topic("+"), 1);
        assertThat(subscriber.inbox().one().text()).isEqualTo("last");
        assertThat(subscriber.inbox().one().retained()).isTrue();

        publisher.publish(topic("kept"), new byte[0], 1, true);
        assertThat(subscriber.inbox().await(2).get(1).payload()).isEmpty();
        Visitor late = connect("late");
        late.subscribe(topic("+"), 1);
        publisher.publish(topic("other"), "the only one", 1);
        assertThat(late.inbox().one().text()).isEqualTo("the only one");
    }

    @Test
    void theWillIsPublishedWhenTheConnectionBreaks() throws Exception {
        Visitor watcher = connect("w");
        watcher.subscribe(topic("will"), 2);
        Cable cable = cable();
        connect(visit("dying").through(cable.port()).with(new Visit.Will(topic("will"), "farewell", 2, true)));
        cable.cut();
        assertThat(watcher.inbox().one().text()).isEqualTo("farewell");
        assertThat(watcher.inbox().one().qos()).isEqualTo(2);

        Visitor late = connect("late");
        late.subscribe(topic("will"), 2);
        assertThat(late.inbox().one().retained()).isTrue();
    }

    @Test
    void theWillIsForgottenWhenTheClientSaysGoodbye() throws Exception {
        Visitor watcher = connect("w");
        watcher.subscribe(topic("will"), 1);
        Visitor leaving = connect(visit("l").with(new Visit.Will(topic("will"), "farewell", 1, false)));
        leaving.disconnect();
        // Same name: the broker is done with the first when the second is in.
        connect("l");
        watcher.publish(topic("will"), "no will", 1);
        assertThat(watcher.inbox().one().text()).isEqualTo("no will");
    }

    @Test
    void aSessionKeepsItsSubscriptionsAndWhatCameMeanwhile() throws Exception {
        Visitor first = connect(visit("away").lasting());
        assertThat(first.sessionPresent()).isFalse();
        first.subscribe(topic("q/#"), 2);
        first.disconnect();

        Visitor publisher = connect("p");
        for (int i = 0; i < 100; i++) publisher.publish(topic("q/" + i), "m" + i, 1 + i / 50);

        Visitor again = connect(visit("away").lasting());
        assertThat(again.sessionPresent()).isTrue();
        List<Arrival> arrivals = again.inbox().await(100);
        assertThat(arrivals).extracting(Arrival::text).containsExactlyElementsOf(numbered(0, 100));
        assertThat(arrivals.subList(0, 50)).allMatch(arrival -> arrival.qos() == 1);
        assertThat(arrivals.subList(50, 100)).allMatch(arrival -> arrival.qos() == 2);
    }

    @Test
    void aCleanStartFindsNothingOfTheOldSession() throws Exception {
        Visitor first = connect(visit("c").lasting());
        first.subscribe(topic("t"), 1);
        first.disconnect();
        Visitor publisher = connect("p");
        publisher.publish(topic("t"), "for the old session", 1);

        Visitor clean = connect("c");
        assertThat(clean.sessionPresent()).isFalse();
        clean.subscribe(topic("t"), 1);
        publisher.publish(topic("t"), "for the new session", 1);
        assertThat(clean.inbox().one().text()).isEqualTo("for the new session");
    }

    @Test
    void wildcardsChooseByLevel() throws Exception {
        Visitor one = connect("one");
        Visitor all = connect("all");
        one.subscribe(topic("+/b"), 1);
        all.subscribe(topic("#"), 1);
        Visitor publisher = connect("p");
        for (String rest : List.of("a/b", "a/c", "x/b", "a/b/c", "end/b")) publisher.publish(topic(rest), rest, 1);
        assertThat(one.inbox().textsUntil("end/b")).containsExactly("a/b", "x/b");
        assertThat(all.inbox().textsUntil("end/b")).containsExactly("a/b", "a/c", "x/b", "a/b/c");
    }

    @Test
    void nothingComesAfterUnsubscribing() throws Exception {
        Visitor client = connect("c");
        client.subscribe(topic("a"), 1);
        client.subscribe(topic("b"), 1);
        client.unsubscribe(topic("a"));
        client.publish(topic("a"), "unwanted", 1);
        client.publish(topic("b"), "wanted", 1);
        assertThat(client.inbox().one().text()).isEqualTo("wanted");
    }

    @Test
    void theMembersOfAShareDivideTheMessages() throws Exception {
        List<Visitor> members = List.of(connect("m1"), connect("m2"), connect("m3"));
        for (Visitor member : members) {
            assertThat(member.subscribe("$share/group/" + topic("work"), 1)).isEqualTo(1);
        }
        Visitor publisher = connect("p");
        for (int i = 0; i < 300; i++) publisher.send(topic("work"), ("m" + i).getBytes(), 1, false);
        Patience.until(
                "300 messages",
                () -> members.stream().mapToInt(m -> m.inbox().size()).sum() >= 300);
        List<String> together = new ArrayList<>();
        for (Visitor member : members) {
            assertThat(member.inbox().size()).isPositive();
            member.inbox().now().forEach(arrival -> together.add(arrival.text()));
        }
        assertThat(together).containsExactlyInAnyOrderElementsOf(numbered(0, 300));
    }

    @Test
    void thousandsInFlightBothWaysArriveInOrderOnce() throws Exception {
        Visitor here = connect(visit("here").takingAtOnce(20));
        Visitor there = connect(visit("there").takingAtOnce(1_000));
        here.subscribe(topic("to-here"), 2);
        there.subscribe(topic("to-there"), 2);
        CompletableFuture<Void> back = CompletableFuture.runAsync(() -> sendMany(there, topic("to-here"), 2));
        sendMany(here, topic("to-there"), 1);
        back.get(30, TimeUnit.SECONDS);
        assertThat(here.inbox().textsUntil("end")).containsExactlyElementsOf(numbered(0, MANY));
        assertThat(there.inbox().textsUntil("end")).containsExactlyElementsOf(numbered(0, MANY));
    }

    private void sendMany(Visitor from, String topic, int qos) {
        try {
            List<CompletableFuture<?>> sent = new ArrayList<>();
            for (int i = 0; i < MANY; i++) sent.add(from.send(topic, ("m" + i).getBytes(), qos, false));
            CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
            from.publish(topic, "end", qos);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aClientComesBackByItselfAndGetsWhatItMissed() throws Exception {
        Cable cable = cable();
        Visitor subscriber = connect(visit("s").lasting().reconnecting().through(cable.port()));
        subscriber.subscribe(topic("t"), 2);
        Visitor publisher = connect("p");
        publisher.publish(topic("t"), "before", 2);
        subscriber.inbox().await(1);
        // Paho hands a message on before it forgets its identifier: cut in between, it does so again when PUBREL is
        // repeated.
        Patience.until("the end of the first message's flow", () -> inflight("s") == 0);
        cable.cut();
        publisher.publish(topic("t"), "meanwhile", 2);
        publisher.publish(topic("t"), "after", 2);
        assertThat(subscriber.inbox().textsUntil("after")).containsExactly("before", "meanwhile");
    }

    @Test
    void aClientComesBackByItselfAfterAnOperatorSentItAway() throws Exception {
        Visitor subscriber = connect(visit("s").lasting().reconnecting());
        subscriber.subscribe(topic("t"), 1);
        Visitor publisher = connect("p");
        House.door().broker().disconnect(base + "-s");
        Patience.until("the end of the connection", () -> !subscriber.isConnected());
        publisher.publish(topic("t"), "meanwhile", 1);
        assertThat(subscriber.inbox().one().text()).isEqualTo("meanwhile");
    }

    @Test
    void aLargePayloadArrivesWhole() throws Exception {
        byte[] large = new byte[900_000];
        new Random(7).nextBytes(large);
        Visitor client = connect("c");
        client.subscribe(topic("large"), 2);
        for (int qos = 0; qos <= 2; qos++) client.publish(topic("large"), large, qos, false);
        for (Arrival arrival : client.inbox().await(3)) {
            assertThat(Arrays.equals(arrival.payload(), large)).isTrue();
        }
    }

    @Test
    void aThousandSubscriptionsEachGetTheirOwn() throws Exception {
        Visitor subscriber = connect("s");
        for (int i = 0; i < 1_000; i++) subscriber.subscribe(topic("n/" + i), 1);
        Visitor publisher = connect("p");
        for (int i = 0; i < 1_000; i++) publisher.send(topic("n/" + i), ("m" + i).getBytes(), 1, false);
        List<Arrival> arrivals = subscriber.inbox().await(1_000);
        assertThat(arrivals).hasSize(1_000).allMatch(a -> a.topic()
                .equals(topic("n/" + a.text().substring(1))));
        assertThat(arrivals).extracting(Arrival::text).doesNotHaveDuplicates();
    }

    @Test
    void theNewConnectionOfAClientEndsItsOldOne() throws Exception {
        Visitor old = connect(visit("twice").lasting());
        old.subscribe(topic("t"), 1);
        Visitor young = connect(visit("twice").lasting());
        Patience.until("the end of the old connection", () -> !old.isConnected());
        assertThat(young.sessionPresent()).isTrue();
        connect("p").publish(topic("t"), "to the young", 1);
        assertThat(young.inbox().one().text()).isEqualTo("to the young");
        assertThat(old.inbox().now()).isEmpty();
    }

    @Test
    void anIntruderIsNotLetIn() {
        assertThatThrownBy(() -> connect(visit("i").as("intruder"))).isInstanceOf(Exception.class);
    }

    @Test
    void aForbiddenFilterIsRefusedInSuback() throws Exception {
        assertThat(connect("c").subscribe("forbidden/x", 1)).isEqualTo(library.speaks5() ? 0x87 : 0x80);
    }

    @Test
    void topicsMayBeOfAnyScript() throws Exception {
        Visitor client = connect("c");
        client.subscribe(topic("Zürich/température/水"), 1);
        byte[] payload = "21,5 °C 🌡".getBytes(StandardCharsets.UTF_8);
        client.publish(topic("Zürich/température/水"), payload, 1, false);
        assertThat(client.inbox().one().topic()).isEqualTo(topic("Zürich/température/水"));
        assertThat(client.inbox().one().payload()).isEqualTo(payload);
    }

    private static List<String> numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "m" + i).toList();
    }
}
