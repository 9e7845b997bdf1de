// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.clients.Patience;
import io.courtier.clients.web.Instance;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Users of a real directory, by one file in etc and one line in another. */
@ResourceLock(Lane.LOGINS) // They stop and start the directory.
class LdapIT {
    @TempDir
    static Path folder;

    @TempDir
    static Path ldap;

    private static Directory directory;
    private static Instance broker;

    @BeforeAll
    static void start() throws Exception {
        directory = new Directory(ldap);
        broker = new Instance(folder)
                .with("io.courtier.realm-ldap.cfg", Directory.realm(directory.port()))
                .with("io.courtier.auth.jaas.cfg", "realm = ldap", "timeout.ms = 3000", "cache.max = 0", "threads = 2")
                .with("courtier-acl", "allow all ops/# role operators", "allow all home/%u/#", "deny all #");
        broker.courtierSaid("file-secret\n", "passwd", "add", "file-user");
        broker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
        directory.close();
    }

    @Test
    void aUserOfTheDirectoryComesInAndNobodyWithAnotherPassword() {
        assertThat(connect("ann", "ann-secret")).isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
        assertThat(connect("ann", "bob-secret")).isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(connect("eve", "ann-secret")).isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(connect("*", "ann-secret")).isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(connect("ann)(uid=*", "ann-secret")).isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(connect("ann", ""))
                .as("a bind without a password succeeds in LDAP")
                .isNotEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
    }

    @Test
    void whoIsNotThereIsLookedForInThePasswordFile() {
        assertThat(connect("file-user", "file-secret")).isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
    }

    @Test
    void groupsAreRoles() {
        assertThat(maySubscribe("ann", "ann-secret", "ops/#")).isTrue();
        assertThat(maySubscribe("bob", "bob-secret", "ops/#")).isFalse();
        assertThat(maySubscribe("bob", "bob-secret", "home/bob/#")).isTrue();
        assertThat(maySubscribe("bob", "bob-secret", "home/ann/#")).isFalse();
    }

    @Test
    void aDirectoryThatIsDownShutsTheDoorWithAReasonUntilItIsBack() {
        directory.stop();
        assertThat(connect("ann", "ann-secret")).isEqualTo(Mqtt5ConnAckReasonCode.SERVER_UNAVAILABLE);
        assertThat(connect("file-user", "file-secret"))
                .as("nobody knows whether the directory has such a user")
                .isEqualTo(Mqtt5ConnAckReasonCode.SERVER_UNAVAILABLE);
        assertThat(broker.log()).contains("realm ldap cannot answer");
        directory.start();
        assertThat(connect("ann", "ann-secret")).isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
        assertThat(broker.log()).doesNotContain("ann-secret", "admin-secret");
    }

    @Test
    void aDirectoryThatDoesNotAnswerDelaysNobodyElse(@TempDir Path other) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Instance slow = new Instance(other)
                        .with("io.courtier.realm-ldap.cfg", Directory.realm(silent.getLocalPort()))
                        .with("io.courtier.auth.jaas.cfg", "realm = ldap", "timeout.ms = 3000", "threads = 2")
                        .start()) {
            Mqtt5BlockingClient quick = client(slow, null, null);
            quick.connect();
            try (var messages = quick.publishes(com.hivemq.client.mqtt.MqttGlobalPublishFilter.ALL)) {
                quick.subscribeWith()
                        .topicFilter("t")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send();
                List<CompletableFuture<Mqtt5ConnAckReasonCode>> waiting = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    waiting.add(CompletableFuture.supplyAsync(
                            () -> connect(slow, "ann", "ann-secret"), command -> new Thread(command).start()));
                }
                Patience.until("the directory is asked", () -> silent.accept() != null);
                // As many as the machine manages in that time: it is over when the first login is answered.
                int exchanged = 0;
                while (exchanged < 500 && waiting.stream().noneMatch(CompletableFuture::isDone)) {
                    quick.publishWith()
                            .topic("t")
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .payload(("" + exchanged).getBytes(StandardCharsets.UTF_8))
                            .send();
                    assertThat(messages.receive(5, java.util.concurrent.TimeUnit.SECONDS))
                            .isPresent();
                    exchanged++;
                }
                assertThat(exchanged)
                        .as("messages while nobody who logs in has an answer")
                        .isGreaterThan(20);
                for (CompletableFuture<Mqtt5ConnAckReasonCode> answer : waiting) {
                    assertThat(answer.get()).isEqualTo(Mqtt5ConnAckReasonCode.SERVER_UNAVAILABLE);
                }
            }
            quick.disconnect();
        }
    }

    private static boolean maySubscribe(String user, String password, String filter) {
        Mqtt5BlockingClient client = client(broker, user, password);
        client.connect();
        try {
            client.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            return true;
        } catch (Mqtt5SubAckException refused) {
            return false;
        } finally {
            client.disconnect();
        }
    }

    private static Mqtt5ConnAckReasonCode connect(String user, String password) {
        return connect(broker, user, password);
    }

    private static Mqtt5ConnAckReasonCode connect(Instance to, String user, String password) {
        Mqtt5BlockingClient client = client(to, user, password);
        try {
            Mqtt5ConnAckReasonCode code = client.connect().getReasonCode();
            client.disconnect();
            return code;
        } catch (Mqtt5ConnAckException refused) {
            return refused.getMqttMessage().getReasonCode();
        }
    }

    private static Mqtt5BlockingClient client(Instance to, String user, String password) {
        var builder = MqttClient.builder()
                .identifier(House.unique("ldap"))
                .serverHost("127.0.0.1")
                .serverPort(to.port("tcp-default"))
                .useMqttVersion5();
        if (user != null) {
            builder = builder.simpleAuth()
                    .username(user)
                    .password(password.getBytes(StandardCharsets.UTF_8))
                    .applySimpleAuth();
        }
        return builder.buildBlocking();
    }
}
