// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.MqttWebSocketConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.courtier.clients.House;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java's clients over WebSocket, in the clear and with TLS. */
@Execution(ExecutionMode.CONCURRENT)
class WebSocketLibrariesIT {
    @TempDir
    static Path folder;

    private static Instance broker;
    private static TrustManagerFactory trust;

    @BeforeAll
    static void start() throws Exception {
        broker = new Instance(folder);
        broker.courtier("certs");
        broker.start("--tls", "0", "--wss", "0");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(broker.etc().resolve("tls/ca.crt"))) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws-default", "ws-tls"})
    void hiveMqSendsAndReceivesSmallAndLarge(String listener) throws Exception {
        var builder = MqttClient.builder()
                .identifier(House.unique("ws"))
                .serverHost("localhost")
                .serverPort(broker.port(listener))
                .webSocketConfig(
                        MqttWebSocketConfig.builder().serverPath("mqtt").build())
                .useMqttVersion5();
        if (listener.equals("ws-tls")) {
            builder = builder.sslConfig(
                    MqttClientSslConfig.builder().trustManagerFactory(trust).build());
        }
        Mqtt5BlockingClient client = builder.buildBlocking();
        client.connect();
        byte[] large = new byte[900_000];
        new Random(3).nextBytes(large);
        String topic = House.unique("ws");
        try (var messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter(topic).qos(MqttQos.EXACTLY_ONCE).send();
            client.publishWith()
                    .topic(topic)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("small".getBytes(StandardCharsets.UTF_8))
                    .send();
            client.publishWith()
                    .topic(topic)
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload(large)
                    .send();
            assertThat(messages.receive(20, TimeUnit.SECONDS).orElseThrow().getPayloadAsBytes())
                    .isEqualTo("small".getBytes(StandardCharsets.UTF_8));
            assertThat(Arrays.equals(
                            messages.receive(20, TimeUnit.SECONDS).orElseThrow().getPayloadAsBytes(), large))
                    .isTrue();
        }
        client.disconnect();
    }

    @Test
    void pahoComesInBothWays() throws Exception {
        for (String listener : new String[] {"ws-default", "ws-tls"}) {
            MqttConnectionOptions options = new MqttConnectionOptions();
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            boolean secure = listener.equals("ws-tls");
            if (secure) options.setSocketFactory(tls.getSocketFactory());
            var client = new org.eclipse.paho.mqttv5.client.MqttClient(
                    (secure ? "wss" : "ws") + "://localhost:" + broker.port(listener) + "/mqtt",
                    House.unique("ws"),
                    new MemoryPersistence());
            client.connect(options);
            assertThat(client.isConnected()).isTrue();
            client.disconnect();
            client.close();
        }
    }
}
