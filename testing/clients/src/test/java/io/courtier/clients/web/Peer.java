// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.courtier.clients.House;
import io.courtier.clients.Patience;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** HiveMQ's client on the TCP listener: the other one, with whom a page exchanges messages. */
final class Peer implements AutoCloseable {
    final Mqtt5BlockingClient client;
    final List<Mqtt5Publish> heard = new CopyOnWriteArrayList<>();

    private Peer(Mqtt5BlockingClient client) {
        this.client = client;
        client.toAsync().publishes(MqttGlobalPublishFilter.ALL, heard::add);
    }

    static Peer of(Instance broker, String... filters) {
        Peer peer = new Peer(Mqtt5Client.builder()
                .identifier(House.unique("peer"))
                .serverHost("127.0.0.1")
                .serverPort(broker.port("tcp-default"))
                .buildBlocking());
        peer.client.connect();
        for (String filter : filters) {
            peer.client
                    .subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.EXACTLY_ONCE)
                    .send();
        }
        return peer;
    }

    void says(String topic, String payload) {
        says(topic, payload.getBytes(java.nio.charset.StandardCharsets.UTF_8), 0, false);
    }

    void says(String topic, byte[] payload, int qos, boolean retain) {
        client.publishWith()
                .topic(topic)
                .payload(payload)
                .qos(MqttQos.fromCode(qos))
                .retain(retain)
                .send();
    }

    /** Waits for so many; gives all that are there by then. */
    List<Mqtt5Publish> awaitHeard(int count) {
        Patience.until(() -> count + " messages, came " + heard.size() + ": " + heard, () -> heard.size() >= count);
        return heard;
    }

    /** The texts that came until this one, which it sends itself: what is on its way comes before. */
    List<String> textsUntilNow(String topic) {
        says(topic, "that is all".getBytes(), 2, false);
        Patience.until("its own message", () -> texts().contains("that is all"));
        return texts().stream().filter(text -> !text.equals("that is all")).toList();
    }

    List<String> texts() {
        return heard.stream()
                .map(message -> new String(message.getPayloadAsBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    @Override
    public void close() {
        client.disconnect();
    }
}
