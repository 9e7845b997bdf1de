// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The client and the real core in one thread: whatever is cut, and wherever, each message arrives as its QoS says. */
class ClientAndBrokerTest {
    private final BrokerPage.World world = new BrokerPage.World();

    private static ClientOptions named(String name, ProtocolVersion version, boolean clean, long expirySeconds) {
        ClientOptions plain = Page.options(version, clean, expirySeconds);
        Connect connect = plain.connect();
        return new ClientOptions(
                new Connect(version, name, clean, 60, null, null, null, connect.properties()),
                plain.backOff(),
                plain.bounds(),
                false,
                true);
    }

    private BrokerPage page(String name, ProtocolVersion version, boolean clean) {
        BrokerPage page = new BrokerPage(world, named(name, version, clean, 1_000));
        page.connect();
        page.settle();
        assertThat(page.client.state()).isEqualTo(Client.State.CONNECTED);
        return page;
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void publishesAndReceivesWithEachQoS(ProtocolVersion version) {
        BrokerPage subscriber = page("sub", version, true);
        BrokerPage publisher = page("pub", version, true);
        Page.Answer subscribed = subscriber.subscribe("a/+", QoS.EXACTLY_ONCE);
        world.settle();
        assertThat(subscribed.reasons).containsExactly(ReasonCode.GRANTED_QOS_2);
        List<Page.Answer> answers = new ArrayList<>();
        for (int i = 0; i < 9; i++) answers.add(publisher.publish("a/b", "" + i, QoS.of(i % 3)));
        world.settle();
        assertThat(subscriber.messages).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8");
        for (int i = 0; i < 9; i++) {
            assertThat(answers.get(i).reasons).containsExactly(ReasonCode.SUCCESS);
            assertThat(subscriber.deliveries.get(i).publish().qos()).isEqualTo(QoS.of(i % 3));
        }
        assertThat(publisher.client.queuedMessages()).isZero();
    }

    @Test
    void carriesLargeMessagesInSmallPieces() {
        BrokerPage page = page("page", ProtocolVersion.V5, true);
        page.pieceBytes = 1_000;
        page.subscribe("a", QoS.EXACTLY_ONCE);
        Page.Answer answer = page.publish("a", "x".repeat(300_000), QoS.EXACTLY_ONCE);
        world.settle();
        assertThat(answer.reasons).containsExactly(ReasonCode.SUCCESS);
        assertThat(page.messages).containsExactly("x".repeat(300_000));
    }

    @Test
    void isRefusedWithTheReason() {
        ClientOptions plain = Page.options(ProtocolVersion.V3_1_1, true, 0);
        BrokerPage page = new BrokerPage(
                world,
                new ClientOptions(
                        new Connect(ProtocolVersion.V3_1_1, "page", true, 60, null, "intruder", null, Properties.NONE),
                        plain.backOff(),
                        plain.bounds(),
                        false,
                        false));
        Page.Answer answer = page.connect();
        world.settle();
        assertThat(answer.failure.reason()).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }

    @Test
    void failsASubscriptionOfWhichOneFilterIsRefusedAndGivesTheOthersBack() {
        BrokerPage page = page("page", ProtocolVersion.V5, true);
        Page.Answer answer = new Page.Answer();
        SubscriptionOptions options = SubscriptionOptions.of(QoS.AT_LEAST_ONCE);
        page.client.subscribe(
                List.of(new Subscribe.Request("ok", options), new Subscribe.Request("forbidden/a", options)),
                Properties.NONE,
                answer);
        world.settle();
        assertThat(answer.failure.reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(answer.failure.text()).contains("forbidden/a");
        Page.Answer sent = page.publish("ok", "1", QoS.AT_LEAST_ONCE);
        world.settle();
        assertThat(sent.reasons).containsExactly(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(page.publish("forbidden/a", "1", QoS.AT_LEAST_ONCE)).satisfies(refused -> {
            world.settle();
            assertThat(refused.failure.reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        });
    }

    @Test
    void keepsAFilterThatAnotherSubscriptionHas() {
        BrokerPage page = page("page", ProtocolVersion.V5, true);
        SubscriptionOptions options = SubscriptionOptions.of(QoS.AT_MOST_ONCE);
        int one = page.client.subscribe(List.of(new Subscribe.Request("a", options)), Properties.NONE, Reply.NONE);
        int two = page.client.subscribe(List.of(new Subscribe.Request("a", options)), Properties.NONE, Reply.NONE);
        world.settle();
        page.publish("a", "1", QoS.AT_MOST_ONCE);
        world.settle();
        assertThat(page.deliveries.get(0).subscriptions()).containsExactly(one, two);
        page.client.unsubscribe(one, Reply.NONE);
        page.publish("a", "2", QoS.AT_MOST_ONCE);
        world.settle();
        assertThat(page.deliveries.get(1).subscriptions()).containsExactly(two);
        Page.Answer gone = new Page.Answer();
        page.client.unsubscribe(two, gone);
        page.publish("a", "3", QoS.AT_MOST_ONCE);
        world.settle();
        assertThat(gone.reasons).containsExactly(ReasonCode.SUCCESS);
        assertThat(page.messages).containsExactly("1", "2");
    }

    @Test
    void doesNotFightItsDouble() {
        BrokerPage one = page("same", ProtocolVersion.V5, true);
        BrokerPage two = page("same", ProtocolVersion.V5, true);
        world.settle();
        assertThat(one.causes.get(0).kind()).isEqualTo(Failure.Kind.TAKEN_OVER);
        one.advance(20_000);
        assertThat(two.client.state()).isEqualTo(Client.State.CONNECTED);
        assertThat(two.events).containsExactly("connected false");
    }

    /** Sends one message and cuts the connection after so many packets, for each number that there is. */
    @ParameterizedTest
    @CsvSource({
        "V5, AT_LEAST_ONCE",
        "V5, EXACTLY_ONCE",
        "V3_1_1, AT_LEAST_ONCE",
        "V3_1_1, EXACTLY_ONCE",
        "V3_1, EXACTLY_ONCE"
    })
    void deliversOverACutAtEveryStep(ProtocolVersion version, QoS qos) {
        int last = -1;
        for (int cut = 0; last < 0 && cut < 40; cut++) {
            // Both ways at once: the page receives what it publishes.
            BrokerPage page = page("page" + cut, version, false);
            String topic = "t" + cut;
            page.subscribe(topic, qos);
            page.settle();
            page.pieces = cut;
            Page.Answer answer = page.publish(topic, "m", qos);
            page.settle();
            if (page.causes.isEmpty()) last = cut;
            page.awaitConnected();
            page.advance(2_000);
            assertThat(answer.reasons).as("cut after %d", cut).isNotNull();
            assertThat(answer.times).isEqualTo(1);
            if (qos == QoS.EXACTLY_ONCE)
                assertThat(page.messages).as("cut after %d", cut).containsExactly("m");
            else assertThat(page.messages).as("cut after %d", cut).isNotEmpty().containsOnly("m");
            assertThat(page.client.queuedMessages()).isZero();
            page.client.end();
            page.settle();
        }
        assertThat(last).as("packets of an undisturbed exchange").isEqualTo(qos == QoS.EXACTLY_ONCE ? 8 : 4);
    }

    /** The same with a page that is killed, and one that goes on with its store. */
    @Test
    void deliversOnceOverAKillAtEveryStep() {
        int last = -1;
        for (int cut = 0; last < 0 && cut < 60; cut++) {
            KeptStore store = new KeptStore();
            ClientOptions options = named("page" + cut, ProtocolVersion.V5, false, 1_000);
            String topic = "t" + cut;
            BrokerPage page = new BrokerPage(world, options, store);
            page.connect();
            settle(page, store, Integer.MAX_VALUE);
            page.subscribe(topic, QoS.EXACTLY_ONCE);
            settle(page, store, Integer.MAX_VALUE);
            page.publish(topic, "m", QoS.EXACTLY_ONCE);
            // Once it is durable the promise holds.
            page.client.stored(store.sync());
            int steps = settle(page, store, cut);
            if (steps < cut) last = cut;
            page.kill();
            store.crash();
            BrokerPage next = new BrokerPage(world, options, store);
            store.load(next.client);
            next.connect();
            settle(next, store, Integer.MAX_VALUE);
            for (int i = 0; i < 20; i++) {
                next.advance(100);
                settle(next, store, Integer.MAX_VALUE);
            }
            List<String> all = new ArrayList<>(page.messages);
            all.addAll(next.messages);
            assertThat(next.client.state()).isEqualTo(Client.State.CONNECTED);
            // A handler that returned may be asked again only if the kill came before that was durable.
            assertThat(all).as("killed after %d", cut).contains("m");
            assertThat(all.size()).as("killed after %d", cut).isLessThanOrEqualTo(2);
            if (all.size() == 2) assertThat(steps).isEqualTo(cut);
            assertThat(next.client.queuedMessages()).isZero();
            next.client.end();
            settle(next, store, Integer.MAX_VALUE);
        }
        assertThat(last).isGreaterThan(10);
    }

    /** Does so many steps, of which storing is one; gives how many there were. */
    private int settle(BrokerPage page, KeptStore store, int steps) {
        int done = 0;
        while (done < steps) {
            if (!world.work.isEmpty()) {
                world.work.remove().run();
            } else {
                int before = world.work.size();
                page.client.stored(store.sync());
                if (world.work.size() == before) return done;
            }
            done++;
        }
        return done;
    }

    @Test
    void sendsAnewAndSubscribesAgainWhenTheServerForgot() {
        BrokerPage page = new BrokerPage(world, named("page", ProtocolVersion.V5, true, 0));
        page.connect();
        page.subscribe("a", QoS.AT_LEAST_ONCE);
        page.settle();
        page.cut();
        Page.Answer answer = page.publish("a", "1", QoS.AT_LEAST_ONCE);
        page.awaitConnected();
        assertThat(page.events).endsWith("connected false");
        page.settle();
        assertThat(answer.reasons).containsExactly(ReasonCode.SUCCESS);
        assertThat(page.messages).containsExactly("1");
    }

    /** Two pages that talk to each other while their connections are cut at random, in pieces of any size. */
    @Test
    void deliversAsPromisedHoweverConnectionsAreCut() {
        for (int seed = 1; seed <= 400; seed++) talk(seed);
    }

    private void talk(int seed) {
        ProtocolVersion version = ProtocolVersion.values()[seed % 3];
        BrokerPage[] pages = {page("a" + seed, version, false), page("b" + seed, version, false)};
        for (int i = 0; i < 2; i++) {
            pages[i].seed = seed * 31L + i;
            pages[i].pieceBytes = seed % 4 == 0 ? 0 : 40;
            pages[i].subscribe(seed + "/to" + i, QoS.EXACTLY_ONCE);
        }
        world.settle();
        List<Page.Answer> answers = new ArrayList<>();
        BrokerPage dice = pages[0];
        List<List<String>> once = List.of(new ArrayList<>(), new ArrayList<>());
        List<TreeSet<String>> atLeast = List.of(new TreeSet<>(), new TreeSet<>());
        for (int i = 0; i < 60; i++) {
            int from = (int) (Math.abs(dice.random()) % 2);
            switch ((int) (Math.abs(dice.random()) % 6)) {
                case 0, 1 -> {
                    once.get(1 - from).add("2-" + i);
                    answers.add(pages[from].publish(seed + "/to" + (1 - from), "2-" + i, QoS.EXACTLY_ONCE));
                }
                case 2 -> {
                    atLeast.get(1 - from).add("1-" + i);
                    answers.add(pages[from].publish(seed + "/to" + (1 - from), "1-" + i, QoS.AT_LEAST_ONCE));
                }
                case 3 -> pages[from].pieces = (int) (Math.abs(dice.random()) % 12);
                case 4 -> pages[from].advance(Math.abs(dice.random()) % 3_000);
                default -> {
                    for (int k = 0; k < 5 && !world.work.isEmpty(); k++)
                        world.work.remove().run();
                }
            }
        }
        for (int round = 0; round < 3; round++) {
            for (BrokerPage each : pages) {
                each.pieces = Integer.MAX_VALUE;
                each.awaitConnected();
                each.advance(500);
            }
        }
        for (int i = 0; i < 2; i++) {
            List<String> two = new ArrayList<>();
            TreeSet<String> one = new TreeSet<>();
            for (String each : pages[i].messages) {
                if (each.startsWith("2-")) two.add(each);
                else one.add(each);
            }
            assertThat(two).as("QoS 2, seed %d", seed).containsExactlyElementsOf(once.get(i));
            assertThat(one).as("QoS 1, seed %d", seed).isEqualTo(atLeast.get(i));
            assertThat(pages[i].client.queuedMessages()).as("seed %d", seed).isZero();
            for (Failure cause : pages[i].causes)
                assertThat(cause.kind()).as("seed %d: %s", seed, cause).isEqualTo(Failure.Kind.LOST);
        }
        for (Page.Answer each : answers)
            assertThat(each.times).as("seed %d", seed).isEqualTo(1);
        for (BrokerPage each : pages) each.client.end();
        world.settle();
    }
}
