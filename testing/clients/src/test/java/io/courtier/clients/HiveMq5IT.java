// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttUtf8String;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientConfig;
import com.hivemq.client.mqtt.mqtt5.auth.Mqtt5EnhancedAuthMechanism;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5Auth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5AuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5EnhancedAuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What only MQTT 5 has, as HiveMQ's client sees it. */
@Execution(ExecutionMode.CONCURRENT)
class HiveMq5IT {
    private final String base = House.unique("hive5");
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size(); --i >= 0; ) open.get(i).close();
    }

    private HiveMq5Visitor connect(Visit visit) {
        HiveMq5Visitor visitor = new HiveMq5Visitor(visit);
        open.add(visitor);
        return visitor;
    }

    private HiveMq5Visitor connect(String name) {
        return connect(Visit.of(base + name));
    }

    private String topic(String rest) {
        return base + "/" + rest;
    }

    private static Mqtt5Publish received(HiveMq5Visitor visitor) {
        return (Mqtt5Publish) visitor.inbox().one().original();
    }

    @Test
    void everyPropertyOfAPublishArrives() {
        HiveMq5Visitor client = connect("c");
        client.subscribe(topic("p"), 2);
        Mqtt5UserProperties pairs = Mqtt5UserProperties.of(
                Mqtt5UserProperty.of("unit", "°C"),
                Mqtt5UserProperty.of("a", "second"),
                Mqtt5UserProperty.of("a", "first"),
                Mqtt5UserProperty.of("", ""));
        client.client
                .toBlocking()
                .publishWith()
                .topic(topic("p"))
                .payload("21,5".getBytes(StandardCharsets.UTF_8))
                .qos(MqttQos.EXACTLY_ONCE)
                .messageExpiryInterval(1_000)
                .payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8)
                .contentType("text/plain")
                .responseTopic(topic("answers"))
                .correlationData(new byte[] {0, 1, -1})
                .userProperties(pairs)
                .send();
        Mqtt5Publish got = received(client);
        assertThat(got.getPayloadFormatIndicator()).contains(Mqtt5PayloadFormatIndicator.UTF_8);
        assertThat(got.getContentType().map(Object::toString)).contains("text/plain");
        assertThat(got.getResponseTopic().map(Object::toString)).contains(topic("answers"));
        assertThat(got.getCorrelationData()).contains(ByteBuffer.wrap(new byte[] {0, 1, -1}));
        assertThat(got.getUserProperties()).isEqualTo(pairs);
        assertThat(got.getMessageExpiryInterval().getAsLong()).isBetween(980L, 1_000L);
    }

    @Test
    void thePropertiesOfAWillArrive() {
        HiveMq5Visitor watcher = connect("w");
        watcher.subscribe(topic("will"), 1);
        Cable cable = new Cable(House.port());
        open.add(cable);
        Mqtt5BlockingClient dying = blocking("d", cable.port());
        dying.connectWith()
                .willPublish()
                .topic(topic("will"))
                .payload("gone".getBytes())
                .qos(MqttQos.AT_LEAST_ONCE)
                .contentType("text/plain")
                .delayInterval(0)
                .userProperties()
                .add("why", "cable")
                .applyUserProperties()
                .applyWillPublish()
                .send();
        cable.cut();
        Mqtt5Publish got = received(watcher);
        assertThat(got.getContentType().map(Object::toString)).contains("text/plain");
        assertThat(got.getUserProperties()).isEqualTo(Mqtt5UserProperties.of(Mqtt5UserProperty.of("why", "cable")));
    }

    @Test
    void aRequestFindsItsAnswer() {
        HiveMq5Visitor asking = connect("a");
        HiveMq5Visitor answering = connect("b");
        asking.subscribe(topic("answers"), 1);
        answering
                .client
                .toBlocking()
                .subscribeWith()
                .topicFilter(topic("questions"))
                .send();
        asking.client
                .publishWith()
                .topic(topic("questions"))
                .responseTopic(topic("answers"))
                .correlationData("7".getBytes())
                .send()
                .join();
        Mqtt5Publish question = received(answering);
        answering
                .client
                .publishWith()
                .topic(question.getResponseTopic().orElseThrow())
                .correlationData(question.getCorrelationData().orElseThrow())
                .send()
                .join();
        assertThat(received(asking).getCorrelationData()).contains(ByteBuffer.wrap("7".getBytes()));
    }

    @Test
    void topicAliasesStandForTopicsBothWays() {
        HiveMq5Visitor publisher = connect("p");
        assertThat(publisher.connAck.getRestrictions().getTopicAliasMaximum()).isPositive();
        Mqtt5BlockingClient subscriber = blocking("s", House.port());
        List<String> topics = new ArrayList<>();
        subscriber.toAsync().publishes(MqttGlobalPublishFilter.ALL, message -> {
            synchronized (topics) {
                topics.add(message.getTopic().toString());
            }
        });
        subscriber
                .connectWith()
                .restrictions()
                .topicAliasMaximum(3)
                .applyRestrictions()
                .send();
        subscriber.subscribeWith().topicFilter(topic("alias/#")).send();
        List<String> expected = new ArrayList<>();
        // More topics than aliases: the same ones get others as time goes by.
        for (int i = 0; i < 200; i++) {
            String topic = topic("alias/" + i % 50);
            expected.add(topic);
            publisher.send(topic, new byte[] {1}, 1, false);
        }
        Patience.until("200 messages", () -> {
            synchronized (topics) {
                return topics.size() == 200;
            }
        });
        assertThat(topics).isEqualTo(expected);
    }

    @Test
    void aMessageThatExpiredWhileItWaitedIsNotDelivered() {
        HiveMq5Visitor away = connect(Visit.of(base + "away").lasting());
        away.subscribe(topic("e"), 1);
        away.disconnect();
        HiveMq5Visitor publisher = connect("p");
        expiring(publisher, "short-lived", 1);
        expiring(publisher, "long-lived", 1_000);
        // Real time cannot be moved: a witness with a shorter life tells when one second has passed.
        retained(publisher, topic("witness"), 1);
        Patience.until("the end of a second", () -> !isRetained(topic("witness")));

        HiveMq5Visitor again = connect(Visit.of(base + "away").lasting());
        Mqtt5Publish first = received(again);
        assertThat(new String(first.getPayloadAsBytes())).isEqualTo("long-lived");
        assertThat(first.getMessageExpiryInterval().getAsLong()).isBetween(900L, 999L);
    }

    private void expiring(HiveMq5Visitor publisher, String text, int seconds) {
        publisher
                .client
                .publishWith()
                .topic(topic("e"))
                .payload(text.getBytes())
                .qos(MqttQos.AT_LEAST_ONCE)
                .messageExpiryInterval(seconds)
                .send()
                .join();
    }

    private static void retained(HiveMq5Visitor publisher, String topic, int seconds) {
        publisher
                .client
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("here".getBytes())
                .retain(true)
                .messageExpiryInterval(seconds)
                .send()
                .join();
    }

    private boolean isRetained(String topic) {
        try (HiveMq5Visitor asking = new HiveMq5Visitor(Visit.of(House.unique(base)))) {
            asking.subscribe(topic, 1);
            asking.subscribe(base + asking.connAck.hashCode(), 1);
            asking.publish(base + asking.connAck.hashCode(), "nothing more", 1);
            return asking.inbox().one().text().equals("here");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void subscriptionOptionsAreKept() throws Exception {
        HiveMq5Visitor client = connect("c");
        retained(client, topic("kept"), 1_000);
        client.client
                .subscribeWith()
                .topicFilter(topic("kept"))
                .qos(MqttQos.AT_LEAST_ONCE)
                .noLocal(true)
                .retainHandling(Mqtt5RetainHandling.DO_NOT_SEND)
                .retainAsPublished(true)
                .send()
                .join();
        client.publish(topic("kept"), "my own".getBytes(), 1, false);
        HiveMq5Visitor other = connect("o");
        other.publish(topic("kept"), "of another".getBytes(), 1, true);
        assertThat(client.inbox().one().text()).isEqualTo("of another");
        assertThat(client.inbox().one().retained()).isTrue();
    }

    @Test
    void theBrokerNamesTheNameless() {
        Mqtt5BlockingClient nameless = Mqtt5Client.builder()
                .serverHost(House.HOST)
                .serverPort(House.port())
                .buildBlocking();
        Mqtt5ConnAck answer = nameless.connect();
        open.add(nameless::disconnect);
        assertThat(answer.getAssignedClientIdentifier().map(Object::toString))
                .hasValueSatisfying(name -> assertThat(name).isNotEmpty());
    }

    @Test
    void anOperatorsDisconnectSaysWhy() {
        BlockingQueue<Throwable> causes = new LinkedBlockingQueue<>();
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier(base + "c")
                .serverHost(House.HOST)
                .serverPort(House.port())
                .addDisconnectedListener(context -> causes.add(context.getCause()))
                .buildBlocking();
        client.connect();
        House.door().broker().disconnect(base + "c");
        assertThat(farewell(causes).getReasonCode()).isEqualTo(Mqtt5DisconnectReasonCode.ADMINISTRATIVE_ACTION);
    }

    @Test
    void theOldConnectionIsToldThatItWasTakenOver() {
        BlockingQueue<Throwable> causes = new LinkedBlockingQueue<>();
        Mqtt5BlockingClient old = Mqtt5Client.builder()
                .identifier(base + "c")
                .serverHost(House.HOST)
                .serverPort(House.port())
                .addDisconnectedListener(context -> causes.add(context.getCause()))
                .buildBlocking();
        old.connect();
        connect("c");
        assertThat(farewell(causes).getReasonCode()).isEqualTo(Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER);
    }

    private static Mqtt5Disconnect farewell(BlockingQueue<Throwable> causes) {
        try {
            Throwable cause = causes.poll(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(cause).isInstanceOf(Mqtt5DisconnectException.class);
            return ((Mqtt5DisconnectException) cause).getMqttMessage();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aForbiddenTopicIsRefusedInPuback() {
        HiveMq5Visitor client = connect("c");
        Mqtt5PubAckException refused = catchThrowableOfType(Mqtt5PubAckException.class, () -> client.client
                .toBlocking()
                .publishWith()
                .topic("forbidden/x")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send());
        assertThat(refused.getMqttMessage().getReasonCode()).isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED);
        assertThat(client.isConnected()).isTrue();
    }

    @Test
    void anIntruderIsToldThatItsNameIsBad() {
        Mqtt5ConnAckException refused = catchThrowableOfType(
                Mqtt5ConnAckException.class, () -> connect(Visit.of(base + "c").as("intruder")));
        assertThat(refused.getMqttMessage().getReasonCode())
                .isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }

    @Test
    void whoAnswersTheRiddleComesInAndMayAnswerAgain() {
        Riddle riddle = new Riddle("42");
        Mqtt5BlockingClient client = blocking("r", House.port());
        Mqtt5ConnAck answer = client.connectWith().enhancedAuth(riddle).send();
        assertThat(answer.getReasonCode()).isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
        assertThat(riddle.said).containsExactly("6x7", "right");
        client.reauth();
        assertThat(riddle.said).containsExactly("6x7", "right", "6x7", "right");
    }

    @Test
    void whoDoesNotKnowTheAnswerStaysOut() {
        Mqtt5BlockingClient client = blocking("r", House.port());
        Mqtt5ConnAckException refused = catchThrowableOfType(
                Mqtt5ConnAckException.class,
                () -> client.connectWith().enhancedAuth(new Riddle("41")).send());
        assertThat(refused.getMqttMessage().getReasonCode()).isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void anUnknownMethodOfAuthenticationIsRefused() {
        Mqtt5BlockingClient client = blocking("r", House.port());
        Riddle sphinx = new Riddle("42") {
            @Override
            public MqttUtf8String getMethod() {
                return MqttUtf8String.of("SPHINX");
            }
        };
        assertThatThrownBy(() -> client.connectWith().enhancedAuth(sphinx).send())
                .isInstanceOfSatisfying(Mqtt5ConnAckException.class, e -> assertThat(
                                e.getMqttMessage().getReasonCode())
                        .isEqualTo(Mqtt5ConnAckReasonCode.BAD_AUTHENTICATION_METHOD));
    }

    private Mqtt5BlockingClient blocking(String name, int port) {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier(base + name)
                .serverHost(House.HOST)
                .serverPort(port)
                .buildBlocking();
        open.add(() -> client.toAsync()
                .disconnect()
                .exceptionally(notConnected -> null)
                .join());
        return client;
    }

    /** The client's side of {@code HouseRules.METHOD}. */
    private static class Riddle implements Mqtt5EnhancedAuthMechanism {
        final List<String> said = new ArrayList<>();
        private final String answer;

        Riddle(String answer) {
            this.answer = answer;
        }

        @Override
        public MqttUtf8String getMethod() {
            return MqttUtf8String.of("RIDDLE");
        }

        @Override
        public int getTimeout() {
            return 10;
        }

        @Override
        public CompletableFuture<Void> onAuth(
                Mqtt5ClientConfig config, Mqtt5Connect connect, Mqtt5EnhancedAuthBuilder builder) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> onReAuth(Mqtt5ClientConfig config, Mqtt5AuthBuilder builder) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Boolean> onContinue(
                Mqtt5ClientConfig config, Mqtt5Auth auth, Mqtt5AuthBuilder builder) {
            hear(auth.getData().orElseThrow());
            builder.data(answer.getBytes());
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public CompletableFuture<Boolean> onAuthSuccess(Mqtt5ClientConfig config, Mqtt5ConnAck connAck) {
            hear(connAck.getEnhancedAuth().orElseThrow().getData().orElseThrow());
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public CompletableFuture<Boolean> onReAuthSuccess(Mqtt5ClientConfig config, Mqtt5Auth auth) {
            hear(auth.getData().orElseThrow());
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public void onAuthRejected(Mqtt5ClientConfig config, Mqtt5ConnAck connAck) {}

        @Override
        public void onReAuthRejected(Mqtt5ClientConfig config, Mqtt5Disconnect disconnect) {}

        @Override
        public void onAuthError(Mqtt5ClientConfig config, Throwable cause) {}

        @Override
        public void onReAuthError(Mqtt5ClientConfig config, Throwable cause) {}

        private void hear(ByteBuffer data) {
            said.add(StandardCharsets.UTF_8.decode(data).toString());
        }
    }
}
