// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.auth.Mqtt5EnhancedAuthMechanism;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.courtier.clients.House;
import io.courtier.clients.Patience;
import io.courtier.clients.web.Instance;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Passwords that are never sent, by AUTH, with users of the launcher's. */
@Execution(ExecutionMode.CONCURRENT)
class ScramIT {
    @TempDir
    static Path folder;

    private static Instance broker;

    @BeforeAll
    static void start() {
        broker = new Instance(folder)
                .with("courtier-acl", "allow all ops/# role operators", "allow all home/%u/#", "deny all #");
        broker.courtierSaid("pencil\n", "passwd", "add", "ann", "--roles", "operators", "--scram");
        broker.courtierSaid("marlin\n", "passwd", "add", "bob", "--scram");
        broker.start();
    }

    @AfterAll
    static void stop() {
        assertThat(broker.log()).doesNotContain("pencil", "marlin", "n,,n=", "c=biws");
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"256", "512"})
    void whoKnowsThePasswordComesInWithItsRolesAndNobodyElse(String hash) {
        Mqtt5BlockingClient ann = client(new ScramClient(hash, "ann", "pencil"));
        ann.connect();
        assertThat(maySubscribe(ann, "ops/#")).isTrue();
        assertThat(maySubscribe(ann, "home/ann/#")).isTrue();
        assertThat(maySubscribe(ann, "home/bob/#")).isFalse();
        ann.disconnect();
        assertThat(refused(new ScramClient(hash, "ann", "pencils"))).isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED);
        assertThat(refused(new ScramClient(hash, "eve", "pencil"))).isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void nobodyCanTellWhoIsAUser() {
        ScramClient unknown = new ScramClient("256", "eve", "pencil");
        assertThat(refused(unknown)).isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED);
        assertThat(unknown.challenged).as("it was asked for a proof").isEqualTo(1);
    }

    @Test
    void aProofThatWasOverheardIsGoodForNothing() {
        ScramClient right = new ScramClient("256", "ann", "pencil");
        Mqtt5BlockingClient ann = client(right);
        ann.connect();
        ann.disconnect();
        ScramClient replays = new ScramClient("256", "ann", "?");
        replays.instead = right.sent.get(0);
        assertThat(refused(replays)).isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED);
        replays.instead = "nonsense";
        assertThat(refused(replays)).isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED);
        assertThat(refused(new ScramClient("1", "ann", "pencil")))
                .isEqualTo(Mqtt5ConnAckReasonCode.BAD_AUTHENTICATION_METHOD);
    }

    @Test
    void itIsProvenAgainWhileConnected() {
        ScramClient scram = new ScramClient("512", "ann", "pencil");
        Mqtt5BlockingClient ann = client(scram);
        ann.connect();
        for (int i = 0; i < 3; i++) ann.reauth();
        assertThat(scram.challenged).isEqualTo(4);
        assertThat(maySubscribe(ann, "ops/#")).isTrue();
        ann.disconnect();
    }

    @Test
    void whoCannotProveItAgainIsDisconnected() {
        ScramClient scram = new ScramClient("256", "ann", "pencil");
        Mqtt5BlockingClient ann = client(scram);
        ann.connect();
        scram.password = "forgotten";
        assertThat(disconnected(ann)).isEqualTo(Mqtt5DisconnectReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void nobodyTurnsIntoSomebodyElse() {
        ScramClient scram = new ScramClient("256", "ann", "pencil");
        Mqtt5BlockingClient ann = client(scram);
        ann.connect();
        scram.user = "bob";
        scram.password = "marlin";
        assertThat(disconnected(ann)).isEqualTo(Mqtt5DisconnectReasonCode.NOT_AUTHORIZED);
        Patience.until("the log says why", () -> broker.log().contains("it re-authenticated as another user"));
    }

    @Test
    void aUserIsAddedAndTakenAwayWhileTheBrokerRuns() {
        broker.courtierSaid("salmon\n", "passwd", "add", "joe", "--scram");
        Patience.until("joe comes in", () -> comesIn("joe", "salmon"));
        assertThat(broker.courtier("passwd", "list", "--scram")).contains("joe", "ann roles=operators");
        broker.courtier("passwd", "remove", "joe", "--scram");
        Patience.until("joe stays out", () -> !comesIn("joe", "salmon"));
    }

    private static boolean comesIn(String user, String password) {
        Mqtt5BlockingClient client = client(new ScramClient("256", user, password));
        try {
            client.connect();
            client.disconnect();
            return true;
        } catch (Mqtt5ConnAckException refused) {
            return false;
        }
    }

    private static Mqtt5ConnAckReasonCode refused(Mechanism mechanism) {
        Throwable refused = catchThrowable(() -> client(mechanism).connect());
        assertThat(refused).isInstanceOf(Mqtt5ConnAckException.class);
        return ((Mqtt5ConnAckException) refused).getMqttMessage().getReasonCode();
    }

    private static Mqtt5DisconnectReasonCode disconnected(Mqtt5BlockingClient client) {
        Throwable refused = catchThrowable(client::reauth);
        assertThat(refused).isInstanceOf(Mqtt5DisconnectException.class);
        return ((Mqtt5DisconnectException) refused).getMqttMessage().getReasonCode();
    }

    private static boolean maySubscribe(Mqtt5BlockingClient client, String filter) {
        try {
            client.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            return true;
        } catch (Mqtt5SubAckException refused) {
            return false;
        }
    }

    private static Mqtt5BlockingClient client(Mqtt5EnhancedAuthMechanism mechanism) {
        return MqttClient.builder()
                .identifier(House.unique("scram"))
                .serverHost("127.0.0.1")
                .serverPort(broker.port("tcp-default"))
                .useMqttVersion5()
                .enhancedAuth(mechanism)
                .buildBlocking();
    }
}
