// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientSslConfigBuilder;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAck;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** HiveMQ's client, MQTT 5. */
final class HiveMq5Visitor implements Visitor {
    final Mqtt5AsyncClient client;
    final Mqtt5ConnAck connAck;
    private final Inbox inbox = new Inbox();

    HiveMq5Visitor(Visit visit) {
        Mqtt5ClientBuilder builder = Mqtt5Client.builder()
                .identifier(visit.clientId())
                .serverHost(House.HOST)
                .serverPort(visit.port());
        if (visit.tls() != null) builder = builder.sslConfig(ssl(visit.tls()));
        if (visit.reconnects()) {
            builder = builder.automaticReconnect()
                    .initialDelay(20, TimeUnit.MILLISECONDS)
                    .maxDelay(200, TimeUnit.MILLISECONDS)
                    .applyAutomaticReconnect();
        }
        client = builder.buildAsync();
        client.publishes(MqttGlobalPublishFilter.ALL, message -> inbox.add(arrival(message)));
        Mqtt5ConnectBuilder connect = Mqtt5Connect.builder().cleanStart(visit.clean());
        if (visit.lasts()) connect.sessionExpiryInterval(3_600);
        if (visit.user() != null) connect.simpleAuth().username(visit.user()).applySimpleAuth();
        if (visit.receiveMaximum() > 0) {
            connect.restrictions().receiveMaximum(visit.receiveMaximum()).applyRestrictions();
        }
        if (visit.will() != null) {
            connect.willPublish()
                    .topic(visit.will().topic())
                    .payload(visit.will().text().getBytes())
                    .qos(MqttQos.fromCode(visit.will().qos()))
                    .retain(visit.will().retain())
                    .applyWillPublish();
        }
        connAck = client.toBlocking().connect(connect.build());
    }

    static MqttClientSslConfig ssl(Authority.Tls tls) {
        MqttClientSslConfigBuilder ssl =
                MqttClientSslConfig.builder().trustManagerFactory(tls.trust()).protocols(List.of(tls.protocol()));
        if (tls.identity() != null) ssl = ssl.keyManagerFactory(tls.keys());
        return ssl.build();
    }

    private static Arrival arrival(Mqtt5Publish message) {
        return new Arrival(
                message.getTopic().toString(),
                message.getPayloadAsBytes(),
                message.getQos().getCode(),
                message.isRetain(),
                message);
    }

    @Override
    public boolean sessionPresent() {
        return connAck.isSessionPresent();
    }

    @Override
    public boolean isConnected() {
        return client.getState().isConnected();
    }

    @Override
    public int subscribe(String filter, int qos) {
        Mqtt5SubAck answer;
        try {
            answer = client.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.fromCode(qos))
                    .send()
                    .join();
        } catch (CompletionException e) {
            answer = ((Mqtt5SubAckException) e.getCause()).getMqttMessage();
        }
        return answer.getReasonCodes().get(0).getCode();
    }

    @Override
    public void unsubscribe(String filter) {
        client.unsubscribeWith().topicFilter(filter).send().join();
    }

    @Override
    public CompletableFuture<?> send(String topic, byte[] payload, int qos, boolean retain) {
        return client.publishWith()
                .topic(topic)
                .payload(payload)
                .qos(MqttQos.fromCode(qos))
                .retain(retain)
                .send();
    }

    @Override
    public Inbox inbox() {
        return inbox;
    }

    @Override
    public void disconnect() {
        client.disconnect().join();
    }

    @Override
    public void close() {
        client.disconnect().exceptionally(notConnected -> null).join();
    }
}
