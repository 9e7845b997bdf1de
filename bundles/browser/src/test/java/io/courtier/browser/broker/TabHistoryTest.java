// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.access.BrokenRule;
import io.courtier.core.History;
import io.courtier.core.Limits;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.UserProperty;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Principal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TabHistoryTest {
    /** What a storage has, by position. */
    private final TreeMap<Long, byte[]> stored = new TreeMap<>();

    private long position;

    private TabHistory history(TabHistory.Bounds bounds) {
        return new TabHistory(bounds, new TabHistory.Storage() {
            @Override
            public long history(byte[] record) {
                stored.put(++position, record);
                return position;
            }

            @Override
            public void forget(long gone) {
                assertThat(stored.remove(gone)).isNotNull();
            }
        });
    }

    private static TabHistory.Bounds bounds(int perTopic, long bytes, long seconds, String... filters) {
        List<TopicFilter> of = new ArrayList<>();
        for (String each : filters) of.add(TopicFilter.of(each));
        return new TabHistory.Bounds(of, perTopic, bytes, seconds);
    }

    private static ApplicationMessage message(String topic, String payload) {
        return new ApplicationMessage(
                TopicName.of(topic),
                payload.getBytes(StandardCharsets.UTF_8),
                QoS.AT_LEAST_ONCE,
                false,
                Properties.NONE,
                null,
                ApplicationMessage.NEVER);
    }

    private static List<String> recalled(TabHistory history, String filter, int last, long since, long now) {
        List<String> payloads = new ArrayList<>();
        for (History.Past each : history.recall(TopicFilter.of(filter), last, since, now)) {
            payloads.add(new String(each.message().payload(), StandardCharsets.UTF_8));
        }
        return payloads;
    }

    // ---- what is kept

    @Test
    void keepsTheLastOfEachTopicInTheOrderInWhichAllWerePublished() {
        TabHistory history = history(bounds(3, 1 << 20, 0, "#"));
        for (int i = 0; i < 5; i++) {
            history.published(message("a", "a" + i), i);
            history.published(message("b/c", "b" + i), i);
        }
        assertThat(recalled(history, "#", 100, 0, 9)).containsExactly("a2", "b2", "a3", "b3", "a4", "b4");
        assertThat(recalled(history, "b/+", 100, 0, 9)).containsExactly("b2", "b3", "b4");
        assertThat(recalled(history, "#", 1, 0, 9)).containsExactly("a4", "b4");
        assertThat(recalled(history, "#", 0, 0, 9)).isEmpty();
        assertThat(recalled(history, "#", 100, 4, 9)).containsExactly("a4", "b4");
        assertThat(recalled(history, "#", 2, 3, 9)).containsExactly("a3", "b3", "a4", "b4");
        assertThat(stored).hasSize(6);
    }

    @Test
    void keepsWhatItsFiltersMatchOnly() {
        TabHistory history = history(bounds(3, 1 << 20, 0, "a/#", "b"));
        for (String topic : List.of("a", "a/b", "b", "b/c", "$SYS/a")) history.published(message(topic, topic), 0);
        assertThat(recalled(history, "#", 9, 0, 0)).containsExactly("a", "a/b", "b");
        TabHistory usual = history(TabHistory.Bounds.DEFAULT);
        usual.published(message("$SYS/a", "x"), 0);
        usual.published(message("a", "x"), 0);
        assertThat(usual.size()).isEqualTo(1);
    }

    @Test
    void forgetsTheOldestOfAllTopicsWhereTheRoomEnds() {
        int weight = message("a", "0").weight();
        TabHistory history = history(bounds(100, 4 * weight, 0, "#"));
        for (int i = 0; i < 3; i++) history.published(message("a", "" + i), 0);
        for (int i = 3; i < 6; i++) history.published(message("b", "" + i), 0);
        assertThat(recalled(history, "#", 100, 0, 0)).containsExactly("2", "3", "4", "5");
        assertThat(history.bytes()).isEqualTo(4 * weight);
        history.published(message("c", "x".repeat(5 * weight)), 0);
        assertThat(history.size()).as("one that is too large leaves the others").isEqualTo(4);
        history.halve();
        assertThat(recalled(history, "#", 100, 0, 0)).containsExactly("4", "5");
        assertThat(stored).hasSize(2);
    }

    @Test
    void forgetsWhatIsTooOldWhenMoreComesOrIsAskedFor() {
        TabHistory history = history(bounds(100, 1 << 20, 60, "#"));
        history.published(message("a", "1"), 0);
        history.published(message("b", "2"), 30_000);
        assertThat(recalled(history, "#", 100, 0, 60_000)).containsExactly("1", "2");
        assertThat(recalled(history, "#", 100, 0, 60_001)).containsExactly("2");
        history.published(message("c", "3"), 90_001);
        assertThat(stored).hasSize(1);
    }

    @Test
    void findsItAgainInTheStorage() {
        TabHistory history = history(bounds(100, 1 << 20, 0, "#"));
        for (int i = 0; i < 5; i++) history.published(message("t", "" + i), 1_000 + i);
        TabHistory again = history(bounds(3, 1 << 20, 0, "#"));
        new TreeMap<>(stored).forEach(again::loaded);
        assertThat(recalled(again, "#", 100, 0, 0)).containsExactly("2", "3", "4");
        assertThat(again.recall(TopicFilter.of("t"), 1, 0, 0).get(0).publishedAtMillis())
                .isEqualTo(1_004);
        assertThat(stored).hasSize(3);
        TabHistory other = history(bounds(3, 1 << 20, 0, "other"));
        new TreeMap<>(stored).forEach(other::loaded);
        assertThat(stored).isEmpty();
    }

    @Test
    void refusesBoundsWithoutRoom() {
        assertThatThrownBy(() -> bounds(0, 1, 0, "#")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bounds(1, 0, 0, "#")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bounds(1, 1, -1, "#")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bounds(1, 1, 0, "$share/g/a")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isStoredAmongAllElse() {
        MindStorage storage = new MindStorage();
        TabStores stores = storage.open();
        TabHistory history = new TabHistory(bounds(2, 1 << 20, 0, "#"), stores.history());
        for (int i = 0; i < 3; i++) history.published(message("a", "" + i), i);
        stores.endTurn();
        assertThat(storage.history).isEmpty();
        storage.complete();
        assertThat(storage.history).hasSize(2);
        TabStores again = storage.open();
        TabHistory found = new TabHistory(bounds(2, 1 << 20, 0, "#"), again.history());
        storage.history.forEach(found::loaded);
        found.published(message("a", "3"), 3);
        assertThat(recalled(found, "#", 9, 0, 9)).containsExactly("2", "3");
    }

    // ---- what is sent of it

    private TabGate gate;
    private final TestTab tab = new TestTab(
            Limits.DEFAULT,
            turn -> gate = new TabGate(
                    (request, answer) -> answer.accept(new AuthenticationResult.Allow(Principal.ANONYMOUS)),
                    (method, request) -> null,
                    turn),
            history(bounds(100, 1 << 20, 0, "#")));

    private TestTab.Client connected(String name) {
        return connected(name, Properties.NONE);
    }

    private TestTab.Client connected(String name, Properties properties) {
        TestTab.Client client = tab.client(name).connect(null, null, properties);
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        return client;
    }

    private static Properties wish(String... pairs) {
        Properties.Builder all = Properties.builder();
        for (int i = 0; i < pairs.length; i += 2) all.userProperty(pairs[i], pairs[i + 1]);
        return all.build();
    }

    private static Publish retained(String topic, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return new Publish(false, QoS.AT_MOST_ONCE, true, 0, TopicName.of(topic), bytes, Properties.NONE);
    }

    /** The payloads that came; those of the past have brackets. */
    private static List<String> payloads(List<ControlPacket> packets) {
        List<String> payloads = new ArrayList<>();
        for (ControlPacket packet : packets) {
            if (!(packet instanceof Publish publish)) continue;
            String payload = new String(publish.payload(), StandardCharsets.UTF_8);
            boolean past = publish.properties().userProperties().contains(new UserProperty("replayed", "true"));
            payloads.add(past ? "[" + payload + "]" : payload);
        }
        return payloads;
    }

    private void publish(TestTab.Client publisher, String topic, QoS qos, int from, int to) {
        for (int i = from; i <= to; i++) publisher.publish(topic, "" + i, qos);
        publisher.came();
    }

    @Test
    void theLastFiveOfTenComeInOrderAndThenWhatIsPublishedLater() {
        TestTab.Client publisher = connected("p");
        publish(publisher, "t", QoS.AT_LEAST_ONCE, 1, 10);
        TestTab.Client client = connected("c");
        client.subscribe("t", QoS.AT_LEAST_ONCE, wish("replay-last", "5"));
        publish(publisher, "t", QoS.AT_LEAST_ONCE, 11, 12);
        List<ControlPacket> came = client.came();
        assertThat(came.get(0)).isInstanceOf(SubAck.class);
        assertThat(payloads(came)).containsExactly("[6]", "[7]", "[8]", "[9]", "[10]", "11", "12");
    }

    @Test
    void itIsSaidWhenItWasPublished() {
        TestTab.Client publisher = connected("p");
        String then = "" + tab.epochMillis();
        publish(publisher, "t", QoS.AT_MOST_ONCE, 1, 1);
        tab.advance(Duration.ofSeconds(5));
        String between = "" + (tab.epochMillis() - 1_000);
        publish(publisher, "t", QoS.AT_MOST_ONCE, 2, 2);
        TestTab.Client client = connected("c");
        client.subscribe("t", QoS.AT_MOST_ONCE, wish("replay-last", "9"));
        Publish first = (Publish) client.came().get(1);
        assertThat(first.properties().userProperties())
                .containsExactly(new UserProperty("replayed", "true"), new UserProperty("published-at", then));
        assertThat(first.retain()).isFalse();
        client.subscribe("t", QoS.AT_MOST_ONCE, wish("replay-since", between));
        assertThat(payloads(client.came())).containsExactly("[2]");
        client.subscribe("t", QoS.AT_MOST_ONCE, wish("replay-since", then, "replay-last", "1"));
        assertThat(payloads(client.came())).containsExactly("[2]");
    }

    @ParameterizedTest
    @CsvSource({
        "replay-last, ''",
        "replay-last, -1",
        "replay-last, five",
        "replay-last, 1.5",
        "replay-since, yesterday",
        "replay-since, 1234567890123456"
    })
    void aWishThatCannotBeUnderstoodIsRefused(String name, String value) {
        TestTab.Client client = connected("c");
        client.subscribe("t", QoS.AT_MOST_ONCE, wish(name, value));
        assertThat(client.only(SubAck.class).reasons()).containsExactly(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
    }

    @Test
    void whereThereIsNoHistoryAWishIsAUserPropertyLikeAnyOther() {
        TestTab without = new TestTab(turn -> new TabGate(
                (request, answer) -> answer.accept(new AuthenticationResult.Allow(Principal.ANONYMOUS)),
                (method, request) -> null,
                turn));
        TestTab.Client client = without.client("c").connect(null, null);
        client.came();
        client.subscribe("t", QoS.AT_MOST_ONCE, wish("replay-last", "five"));
        assertThat(client.only(SubAck.class).reasons()).containsExactly(ReasonCode.SUCCESS);
    }

    @Test
    void whoDoesNotAskGetsNothingOfThePast() {
        publish(connected("p"), "t", QoS.AT_LEAST_ONCE, 1, 3);
        TestTab.Client client = connected("c");
        client.subscribe("t", QoS.AT_LEAST_ONCE, wish("something", "else"));
        client.only(SubAck.class);
        client.subscribe("$share/g/t", QoS.AT_LEAST_ONCE, wish("replay-last", "3"));
        client.only(SubAck.class);
    }

    @Test
    void aRetainedMessageIsNotSentTwiceAndOthersAreStill() {
        TestTab.Client publisher = connected("p");
        publisher.send(retained("t/old", "old"));
        // Of this one there is no past any more.
        for (int i = 0; i < 100; i++) publisher.publish("t/old", "x", QoS.AT_MOST_ONCE);
        publisher.publish("t/new", "before", QoS.AT_MOST_ONCE);
        publisher.send(retained("t/new", "new"));
        TestTab.Client client = connected("c");
        client.subscribe("t/new", QoS.AT_MOST_ONCE, wish("replay-last", "5"));
        assertThat(payloads(client.came())).containsExactly("[before]", "[new]");
        client.subscribe("t/+", QoS.AT_MOST_ONCE, wish("replay-last", "1"));
        assertThat(payloads(client.came())).containsExactly("[x]", "[new]", "old");
        client.subscribe("t/new", QoS.AT_MOST_ONCE, wish("replay-last", "0"));
        assertThat(payloads(client.came())).containsExactly("new");
    }

    @Test
    void eachComesOnceWhateverFiltersOfThePacketMatchIt() {
        publish(connected("p"), "a/b", QoS.AT_MOST_ONCE, 1, 2);
        TestTab.Client client = connected("c");
        SubscriptionOptions options = SubscriptionOptions.of(QoS.AT_MOST_ONCE);
        client.send(new Subscribe(
                1,
                List.of(new Subscribe.Request("a/+", options), new Subscribe.Request("+/b", options)),
                wish("replay-last", "5")));
        assertThat(payloads(client.came())).containsExactly("[1]", "[2]");
    }

    @Test
    void whatItMayNotReceiveStaysAway() throws BrokenRule {
        TestTab.Client publisher = connected("p");
        publisher.publish("a/secret", "secret", QoS.AT_MOST_ONCE);
        publisher.publish("a/open", "open", QoS.AT_MOST_ONCE);
        gate.access("deny receive +/secret\nallow all #");
        TestTab.Client client = connected("c");
        client.subscribe("a/#", QoS.AT_MOST_ONCE, wish("replay-last", "5"));
        assertThat(payloads(client.came())).containsExactly("[open]");
        gate.access("deny all a/#\nallow all #");
        TestTab.Client refused = connected("d");
        refused.subscribe("a/#", QoS.AT_MOST_ONCE, wish("replay-last", "5"));
        assertThat(refused.only(SubAck.class).reasons()).containsExactly(ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void itsOwnMessagesStayAwayFromWhoWantsNone() {
        TestTab.Client client = connected("c");
        client.publish("t", "own", QoS.AT_MOST_ONCE);
        connected("p").publish("t", "other", QoS.AT_MOST_ONCE);
        SubscriptionOptions noLocal = new SubscriptionOptions(QoS.AT_MOST_ONCE, true, false, RetainHandling.SEND);
        client.send(new Subscribe(1, List.of(new Subscribe.Request("t", noLocal)), wish("replay-last", "5")));
        assertThat(payloads(client.came())).containsExactly("[other]");
    }

    @Test
    void whatHasExpiredStaysAwayAndTheRestOfItsTimeIsTold() {
        TestTab.Client publisher = connected("p");
        for (int seconds : new int[] {10, 60}) {
            Properties expiry = Properties.builder()
                    .set(Property.MESSAGE_EXPIRY_INTERVAL, seconds)
                    .build();
            publisher.send(new Publish(
                    false,
                    QoS.AT_MOST_ONCE,
                    false,
                    0,
                    TopicName.of("t"),
                    new byte[] {(byte) ('0' + seconds / 10)},
                    expiry));
        }
        tab.advance(Duration.ofSeconds(20));
        TestTab.Client client = connected("c");
        client.subscribe("t", QoS.AT_MOST_ONCE, wish("replay-last", "5"));
        List<ControlPacket> came = client.came();
        assertThat(payloads(came)).containsExactly("[6]");
        assertThat(((Publish) came.get(1)).properties().integer(Property.MESSAGE_EXPIRY_INTERVAL, 0))
                .isEqualTo(40);
    }

    @Test
    void aSmallWindowKeepsTheOrderOfWhatIsPastAndWhatComesMeanwhile() {
        TestTab.Client publisher = connected("p");
        for (int i = 1; i <= 6; i++) {
            publisher.publish("t", "" + i, i % 2 == 0 ? QoS.AT_LEAST_ONCE : QoS.AT_MOST_ONCE);
        }
        TestTab.Client client = connected(
                "c", Properties.builder().set(Property.RECEIVE_MAXIMUM, 1).build());
        client.subscribe("t", QoS.AT_LEAST_ONCE, wish("replay-last", "6"));
        publisher.publish("t", "7", QoS.AT_MOST_ONCE);
        publisher.publish("t", "8", QoS.AT_LEAST_ONCE);
        publisher.publish("t", "9", QoS.AT_MOST_ONCE);
        List<String> all = new ArrayList<>();
        for (int acknowledged = 0; acknowledged < 5; acknowledged++) {
            List<ControlPacket> came = client.came();
            all.addAll(payloads(came));
            for (ControlPacket packet : came) {
                if (packet instanceof Publish publish && publish.qos() == QoS.AT_LEAST_ONCE) {
                    client.send(new PubAck(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
                }
            }
        }
        assertThat(all).containsExactly("[1]", "[2]", "[3]", "[4]", "[5]", "[6]", "7", "8", "9");
    }

    @Test
    void aSlowClientLosesNothingOfThePastAndGetsItFirst() {
        TestTab.Client publisher = connected("p");
        String filler = "x".repeat(10_000);
        for (int i = 0; i < 20; i++) publisher.publish("t", i + filler, QoS.AT_MOST_ONCE);
        TestTab.Client client = connected("c").stalls();
        client.subscribe("t", QoS.AT_MOST_ONCE, wish("replay-last", "20"));
        publisher.publish("t", "live" + filler, QoS.AT_MOST_ONCE);
        List<String> all = new ArrayList<>(payloads(client.came()));
        assertThat(all).hasSizeLessThan(20);
        for (int i = 0; i < 10; i++) {
            client.takes(65_536);
            all.addAll(payloads(client.came()));
        }
        assertThat(all).hasSize(21);
        for (int i = 0; i < 20; i++) assertThat(all.get(i)).startsWith("[" + i + "x");
        assertThat(all.get(20)).startsWith("live");
    }

    @Test
    void aSessionThatLastsKeepsWhatItIsOwedOfThePast() {
        TestTab.Client publisher = connected("p");
        publish(publisher, "t", QoS.AT_LEAST_ONCE, 1, 4);
        TestTab.Client client = tab.client("c")
                .connect(
                        null,
                        null,
                        Properties.builder()
                                .set(Property.RECEIVE_MAXIMUM, 1)
                                .set(Property.SESSION_EXPIRY_INTERVAL, 100)
                                .build());
        client.subscribe("t", QoS.AT_LEAST_ONCE, wish("replay-last", "3"));
        assertThat(payloads(client.came())).containsExactly("[2]");
        client.goes();
        publish(publisher, "t", QoS.AT_LEAST_ONCE, 5, 5);
        TestTab.Client back = tab.client("c").resume();
        assertThat(payloads(back.came())).containsExactly("[2]", "[3]", "[4]", "5");
    }
}
