// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3Connect;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3ConnectBuilder;
import com.hivemq.client.mqtt.mqtt3.message.connect.connack.Mqtt3ConnAck;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.suback.Mqtt3SubAck;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** HiveMQ's client, MQTT 3.1.1. */
final class HiveMq3Visitor implements Visitor {
    final Mqtt3AsyncClient client;
    final Mqtt3ConnAck connAck;
    private final Inbox inbox = new Inbox();

    HiveMq3Visitor(Visit visit) {
        Mqtt3ClientBuilder builder = Mqtt3Client.builder()
                .identifier(visit.clientId())
                .serverHost(House.HOST)
                .serverPort(visit.port());
        if (visit.tls() != null) builder = builder.sslConfig(HiveMq5Visitor.ssl(visit.tls()));
        if (visit.reconnects()) {
            builder = builder.automaticReconnect()
                    .initialDelay(20, TimeUnit.MILLISECONDS)
                    .maxDelay(200, TimeUnit.MILLISECONDS)
                    .applyAutomaticReconnect();
        }
        client = builder.buildAsync();
        client.publishes(MqttGlobalPublishFilter.ALL, message -> inbox.add(arrival(message)));
        // Without lasting there is nothing to take up: before MQTT 5 both are one flag.
        Mqtt3ConnectBuilder connect = Mqtt3Connect.builder().cleanSession(!visit.lasts());
        if (visit.user() != null) connect.simpleAuth().username(visit.user()).applySimpleAuth();
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

    private static Arrival arrival(Mqtt3Publish message) {
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
        Mqtt3SubAck answer;
        try {
            answer = client.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.fromCode(qos))
                    .send()
                    .join();
        } catch (CompletionException e) {
            answer = ((Mqtt3SubAckException) e.getCause()).getMqttMessage();
        }
        return answer.getReturnCodes().get(0).getCode();
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
