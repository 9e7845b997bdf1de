// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.message.connect.connack.Mqtt3ConnAckReturnCode;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import io.courtier.clients.web.Instance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What somebody is told who wants more than its share, by the whole broker with the settings of its file. */
@Execution(ExecutionMode.CONCURRENT)
class FairUseIT {
    private static final String PASSWORD = "pencil";
    private static final int RATE = 50;
    private static final int CONNECTS = 12;
    private static final String[] SETTINGS = {
        "sys.interval.seconds = 1",
        "client.connects.per.minute = " + CONNECTS,
        "user.connects.per.minute = " + CONNECTS,
        "client.messages.per.second = " + RATE,
        "sessions.per.user.max = 3",
        "takeover.seconds = 60"
    };

    @TempDir
    static Path folder;

    private static Instance broker;

    private final List<Mqtt5AsyncClient> open = new ArrayList<>();

    @BeforeAll
    static void start() {
        broker = new Instance(folder).with("io.courtier.broker.cfg", SETTINGS);
        for (String user : List.of("ann", "bob")) broker.courtierSaid(PASSWORD + "\n", "passwd", "add", user);
        broker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @AfterEach
    void close() {
        for (Mqtt5AsyncClient client : open)
            client.disconnect().exceptionally(notConnected -> null).join();
    }

    private Mqtt5AsyncClient connect(String client, String user) {
        Mqtt5AsyncClient made = MqttClient.builder()
                .useMqttVersion5()
                .identifier(client)
                .serverHost(House.HOST)
                .serverPort(broker.port("tcp-default"))
                .buildAsync();
        if (user.isEmpty()) {
            made.toBlocking().connect();
        } else {
            made.toBlocking()
                    .connectWith()
                    .simpleAuth()
                    .username(user)
                    .password(PASSWORD.getBytes())
                    .applySimpleAuth()
                    .send();
        }
        open.add(made);
        return made;
    }

    private Mqtt5ConnAckReasonCode refused(String client, String user) {
        Mqtt5ConnAckException refused = catchThrowableOfType(Mqtt5ConnAckException.class, () -> connect(client, user));
        assertThat(refused).as("refused").isNotNull();
        return refused.getMqttMessage().getReasonCode();
    }

    /** On a slow machine the rate lets some more come. */
    private Mqtt5ConnAckReasonCode refusedSometime(String client, String user) {
        for (int i = 0; i < 5; i++) {
            try {
                comeAndGo(client, user);
            } catch (Mqtt5ConnAckException refused) {
                return refused.getMqttMessage().getReasonCode();
            }
        }
        throw new AssertionError(client + " came in again and again");
    }

    private void comeAndGo(String client, String user) {
        connect(client, user).disconnect().join();
    }

    private static void isListed(String client, String reason) {
        assertThat(broker.courtier("shell", "courtier:refused"))
                .as("courtier:refused")
                .anySatisfy(line -> assertThat(line).contains(client, reason));
        Patience.until(() -> client + " in " + broker.log(), () -> broker.log().contains("client=" + client + " "));
    }

    /** Sends as fast as it can; gives how all was answered. */
    private static CompletableFuture<?> flood(Mqtt5AsyncClient client, int count) {
        List<CompletableFuture<Mqtt5PublishResult>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(client.publishWith()
                    .topic("flood")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(("m" + i).getBytes())
                    .send());
        }
        return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]));
    }

    @Test
    void aClientThatComesTooOftenIsToldSo() {
        for (int i = 0; i < CONNECTS; i++) comeAndGo("restless", "");
        assertThat(refusedSometime("restless", "")).isEqualTo(Mqtt5ConnAckReasonCode.CONNECTION_RATE_EXCEEDED);
        comeAndGo("patient", "");
        Mqtt3ConnAckException before5 = catchThrowableOfType(Mqtt3ConnAckException.class, () -> Mqtt3Client.builder()
                .identifier("restless")
                .serverHost(House.HOST)
                .serverPort(broker.port("tcp-default"))
                .buildBlocking()
                .connect());
        assertThat(before5.getMqttMessage().getReturnCode()).isEqualTo(Mqtt3ConnAckReturnCode.SERVER_UNAVAILABLE);
        isListed("restless", "CONNECTION_RATE_EXCEEDED");
    }

    @Test
    void allClientsOfAUserComeTooOftenTogether() {
        for (int i = 0; i < CONNECTS; i++) comeAndGo("ann-" + i, "ann");
        assertThat(refusedSometime("ann-x", "ann")).isEqualTo(Mqtt5ConnAckReasonCode.CONNECTION_RATE_EXCEEDED);
        isListed("ann-x", "CONNECTION_RATE_EXCEEDED");
    }

    @Test
    void aUserHasNoMoreSessionsThanItMay() {
        connect("bob-1", "bob");
        connect("bob-2", "bob");
        Mqtt5AsyncClient third = connect("bob-3", "bob");
        assertThat(refused("bob-4", "bob")).isEqualTo(Mqtt5ConnAckReasonCode.QUOTA_EXCEEDED);
        isListed("bob-4", "QUOTA_EXCEEDED");
        third.disconnect().join();
        connect("bob-4", "bob");
    }

    @Test
    void twoWithOneIdentifierAreKeptFromFightingOverIt() {
        for (int i = 0; i < 6; i++) connect("twin", "");
        Mqtt5AsyncClient there = open.get(5);
        assertThat(refused("twin", "")).isEqualTo(Mqtt5ConnAckReasonCode.SERVER_BUSY);
        assertThat(refused("twin", "")).isEqualTo(Mqtt5ConnAckReasonCode.SERVER_BUSY);
        assertThat(there.getState().isConnected()).isTrue();
        isListed("twin", "SERVER_BUSY");
        assertThat(broker.log().lines().filter(line -> line.contains("client=twin take-over storm begins")))
                .hasSize(1);
        Map<String, String> counted = new ConcurrentHashMap<>();
        Mqtt5AsyncClient watcher = connect("watcher", "");
        watcher.publishes(
                MqttGlobalPublishFilter.ALL,
                message -> counted.put(message.getTopic().toString(), new String(message.getPayloadAsBytes())));
        watcher.subscribeWith().topicFilter("$SYS/broker/limits/#").send().join();
        Patience.until(
                () -> "the storm and its two refusals, came " + counted,
                () -> "1".equals(counted.get("$SYS/broker/limits/take-over storms"))
                        && "2".equals(counted.get("$SYS/broker/limits/take-overs")));
        there.disconnect().join();
        connect("twin", "");
    }

    @Test
    void whoPublishesTooFastIsReadMoreSlowlyAndLosesNothing() throws Exception {
        long beginNanos = System.nanoTime();
        Mqtt5AsyncClient eager = connect("eager", "");
        flood(eager, 3 * RATE).get(30, TimeUnit.SECONDS);
        assertThat(System.nanoTime() - beginNanos)
                .as("a second's worth at once, the others at the rate")
                .isGreaterThan(1_800_000_000L);
        assertThat(eager.getState().isConnected()).isTrue();
        isListed("eager", "MESSAGE_RATE_TOO_HIGH");
        assertThat(broker.courtier("shell", "courtier:clients"))
                .anySatisfy(line -> assertThat(line).contains("eager").containsPattern("[|│] [1-9][0-9]*\\s*$"));
    }

    @Test
    void whoPublishesTooFastIsDisconnectedWhereTheFileSaysSo(@TempDir Path other) throws Exception {
        Instance strict = new Instance(other)
                .with(
                        "io.courtier.broker.cfg",
                        "client.messages.per.second = " + RATE,
                        "message.rate.action = disconnect");
        try (strict) {
            strict.start();
            CompletableFuture<Mqtt5DisconnectReasonCode> told = new CompletableFuture<>();
            Mqtt5AsyncClient hasty = MqttClient.builder()
                    .useMqttVersion5()
                    .identifier("hasty")
                    .serverHost(House.HOST)
                    .serverPort(strict.port("tcp-default"))
                    .addDisconnectedListener(end -> {
                        if (end.getCause() instanceof Mqtt5DisconnectException disconnect) {
                            told.complete(disconnect.getMqttMessage().getReasonCode());
                        } else {
                            told.completeExceptionally(end.getCause());
                        }
                    })
                    .buildAsync();
            hasty.toBlocking().connect();
            CompletableFuture<?> answers = flood(hasty, 3 * RATE);
            assertThat(told.get(20, TimeUnit.SECONDS)).isEqualTo(Mqtt5DisconnectReasonCode.MESSAGE_RATE_TOO_HIGH);
            assertThat(answers).failsWithin(20, TimeUnit.SECONDS);
            Patience.until(() -> "its line in " + strict.log(), () -> strict.log()
                    .contains("client=hasty disconnected reason=MESSAGE_RATE_TOO_HIGH"));
        }
    }
}
