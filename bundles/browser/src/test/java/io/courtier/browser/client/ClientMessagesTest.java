// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import static io.courtier.browser.client.ClientConnectionTest.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Disconnect;
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
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of messages, packet by packet. */
class ClientMessagesTest {
    private static Properties only(Property property, long value) {
        return Properties.builder().set(property, value).build();
    }

    private static ServedPage accepted(Properties said) {
        ServedPage page = new ServedPage(Page.options(ProtocolVersion.V5, true, 100));
        page.connect();
        page.accept(false, said);
        return page;
    }

    private static ServedPage bounded(boolean queueQoS0, int messages, long bytes) {
        ClientOptions plain = Page.options(ProtocolVersion.V5, true, 100);
        ClientOptions.Bounds all = plain.bounds();
        return new ServedPage(new ClientOptions(
                plain.connect(),
                plain.backOff(),
                new ClientOptions.Bounds(
                        all.connectMillis(),
                        all.pingMillis(),
                        messages,
                        bytes,
                        all.inflightMax(),
                        2,
                        3,
                        all.packetBytesMax(),
                        2,
                        2),
                false,
                queueQoS0));
    }

    private static PubAck ack(Publish of) {
        return new PubAck(of.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE);
    }

    private static String text(Publish publish) {
        return new String(publish.payload(), java.nio.charset.StandardCharsets.UTF_8);
    }

    // ---- sending

    @Test
    void hasNoMoreUnderWayThanTheServerTakes() {
        ServedPage page = accepted(only(Property.RECEIVE_MAXIMUM, 2));
        for (int i = 1; i <= 4; i++) page.publish("a", "" + i, QoS.of(1 + i % 2));
        Publish one = page.expect(Publish.class);
        Publish two = page.expect(Publish.class);
        page.expectNothing();
        page.publish("a", "zero", QoS.AT_MOST_ONCE);
        assertThat(page.expect(Publish.class).qos()).isEqualTo(QoS.AT_MOST_ONCE);
        page.answer(new PubRec(one.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        page.expect(PubRel.class);
        page.expectNothing();
        page.answer(new PubComp(one.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        assertThat(text(page.expect(Publish.class))).isEqualTo("3");
        page.expectNothing();
        page.answer(ack(two));
        assertThat(text(page.expect(Publish.class))).isEqualTo("4");
    }

    @Test
    void countsARefusedMessageNoLonger() {
        ServedPage page = accepted(only(Property.RECEIVE_MAXIMUM, 1));
        Page.Answer answer = page.publish("a", "1", QoS.EXACTLY_ONCE);
        page.publish("a", "2", QoS.EXACTLY_ONCE);
        Publish one = page.expect(Publish.class);
        page.answer(new PubRec(one.packetIdentifier(), ReasonCode.NOT_AUTHORIZED, Properties.NONE));
        assertThat(answer.failure.reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(text(page.expect(Publish.class))).isEqualTo("2");
    }

    @Test
    void tellsTheReasonThatTheServerGave() {
        ServedPage page = accepted(Properties.NONE);
        Page.Answer one = page.publish("a", "1", QoS.AT_LEAST_ONCE);
        Page.Answer two = page.publish("a", "2", QoS.EXACTLY_ONCE);
        page.answer(new PubAck(1, ReasonCode.NO_MATCHING_SUBSCRIBERS, Properties.NONE));
        page.answer(new PubRec(2, ReasonCode.NO_MATCHING_SUBSCRIBERS, Properties.NONE));
        assertThat(one.reasons).containsExactly(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(two.isOpen()).isTrue();
        page.answer(new PubComp(2, ReasonCode.SUCCESS, Properties.NONE));
        assertThat(two.reasons).containsExactly(ReasonCode.NO_MATCHING_SUBSCRIBERS);
    }

    @Test
    void saysADoubleWhereTheSessionWentOnInTheOldOrderBeforeAnythingNew() {
        ServedPage page = accepted(Properties.NONE);
        page.publish("a", "1", QoS.AT_LEAST_ONCE);
        page.publish("a", "2", QoS.EXACTLY_ONCE);
        page.publish("a", "3", QoS.EXACTLY_ONCE);
        page.answer(new PubRec(2, ReasonCode.SUCCESS, Properties.NONE));
        page.lose();
        page.publish("a", "4", QoS.AT_LEAST_ONCE);
        page.awaitAttempt();
        page.accept(true, only(Property.RECEIVE_MAXIMUM, 2));
        assertThat(page.expect(PubRel.class).packetIdentifier()).isEqualTo(2);
        Publish first = page.expect(Publish.class);
        assertThat(first.packetIdentifier()).isEqualTo(1);
        assertThat(first.dup()).isTrue();
        page.expectNothing();
        page.answer(ack(first));
        Publish third = page.expect(Publish.class);
        assertThat(third.packetIdentifier()).isEqualTo(3);
        assertThat(third.dup()).isTrue();
        page.answer(new PubComp(2, ReasonCode.SUCCESS, Properties.NONE));
        Publish fourth = page.expect(Publish.class);
        assertThat(text(fourth)).isEqualTo("4");
        assertThat(fourth.dup()).isFalse();
    }

    @Test
    void sendsNoPublishBehindThePubrelThatAnEarlyPubrecCalledFor() {
        ServedPage page = accepted(Properties.NONE);
        page.publish("a", "1", QoS.AT_LEAST_ONCE);
        page.publish("a", "2", QoS.EXACTLY_ONCE);
        page.lose();
        page.awaitAttempt();
        page.accept(true, only(Property.RECEIVE_MAXIMUM, 1));
        Publish first = page.expect(Publish.class);
        // The server had the second one before the connection was lost, and says so by itself.
        page.answer(new PubRec(2, ReasonCode.SUCCESS, Properties.NONE));
        assertThat(page.expect(PubRel.class).packetIdentifier()).isEqualTo(2);
        page.answer(ack(first));
        page.answer(new PubComp(2, ReasonCode.SUCCESS, Properties.NONE));
        page.expectNothing();
    }

    @Test
    void sendsAnewWhereTheSessionIsGoneButWhatWasTakenOver() {
        ServedPage page = accepted(Properties.NONE);
        Page.Answer one = page.publish("a", "1", QoS.AT_LEAST_ONCE);
        Page.Answer two = page.publish("a", "2", QoS.EXACTLY_ONCE);
        page.publish("a", "3", QoS.EXACTLY_ONCE);
        page.answer(new PubRec(2, ReasonCode.SUCCESS, Properties.NONE));
        page.lose();
        page.awaitAttempt();
        page.accept(false, Properties.NONE);
        Publish again = page.expect(Publish.class);
        assertThat(text(again)).isEqualTo("1");
        assertThat(again.dup()).isFalse();
        Publish third = page.expect(Publish.class);
        assertThat(text(third)).isEqualTo("3");
        assertThat(third.dup()).isFalse();
        page.expectNothing();
        assertThat(two.reasons).containsExactly(ReasonCode.SUCCESS);
        assertThat(one.isOpen()).isTrue();
    }

    @Test
    void refusesBeforehandWhatTheServerDoesNotTake() {
        ServedPage page = accepted(Properties.builder()
                .set(Property.MAXIMUM_QOS, 1)
                .set(Property.RETAIN_AVAILABLE, 0)
                .set(Property.MAXIMUM_PACKET_SIZE, 50)
                .set(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 0)
                .set(Property.SHARED_SUBSCRIPTION_AVAILABLE, 0)
                .build());
        assertThat(page.publish("a", "1", QoS.EXACTLY_ONCE).failure.reason()).isEqualTo(ReasonCode.QOS_NOT_SUPPORTED);
        Page.Answer retained = new Page.Answer();
        page.client.publish(new Publication("a", new byte[1], QoS.AT_MOST_ONCE, true, Properties.NONE), retained);
        assertThat(retained.failure.reason()).isEqualTo(ReasonCode.RETAIN_NOT_SUPPORTED);
        assertThat(page.publish("a", "x".repeat(50), QoS.AT_LEAST_ONCE).failure.kind())
                .isEqualTo(Failure.Kind.TOO_LARGE);
        assertThat(page.subscribe("a/#", QoS.AT_MOST_ONCE).failure.reason())
                .isEqualTo(ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
        assertThat(page.subscribe("$share/g/a", QoS.AT_MOST_ONCE).failure.reason())
                .isEqualTo(ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
        page.expectNothing();
        page.publish("a", "x".repeat(40), QoS.AT_LEAST_ONCE);
        page.expect(Publish.class);
        assertThat(page.sizeOfLast).isLessThanOrEqualTo(50);
        assertThat(page.client.queuedMessages()).isEqualTo(1);
    }

    @Test
    void refusesWhatNoPacketCanHold() {
        ServedPage page = accepted(Properties.NONE);
        assertThat(page.publish("a/#", "1", QoS.AT_LEAST_ONCE).failure.kind()).isEqualTo(Failure.Kind.INVALID);
        assertThat(page.publish("", "1", QoS.AT_LEAST_ONCE).failure.kind()).isEqualTo(Failure.Kind.INVALID);
        assertThat(page.publish(
                                "a",
                                "1",
                                QoS.AT_LEAST_ONCE,
                                Properties.builder()
                                        .userProperty("a\uD800", "b")
                                        .build())
                        .failure
                        .kind())
                .isEqualTo(Failure.Kind.INVALID);
        assertThat(page.publish("a", "1", QoS.AT_LEAST_ONCE, only(Property.TOPIC_ALIAS, 1))
                        .failure
                        .kind())
                .isEqualTo(Failure.Kind.INVALID);
        assertThat(page.subscribe("a/#/b", QoS.AT_MOST_ONCE).failure.reason())
                .isEqualTo(ReasonCode.TOPIC_FILTER_INVALID);
        page.expectNothing();
    }

    @Test
    void namesATopicOnceAndTheLeastUsedAliasGoes() {
        ServedPage page = accepted(only(Property.TOPIC_ALIAS_MAXIMUM, 2));
        for (String topic : List.of("first", "second", "first", "third", "first", "second"))
            page.publish(topic, "", QoS.AT_MOST_ONCE);
        assertThat(alias(page)).isEqualTo("first=1");
        assertThat(alias(page)).isEqualTo("second=2");
        assertThat(alias(page)).isEqualTo("=1");
        assertThat(alias(page)).isEqualTo("third=2");
        assertThat(alias(page)).isEqualTo("=1");
        assertThat(alias(page)).isEqualTo("second=2");
    }

    private static String alias(ServedPage page) {
        Publish sent = page.expect(Publish.class);
        return sent.topic() + "=" + sent.properties().integer(Property.TOPIC_ALIAS, 0);
    }

    @Test
    void namesTopicsAgainOnTheNextConnection() {
        ServedPage page = accepted(only(Property.TOPIC_ALIAS_MAXIMUM, 2));
        page.publish("topic", "", QoS.AT_LEAST_ONCE);
        page.publish("topic", "", QoS.AT_LEAST_ONCE);
        page.lose();
        page.awaitAttempt();
        page.accept(true, only(Property.TOPIC_ALIAS_MAXIMUM, 1));
        assertThat(alias(page)).isEqualTo("topic=1");
        assertThat(alias(page)).isEqualTo("=1");
    }

    // ---- waiting

    @Test
    void keepsMessagesUntilThereIsAConnection() {
        ServedPage page = bounded(false, 10, 10_000);
        Page.Answer one = page.publish("a", "1", QoS.AT_LEAST_ONCE);
        Page.Answer zero = page.publish("a", "0", QoS.AT_MOST_ONCE);
        assertThat(zero.failure.kind()).isEqualTo(Failure.Kind.OFFLINE);
        assertThat(page.client.queuedMessages()).isEqualTo(1);
        page.connected();
        Publish sent = page.expect(Publish.class);
        page.answer(ack(sent));
        assertThat(one.reasons).hasSize(1);
        assertThat(page.client.queuedMessages()).isZero();
        assertThat(page.client.queuedBytes()).isZero();
    }

    @Test
    void keepsQoS0TooWhereAskedTo() {
        ServedPage page = bounded(true, 10, 10_000);
        Page.Answer zero = page.publish("a", "0", QoS.AT_MOST_ONCE);
        page.publish("a", "1", QoS.AT_LEAST_ONCE);
        page.publish("a", "2", QoS.AT_MOST_ONCE);
        assertThat(zero.isOpen()).isTrue();
        page.connected();
        assertThat(text(page.expect(Publish.class))).isEqualTo("0");
        assertThat(text(page.expect(Publish.class))).isEqualTo("1");
        assertThat(text(page.expect(Publish.class))).isEqualTo("2");
        assertThat(zero.reasons).hasSize(1);
    }

    @Test
    void saysThatItIsFull() {
        ServedPage page = bounded(true, 2, 1_000);
        page.publish("a", "1", QoS.AT_LEAST_ONCE);
        page.publish("a", "2", QoS.AT_MOST_ONCE);
        Page.Answer third = page.publish("a", "3", QoS.EXACTLY_ONCE);
        assertThat(third.failure.kind()).isEqualTo(Failure.Kind.FULL);
        assertThat(third.failure.reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        page = bounded(false, 100, 1_000);
        page.connected();
        page.publish("a", "x".repeat(500), QoS.AT_LEAST_ONCE);
        assertThat(page.publish("a", "x".repeat(500), QoS.AT_LEAST_ONCE).failure.kind())
                .isEqualTo(Failure.Kind.FULL);
        page.answer(ack(page.expect(Publish.class)));
        assertThat(page.publish("a", "x".repeat(500), QoS.AT_LEAST_ONCE).isOpen())
                .isTrue();
        page.subscribe("a", QoS.AT_MOST_ONCE);
        page.subscribe("b", QoS.AT_MOST_ONCE);
        assertThat(page.subscribe("c", QoS.AT_MOST_ONCE).failure.kind()).isEqualTo(Failure.Kind.FULL);
    }

    @Test
    void letsGoOfWhatExpiredAndTellsWhatIsLeftOfTheInterval() {
        ServedPage page = bounded(false, 10, 10_000);
        Page.Answer soon = page.publish("a", "1", QoS.AT_LEAST_ONCE, only(Property.MESSAGE_EXPIRY_INTERVAL, 5));
        Page.Answer later = page.publish("a", "2", QoS.AT_LEAST_ONCE, only(Property.MESSAGE_EXPIRY_INTERVAL, 60));
        page.advance(4_900);
        assertThat(soon.isOpen()).isTrue();
        page.advance(200);
        assertThat(soon.failure.kind()).isEqualTo(Failure.Kind.EXPIRED);
        page.connected();
        Publish sent = page.expect(Publish.class);
        assertThat(text(sent)).isEqualTo("2");
        assertThat(sent.properties().integer(Property.MESSAGE_EXPIRY_INTERVAL, 0))
                .isEqualTo(55);
        page.advance(100_000);
        assertThat(later.isOpen())
                .as("it is under way: its end is the server's")
                .isTrue();
    }

    // ---- receiving

    @Test
    void handsOverAQoS2MessageOnceUntilItIsReleased() {
        ServedPage page = accepted(Properties.NONE);
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        assertThat(page.expect(PubRec.class).packetIdentifier()).isEqualTo(7);
        page.lose();
        page.awaitAttempt();
        page.accept(true, Properties.NONE);
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        assertThat(page.expect(PubRec.class).packetIdentifier()).isEqualTo(7);
        assertThat(page.messages).hasSize(1);
        page.answer(new PubRel(7, ReasonCode.SUCCESS, Properties.NONE));
        assertThat(page.expect(PubComp.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        page.answer(new PubRel(7, ReasonCode.SUCCESS, Properties.NONE));
        assertThat(page.expect(PubComp.class).reason()).isEqualTo(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        assertThat(page.messages).hasSize(2);
    }

    @Test
    void handsItOverOnceAlsoWhenItsHandlerOutlivesTheConnection() {
        ServedPage page = accepted(Properties.NONE);
        page.handles = false;
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        page.lose();
        page.awaitAttempt();
        page.accept(true, Properties.NONE);
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        page.expectNothing();
        page.deliveries.get(0).done();
        assertThat(page.expect(PubRec.class).packetIdentifier()).isEqualTo(7);
        assertThat(page.deliveries).hasSize(1);
    }

    @Test
    void forgetsIdentifiersWithTheSession() {
        ServedPage page = accepted(Properties.NONE);
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        page.lose();
        page.awaitAttempt();
        page.accept(false, Properties.NONE);
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        assertThat(page.messages).hasSize(2);
    }

    @Test
    void answersNothingForAHandlerOfALostConnection() {
        ServedPage page = accepted(Properties.NONE);
        page.handles = false;
        page.answer(message("a", 7, QoS.AT_LEAST_ONCE, Properties.NONE));
        page.lose();
        page.awaitAttempt();
        page.accept(true, Properties.NONE);
        page.deliveries.get(0).done();
        page.expectNothing();
    }

    @Test
    void endsAConnectionWhoseServerSendsMoreThanItMay() {
        ServedPage page = bounded(false, 10, 10_000);
        page.handles = false;
        page.connected();
        for (int i = 1; i <= 3; i++) page.answer(message("a", i, QoS.of(1 + i % 2), Properties.NONE));
        page.expectNothing();
        page.answer(message("a", 4, QoS.AT_LEAST_ONCE, Properties.NONE));
        assertThat(page.expect(Disconnect.class).reason()).isEqualTo(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
    }

    @Test
    void knowsTheAliasesOfTheServerAndNoOthers() {
        ServedPage page = bounded(false, 10, 10_000);
        page.connect();
        assertThat(page.accept().properties().integer(Property.TOPIC_ALIAS_MAXIMUM, 0))
                .isEqualTo(2);
        page.answer(message("topic", 0, QoS.AT_MOST_ONCE, only(Property.TOPIC_ALIAS, 2)));
        page.answer(message("", 0, QoS.AT_MOST_ONCE, only(Property.TOPIC_ALIAS, 2)));
        assertThat(page.deliveries.get(1).publish().topic()).isEqualTo(TopicName.of("topic"));
        page.answer(message("", 0, QoS.AT_MOST_ONCE, only(Property.TOPIC_ALIAS, 1)));
        assertThat(page.expect(Disconnect.class).reason()).isEqualTo(ReasonCode.TOPIC_ALIAS_INVALID);
    }

    // ---- a store

    @Test
    void saysNothingThatIsNotWrittenDown() {
        KeptStore store = new KeptStore();
        ServedPage page = new ServedPage(Page.options(ProtocolVersion.V5, true, 100), store);
        page.connect();
        page.accept();
        page.client.stored(store.sync());
        page.publish("a", "1", QoS.EXACTLY_ONCE);
        page.expectNothing();
        page.client.stored(store.sync());
        page.expect(Publish.class);
        page.answer(new PubRec(1, ReasonCode.SUCCESS, Properties.NONE));
        page.expectNothing();
        page.client.stored(store.sync());
        page.expect(PubRel.class);
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        page.expectNothing();
        page.client.stored(store.sync());
        page.expect(PubRec.class);
        page.answer(new PubRel(7, ReasonCode.SUCCESS, Properties.NONE));
        page.expectNothing();
        page.client.stored(store.sync());
        page.expect(PubComp.class);
    }

    @Test
    void goesOnWhereAKilledPageWas() {
        KeptStore store = new KeptStore();
        ClientOptions options = Page.options(ProtocolVersion.V5, false, 100);
        ServedPage page = new ServedPage(options, store);
        page.connect();
        page.accept();
        page.client.stored(store.sync());
        page.subscribe("a", QoS.EXACTLY_ONCE);
        page.publish("a", "1", QoS.EXACTLY_ONCE);
        page.publish("a", "2", QoS.EXACTLY_ONCE);
        page.answer(new io.courtier.protocol.SubAck(1, List.of(ReasonCode.GRANTED_QOS_2), Properties.NONE));
        page.answer(new PubRec(2, ReasonCode.SUCCESS, Properties.NONE));
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        page.client.stored(store.sync());
        page.publish("a", "not durable", QoS.EXACTLY_ONCE);
        store.crash();

        page = new ServedPage(options, store);
        store.load(page.client);
        page.publish("a", "3", QoS.EXACTLY_ONCE);
        page.client.stored(store.sync());
        assertThat(page.client.queuedMessages()).isEqualTo(3);
        page.connect();
        page.accept(true, Properties.NONE);
        page.client.stored(store.sync());
        assertThat(page.expect(PubRel.class).packetIdentifier()).isEqualTo(2);
        Publish second = page.expect(Publish.class);
        assertThat(second.packetIdentifier()).isEqualTo(3);
        assertThat(second.dup()).isTrue();
        Publish third = page.expect(Publish.class);
        assertThat(text(third)).isEqualTo("3");
        page.expectNothing();
        page.answer(message("a", 7, QoS.EXACTLY_ONCE, Properties.NONE));
        page.client.stored(store.sync());
        page.expect(PubRec.class);
        assertThat(page.messages).as("it was handed over before").isEmpty();
        page.answer(new PubComp(2, ReasonCode.SUCCESS, Properties.NONE));
        page.answer(new PubRec(3, ReasonCode.SUCCESS, Properties.NONE));
        page.answer(new PubComp(3, ReasonCode.SUCCESS, Properties.NONE));
        page.answer(new PubRec(third.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        page.answer(new PubComp(third.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        page.answer(new PubRel(7, ReasonCode.SUCCESS, Properties.NONE));
        page.client.stored(store.sync());
        assertThat(store.size()).as("the session and a subscription").isEqualTo(2);
    }

    @Test
    void goesOnWithoutAStoreThatFails() {
        KeptStore store = new KeptStore();
        ServedPage page = new ServedPage(Page.options(ProtocolVersion.V5, true, 100), store);
        page.connect();
        page.client.opened(page.connection);
        page.expect(Connect.class);
        page.answer(new ConnAck(false, ReasonCode.SUCCESS, Properties.NONE));
        Page.Answer answer = page.publish("a", "1", QoS.AT_LEAST_ONCE);
        page.client.storeLost("quota");
        assertThat(page.events).endsWith("trouble STORE");
        page.answer(ack(page.expect(Publish.class)));
        assertThat(answer.reasons).hasSize(1);
    }
}
