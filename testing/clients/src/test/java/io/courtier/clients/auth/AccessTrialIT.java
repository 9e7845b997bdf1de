// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import io.courtier.clients.Patience;
import io.courtier.clients.web.Instance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New access rules, tried on a connected client, committed and taken back from the shell of the distribution. */
class AccessTrialIT {
    private static final String LIVE = "allow all #";

    @TempDir
    static Path folder;

    private static Instance broker;

    @BeforeAll
    static void start() {
        broker = new Instance(folder)
                .with("courtier-acl", LIVE)
                .with(
                        "courtier-acl.next",
                        "# Who rings, and who listens.",
                        "deny publish alarms/# qos 1-2",
                        "deny all secret/#",
                        LIVE)
                .with("courtier-acl.broken", LIVE, "allow pubish alarms/#")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void rulesAreTriedCommittedAndTakenBackWithoutALostConnection() throws Exception {
        AtomicInteger disconnects = new AtomicInteger();
        Mqtt5BlockingClient pump = MqttClient.builder()
                .identifier("pump-7")
                .serverHost("127.0.0.1")
                .serverPort(broker.port("tcp-default"))
                .addDisconnectedListener(lost -> disconnects.incrementAndGet())
                .useMqttVersion5()
                .buildBlocking();
        pump.connect();
        try (var received = pump.publishes(MqttGlobalPublishFilter.ALL)) {
            subscribe(pump, "secret/#");
            subscribe(pump, "news/#");

            assertThat(shell("courtier:acl-try")).contains("No rules are tried.");
            assertThatThrownBy(() -> shell("courtier:acl-try courtier-acl.broken"))
                    .as("the launcher ends with a status other than 0")
                    .hasMessageContaining(
                            "courtier-acl.broken line 2: pubish is not publish, subscribe, receive or all");
            assertThat(shell("courtier:acl-try")).contains("No rules are tried.");
            assertThat(shell("courtier:acl-try courtier-acl.next")).contains("3 rules of ", " are tried.");

            assertThat(mayPublish(pump, "alarms/1")).isTrue();
            assertThat(mayPublish(pump, "secret/1")).isTrue();
            assertThat(received.receive(20, TimeUnit.SECONDS))
                    .hasValueSatisfying(
                            message -> assertThat(message.getTopic()).hasToString("secret/1"));
            assertThat(row("publish qos 1", "alarms/1"))
                    .contains(
                            "pump-7", "allowed, line 1: allow all #", "denied, line 2: deny publish alarms/# qos 1-2");
            assertThat(row("subscribe qos 1", "secret/#"))
                    .contains("pump-7", "allowed, line 1: allow all #", "denied, line 3: deny all secret/#");
            assertThat(shell("courtier:acl-try")).doesNotContain("news");

            assertThat(shell("courtier:acl-commit")).contains("3 rules of ", " count now.", "courtier-acl.before");
            Patience.until("it may not publish alarms", () -> !mayPublish(pump, "alarms/1"));
            assertThat(shell("courtier:acl-try")).contains("No rules are tried.");
            assertThat(mayPublish(pump, "secret/1")).isFalse();
            assertThat(mayPublish(pump, "news/1")).isTrue();
            assertThat(received.receive(20, TimeUnit.SECONDS))
                    .as("its subscription to secret/# has ended")
                    .hasValueSatisfying(
                            message -> assertThat(message.getTopic()).hasToString("news/1"));
            assertThat(acl("courtier-acl")).isEqualTo(acl("courtier-acl.next"));
            assertThat(acl("courtier-acl.before")).containsExactly(LIVE);

            assertThat(shell("courtier:acl-rollback")).contains("1 rules of ", " count now.");
            Patience.until("it may publish alarms again", () -> mayPublish(pump, "alarms/1"));
            assertThat(acl("courtier-acl")).containsExactly(LIVE);
            assertThat(acl("courtier-acl.before")).isEqualTo(acl("courtier-acl.next"));
        }
        assertThat(disconnects).hasValue(0);
        assertThat(pump.getState()).isEqualTo(MqttClientState.CONNECTED);
        pump.disconnect();
        assertThat(broker.log()).as("one replaced the other, and nobody waited").doesNotContain("has not come back");
    }

    /** What the trial lists of one thing that a client did. */
    private static String row(String action, String topic) {
        List<String> rows = shell("courtier:acl-try")
                .lines()
                .filter(line -> line.contains(action) && line.contains(topic))
                .toList();
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }

    private static String shell(String command) {
        return String.join("\n", broker.courtier("shell", command));
    }

    private static List<String> acl(String file) throws Exception {
        return Files.readAllLines(broker.etc().resolve(file));
    }

    private static void subscribe(Mqtt5BlockingClient client, String filter) {
        client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
    }

    private static boolean mayPublish(Mqtt5BlockingClient client, String topic) {
        try {
            client.publishWith().topic(topic).qos(MqttQos.AT_LEAST_ONCE).send();
            return true;
        } catch (Mqtt5PubAckException refused) {
            return false;
        }
    }
}
