// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.PingReq;
import io.courtier.protocol.PingResp;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a client comes to a connection, keeps it, and gets over its loss. */
class ClientConnectionTest {
    private static ClientOptions with(Connect connect, ClientOptions.BackOff backOff) {
        return new ClientOptions(connect, backOff, ClientOptions.Bounds.DEFAULT, false, false);
    }

    private static Connect v5(Properties properties) {
        return new Connect(ProtocolVersion.V5, "page", true, 60, null, null, null, properties);
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void sendsWhatItWasAskedFor(ProtocolVersion version) {
        Will will = new Will(TopicName.of("gone"), new byte[] {1}, QoS.AT_LEAST_ONCE, true, Properties.NONE);
        ServedPage page = new ServedPage(with(
                new Connect(version, "page", false, 30, will, "eve", new byte[] {1, 2}, Properties.NONE),
                ClientOptions.BackOff.DEFAULT));
        Page.Answer answer = page.connect();
        Connect sent = page.accept();
        assertThat(sent.version()).isEqualTo(version);
        assertThat(sent.clientIdentifier()).isEqualTo("page");
        assertThat(sent.cleanStart()).isFalse();
        assertThat(sent.keepAliveSeconds()).isEqualTo(30);
        assertThat(sent.will().topic()).isEqualTo(will.topic());
        assertThat(sent.will().qos()).isEqualTo(QoS.AT_LEAST_ONCE);
        assertThat(sent.will().retain()).isTrue();
        assertThat(sent.userName()).isEqualTo("eve");
        assertThat(sent.password()).containsExactly(1, 2);
        if (version == ProtocolVersion.V5) {
            assertThat(sent.properties().integer(Property.RECEIVE_MAXIMUM, 0)).isEqualTo(100);
            assertThat(sent.properties().integer(Property.MAXIMUM_PACKET_SIZE, 0))
                    .isEqualTo(16 << 20);
        }
        assertThat(answer.reasons).containsExactly(ReasonCode.SUCCESS);
        assertThat(page.client.state()).isEqualTo(Client.State.CONNECTED);
        assertThat(page.events).containsExactly("connected false");
    }

    @Test
    void isTheSameToTheWillAndToCleanStartAtTheNextConnection() {
        Will will = new Will(TopicName.of("gone"), new byte[0], QoS.AT_MOST_ONCE, false, Properties.NONE);
        ServedPage page = new ServedPage(with(
                new Connect(ProtocolVersion.V5, "page", true, 60, will, null, null, Properties.NONE),
                ClientOptions.BackOff.DEFAULT));
        page.connect();
        assertThat(page.accept().cleanStart()).isTrue();
        page.lose();
        page.awaitAttempt();
        Connect second = page.accept();
        assertThat(second.will()).isNotNull();
        assertThat(second.cleanStart()).as("the session may go on").isFalse();
    }

    @Test
    void keepsCleanSessionBeforeMqtt5() {
        ServedPage page = new ServedPage(Page.options(ProtocolVersion.V3_1_1, true, 0)).connected();
        page.lose();
        page.awaitAttempt();
        assertThat(page.accept().cleanStart()).isTrue();
    }

    @Test
    void failsWithTheReasonThatTheServerGave() {
        ServedPage page = ServedPage.v5();
        Page.Answer answer = page.connect();
        page.client.opened(page.connection);
        page.expect(Connect.class);
        page.answer(new ConnAck(
                false,
                ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                Properties.builder().set(Property.REASON_STRING, "who?").build()));
        assertThat(answer.failure.kind()).isEqualTo(Failure.Kind.REFUSED);
        assertThat(answer.failure.reason()).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(answer.failure.text()).isEqualTo("who?");
        assertThat(page.open).isFalse();
        page.advance(200_000);
        assertThat(page.connection).isEqualTo(1);
        assertThat(page.client.state()).isEqualTo(Client.State.DISCONNECTED);
    }

    @Test
    void failsWhenTheFirstAttemptFailsUnlessAskedToTryOn() {
        ServedPage page = ServedPage.v5();
        Page.Answer answer = page.connect();
        page.lose();
        assertThat(answer.failure.kind()).isEqualTo(Failure.Kind.LOST);
        page.advance(100_000);
        assertThat(page.connection).isEqualTo(1);

        ClientOptions plain = Page.options(ProtocolVersion.V5, true, 0);
        page = new ServedPage(new ClientOptions(plain.connect(), plain.backOff(), plain.bounds(), true, false));
        answer = page.connect();
        page.lose();
        assertThat(answer.isOpen()).isTrue();
        page.awaitAttempt();
        page.accept();
        assertThat(answer.reasons).containsExactly(ReasonCode.SUCCESS);
    }

    @Test
    void givesUpWhenNoConnackComes() {
        ServedPage page = ServedPage.v5();
        Page.Answer answer = page.connect();
        page.client.opened(page.connection);
        page.advance(29_900);
        assertThat(answer.isOpen()).isTrue();
        page.advance(200);
        assertThat(answer.failure.kind()).isEqualTo(Failure.Kind.TIMEOUT);
        assertThat(page.open).isFalse();
    }

    @Test
    void staysWhoTheServerSaidItIs() {
        ServedPage page = new ServedPage(with(
                new Connect(ProtocolVersion.V5, "", true, 60, null, null, null, Properties.NONE),
                ClientOptions.BackOff.DEFAULT));
        page.connect();
        page.accept(
                false,
                Properties.builder()
                        .set(Property.ASSIGNED_CLIENT_IDENTIFIER, "auto-1")
                        .build());
        page.lose();
        page.awaitAttempt();
        assertThat(page.accept().clientIdentifier()).isEqualTo("auto-1");
        assertThat(page.client.clientIdentifier()).isEqualTo("auto-1");
    }

    @Test
    void refusesASessionWhereItWantedNone() {
        ServedPage page = ServedPage.v5();
        Page.Answer answer = page.connect();
        page.accept(true, Properties.NONE);
        assertThat(answer.failure.kind()).isEqualTo(Failure.Kind.PROTOCOL);
        assertThat(page.open).isFalse();
    }

    // ---- keep alive

    @Test
    void pingsAfterHalfTheKeepAliveOfTheServer() {
        ServedPage page = ServedPage.v5();
        page.connect();
        page.accept(
                false, Properties.builder().set(Property.SERVER_KEEP_ALIVE, 10).build());
        page.advance(4_900);
        page.expectNothing();
        page.advance(100);
        page.expect(PingReq.class);
        page.answer(new PingResp());
        page.advance(4_900);
        page.expectNothing();
        page.advance(100);
        page.expect(PingReq.class);
    }

    @Test
    void takesAServerThatDoesNotAnswerForDead() {
        ServedPage page = ServedPage.v5().connected();
        page.advance(30_000);
        page.expect(PingReq.class);
        page.advance(9_900);
        assertThat(page.client.state()).isEqualTo(Client.State.CONNECTED);
        page.advance(200);
        assertThat(page.causes.get(0).reason()).isEqualTo(ReasonCode.KEEP_ALIVE_TIMEOUT);
        assertThat(page.open).isFalse();
        assertThat(page.client.state()).isEqualTo(Client.State.RECONNECTING);
    }

    @Test
    void takesWhateverComesForASignOfLife() {
        ServedPage page = ServedPage.v5().connected();
        page.advance(30_000);
        page.expect(PingReq.class);
        page.advance(6_000);
        page.answerHex("30 05 00");
        page.advance(6_000);
        assertThat(page.client.state()).isEqualTo(Client.State.CONNECTED);
        page.advance(4_100);
        assertThat(page.client.state()).isEqualTo(Client.State.RECONNECTING);
    }

    @Test
    void neverPingsWithoutKeepAlive() {
        ServedPage page = new ServedPage(with(
                new Connect(ProtocolVersion.V3_1_1, "page", true, 0, null, null, null, Properties.NONE),
                ClientOptions.BackOff.DEFAULT));
        page.connected();
        page.advance(500_000);
        page.expectNothing();
    }

    // ---- trying again

    @Test
    void waitsLongerEachTimeAndLeavesAPartToChance() {
        ServedPage page = ServedPage.v5().connected();
        for (int i = 0; i < 8; i++) {
            page.lose();
            page.awaitAttempt();
        }
        long[] full = {1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000};
        boolean drawn = false;
        for (int i = 0; i < full.length; i++) {
            assertThat(page.delays.get(i)).isBetween(full[i] / 2, full[i]);
            drawn |= page.delays.get(i) < full[i] * 95 / 100;
        }
        assertThat(drawn).isTrue();
    }

    @Test
    void beginsAnewOnlyAfterAConnectionThatHeld() {
        ServedPage page = ServedPage.v5().connected();
        page.lose();
        page.awaitAttempt();
        page.accept();
        page.advance(9_000);
        page.lose();
        assertThat(page.events).endsWith("reconnecting 2");
        page.awaitAttempt();
        page.accept();
        page.advance(10_000);
        page.lose();
        assertThat(page.events).endsWith("reconnecting 1");
    }

    @Test
    void stopsAfterSoManyAttempts() {
        ServedPage page = new ServedPage(
                with(v5(Properties.NONE), new ClientOptions.BackOff(true, 1_000, 60_000, 2, 0, 2, 10_000)));
        page.connected();
        page.lose();
        page.awaitAttempt();
        page.lose();
        page.awaitAttempt();
        page.lose();
        assertThat(page.delays).containsExactly(1_000L, 2_000L);
        assertThat(page.client.state()).isEqualTo(Client.State.DISCONNECTED);
        page.advance(200_000);
        assertThat(page.connection).isEqualTo(3);
    }

    @Test
    void doesNotFightWhoTookItsPlace() {
        ServedPage page = ServedPage.v5().connected();
        page.answer(new Disconnect(ReasonCode.SESSION_TAKEN_OVER, Properties.NONE));
        assertThat(page.causes.get(0).kind()).isEqualTo(Failure.Kind.TAKEN_OVER);
        assertThat(page.client.state()).isEqualTo(Client.State.DISCONNECTED);
        page.advance(200_000);
        assertThat(page.connection).isEqualTo(1);
    }

    @Test
    void tellsOfAnotherServerAndDoesNotGoThere() {
        ServedPage page = ServedPage.v5();
        Page.Answer answer = page.connect();
        page.client.opened(page.connection);
        page.answer(new ConnAck(
                false,
                ReasonCode.SERVER_MOVED,
                Properties.builder()
                        .set(Property.SERVER_REFERENCE, "other:1883")
                        .build()));
        assertThat(answer.failure.kind()).isEqualTo(Failure.Kind.REDIRECTED);
        assertThat(answer.failure.serverReference()).isEqualTo("other:1883");
        page.advance(200_000);
        assertThat(page.connection).isEqualTo(1);
    }

    @Test
    void waitsForTheNetworkAndTriesAtOnceWhenItIsBack() {
        ServedPage page = ServedPage.v5().connected();
        page.lose();
        page.client.network(false);
        page.advance(100_000);
        assertThat(page.connection).isEqualTo(1);
        page.client.network(true);
        assertThat(page.connection).isEqualTo(2);
    }

    @Test
    void looksWhetherTheServerIsThereWhenTheNetworkChanges() {
        ServedPage page = ServedPage.v5().connected();
        page.client.network(false);
        page.expect(PingReq.class);
        assertThat(page.client.state()).isEqualTo(Client.State.CONNECTED);
    }

    @Test
    void tellsAServerThatBreaksTheStandardAndComesBack() {
        ServedPage page = ServedPage.v5().connected();
        page.answerHex("36 03 00 01 61");
        assertThat(page.expect(Disconnect.class).reason()).isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertThat(page.open).isFalse();
        assertThat(page.causes.get(0).kind()).isEqualTo(Failure.Kind.PROTOCOL);
        assertThat(page.client.state()).isEqualTo(Client.State.RECONNECTING);
    }

    @Test
    void hearsNothingOfAConnectionThatItGaveUp() {
        ServedPage page = ServedPage.v5().connected();
        page.lose();
        page.awaitAttempt();
        page.client.closed(1, "late");
        page.client.received(1, new byte[] {(byte) 0xD0, 0});
        assertThat(page.client.state()).isEqualTo(Client.State.CONNECTING);
    }

    // ---- the end

    @Test
    void saysGoodbye() {
        ServedPage page = new ServedPage(Page.options(ProtocolVersion.V5, true, 100)).connected();
        Page.Answer answer = new Page.Answer();
        page.client.disconnect(
                ReasonCode.DISCONNECT_WITH_WILL_MESSAGE,
                Properties.builder().set(Property.SESSION_EXPIRY_INTERVAL, 5).build(),
                answer);
        Disconnect last = page.expect(Disconnect.class);
        assertThat(last.reason()).isEqualTo(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE);
        assertThat(last.properties().integer(Property.SESSION_EXPIRY_INTERVAL, 0))
                .isEqualTo(5);
        assertThat(page.open).isFalse();
        assertThat(answer.reasons).hasSize(1);
        page.advance(100_000);
        assertThat(page.connection).isEqualTo(1);
        page.connected();
        assertThat(page.client.state()).isEqualTo(Client.State.CONNECTED);
    }

    @Test
    void refusesASessionExpiryThatTheStandardForbids() {
        ServedPage page = ServedPage.v5().connected();
        Page.Answer answer = new Page.Answer();
        page.client.disconnect(
                ReasonCode.SUCCESS,
                Properties.builder().set(Property.SESSION_EXPIRY_INTERVAL, 5).build(),
                answer);
        assertThat(answer.failure.kind()).isEqualTo(Failure.Kind.INVALID);
        assertThat(page.open).isTrue();
    }

    @Test
    void goesWhenThePageIsPutAwayAndComesBackWithIt() {
        ServedPage page = ServedPage.v5().connected();
        page.client.suspend();
        page.expect(Disconnect.class);
        assertThat(page.open).isFalse();
        page.advance(100_000);
        assertThat(page.connection).isEqualTo(1);
        page.client.resume();
        page.accept();
        assertThat(page.client.state()).isEqualTo(Client.State.CONNECTED);
    }

    @Test
    void failsAllThatWaitsWhenItEnds() {
        ServedPage page = ServedPage.v5().connected();
        Page.Answer sent = page.publish("a", "1", QoS.AT_LEAST_ONCE);
        Page.Answer subscribed = page.subscribe("a", QoS.AT_MOST_ONCE);
        page.client.end();
        assertThat(sent.failure.kind()).isEqualTo(Failure.Kind.ENDED);
        assertThat(subscribed.failure.kind()).isEqualTo(Failure.Kind.ENDED);
        assertThat(page.publish("a", "2", QoS.AT_LEAST_ONCE).failure.kind()).isEqualTo(Failure.Kind.ENDED);
        assertThat(page.connect().failure.kind()).isEqualTo(Failure.Kind.INVALID);
        assertThat(page.client.state()).isEqualTo(Client.State.ENDED);
    }

    // ---- enhanced authentication

    private static ServedPage riddled() {
        return new ServedPage(with(
                v5(Properties.builder()
                        .set(Property.AUTHENTICATION_METHOD, "RIDDLE")
                        .build()),
                ClientOptions.BackOff.DEFAULT));
    }

    private static Auth ask(ReasonCode reason, String data) {
        return new Auth(
                reason,
                Properties.builder()
                        .set(Property.AUTHENTICATION_METHOD, "RIDDLE")
                        .set(Property.AUTHENTICATION_DATA, data.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .build());
    }

    @Test
    void answersWhatTheServerAsksBeforeItAccepts() {
        ServedPage page = riddled();
        Page.Answer answer = page.connect();
        page.client.opened(page.connection);
        page.expect(Connect.class);
        page.advance(25_000);
        page.answer(ask(ReasonCode.CONTINUE_AUTHENTICATION, "6x7"));
        assertThat(page.challenge).isEqualTo("6x7".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        page.advance(25_000);
        page.client.respond(new byte[] {42}, Properties.NONE);
        Auth said = page.expect(Auth.class);
        assertThat(said.reason()).isEqualTo(ReasonCode.CONTINUE_AUTHENTICATION);
        assertThat(said.properties().string(Property.AUTHENTICATION_METHOD)).isEqualTo("RIDDLE");
        assertThat(said.properties().binary(Property.AUTHENTICATION_DATA)).containsExactly(42);
        page.answer(new ConnAck(false, ReasonCode.SUCCESS, Properties.NONE));
        assertThat(answer.reasons).containsExactly(ReasonCode.SUCCESS);
    }

    @Test
    void authenticatesAnewOneAtATime() {
        ServedPage page = riddled();
        page.connected();
        Page.Answer answer = new Page.Answer();
        Page.Answer second = new Page.Answer();
        page.client.reauthenticate(null, Properties.NONE, answer);
        page.client.reauthenticate(null, Properties.NONE, second);
        assertThat(second.failure.kind()).isEqualTo(Failure.Kind.INVALID);
        assertThat(page.expect(Auth.class).reason()).isEqualTo(ReasonCode.REAUTHENTICATE);
        page.answer(ask(ReasonCode.CONTINUE_AUTHENTICATION, "6x7"));
        page.client.respond(new byte[] {42}, Properties.NONE);
        page.expect(Auth.class);
        page.answer(ask(ReasonCode.SUCCESS, "right"));
        assertThat(answer.reasons).containsExactly(ReasonCode.SUCCESS);
    }

    @Test
    void takesNoAuthThatNobodyAskedFor() {
        ServedPage page = ServedPage.v5().connected();
        page.answer(ask(ReasonCode.CONTINUE_AUTHENTICATION, "6x7"));
        assertThat(page.expect(Disconnect.class).reason()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    // ---- subscriptions, over connections

    @Test
    void asksForSubscriptionsAgainWhereTheSessionIsGoneAndOnlyThere() {
        ServedPage page = new ServedPage(Page.options(ProtocolVersion.V5, true, 100)).connected();
        Page.Answer answer = page.subscribe("a/#", QoS.AT_LEAST_ONCE);
        Subscribe first = page.expect(Subscribe.class);
        page.answer(new SubAck(first.packetIdentifier(), List.of(ReasonCode.GRANTED_QOS_1), Properties.NONE));
        assertThat(answer.reasons).containsExactly(ReasonCode.GRANTED_QOS_1);
        page.lose();
        page.awaitAttempt();
        page.accept(true, Properties.NONE);
        page.expectNothing();
        page.lose();
        page.awaitAttempt();
        page.accept(false, Properties.NONE);
        Subscribe again = page.expect(Subscribe.class);
        assertThat(again.requests()).isEqualTo(first.requests());
        assertThat(again.properties().integer(Property.SUBSCRIPTION_IDENTIFIER, 0))
                .isEqualTo(first.properties().integer(Property.SUBSCRIPTION_IDENTIFIER, 0))
                .isPositive();
        page.answer(new SubAck(again.packetIdentifier(), List.of(ReasonCode.NOT_AUTHORIZED), Properties.NONE));
        assertThat(page.events).endsWith("subscription lost NOT_AUTHORIZED");
    }

    @Test
    void asksAgainForWhatWasNotAnswered() {
        ServedPage page = new ServedPage(Page.options(ProtocolVersion.V5, true, 100));
        Page.Answer answer = page.subscribe("a", QoS.AT_MOST_ONCE);
        page.connected();
        page.expect(Subscribe.class);
        page.lose();
        page.awaitAttempt();
        page.accept(true, Properties.NONE);
        Subscribe again = page.expect(Subscribe.class);
        assertThat(answer.isOpen()).isTrue();
        page.answer(new SubAck(again.packetIdentifier(), List.of(ReasonCode.SUCCESS), Properties.NONE));
        assertThat(answer.reasons).containsExactly(ReasonCode.SUCCESS);
    }

    @Test
    void handsAMessageToWhomItIsForByItsSubscriptionIdentifiers() {
        ServedPage page = ServedPage.v5().connected();
        page.subscribe("a/#", QoS.AT_MOST_ONCE);
        page.subscribe("a/+", QoS.AT_MOST_ONCE);
        Subscribe one = page.expect(Subscribe.class);
        Subscribe two = page.expect(Subscribe.class);
        page.answer(new SubAck(one.packetIdentifier(), List.of(ReasonCode.SUCCESS), Properties.NONE));
        page.answer(new SubAck(two.packetIdentifier(), List.of(ReasonCode.SUCCESS), Properties.NONE));
        page.answer(message(
                "a/b",
                0,
                QoS.AT_MOST_ONCE,
                Properties.builder().set(Property.SUBSCRIPTION_IDENTIFIER, 2).build()));
        page.answer(message("a/b", 0, QoS.AT_MOST_ONCE, Properties.NONE));
        assertThat(page.deliveries.get(0).subscriptions()).containsExactly(2);
        assertThat(page.deliveries.get(1).subscriptions()).containsExactly(1, 2);
    }

    @Test
    void acknowledgesInTheOrderInWhichMessagesCame() {
        ServedPage page = ServedPage.v5().connected();
        page.handles = false;
        page.answer(message("a", 1, QoS.AT_LEAST_ONCE, Properties.NONE));
        page.answer(message("a", 2, QoS.AT_LEAST_ONCE, Properties.NONE));
        page.deliveries.get(1).done();
        page.expectNothing();
        page.deliveries.get(0).done(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
        PubAck first = page.expect(PubAck.class);
        assertThat(first.packetIdentifier()).isEqualTo(1);
        assertThat(first.reason()).isEqualTo(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
        assertThat(page.expect(PubAck.class).packetIdentifier()).isEqualTo(2);
    }

    @Test
    void staysEndedWhenItIsDisconnectedAfterIt() {
        ServedPage page = ServedPage.v5().connected();
        page.client.end();
        Page.Answer answer = new Page.Answer();
        page.client.disconnect(ReasonCode.SUCCESS, Properties.NONE, answer);
        assertThat(answer).hasToString("ENDED");
        assertThat(page.client.state()).isEqualTo(Client.State.ENDED);
    }

    static Publish message(String topic, int identifier, QoS qos, Properties properties) {
        return new Publish(
                false,
                qos,
                false,
                identifier,
                topic.isEmpty() ? TopicName.NONE : TopicName.of(topic),
                new byte[] {'x'},
                properties);
    }
}
