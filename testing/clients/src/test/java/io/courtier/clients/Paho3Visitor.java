// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** Eclipse Paho, MQTT 3.1.1. */
final class Paho3Visitor implements Visitor {
    private static final int AT_ONCE = 500;

    final MqttAsyncClient client;
    private final Semaphore window = new Semaphore(AT_ONCE);
    private final Inbox inbox = new Inbox();
    private final boolean reconnects;
    private final boolean sessionPresent;

    Paho3Visitor(Visit visit) throws MqttException {
        this(visit, MqttConnectOptions.MQTT_VERSION_3_1_1);
    }

    /** @param version 3 or 4, as in CONNECT */
    Paho3Visitor(Visit visit, int version) throws MqttException {
        String scheme = visit.tls() == null ? "tcp" : "ssl";
        client = new MqttAsyncClient(
                scheme + "://" + House.HOST + ":" + visit.port(), visit.clientId(), new MemoryPersistence());
        client.setCallback(new Callback());
        reconnects = visit.reconnects();
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(version);
        options.setCleanSession(!visit.lasts());
        options.setMaxInflight(AT_ONCE);
        options.setAutomaticReconnect(visit.reconnects());
        if (visit.user() != null) options.setUserName(visit.user());
        if (visit.tls() != null) options.setSocketFactory(visit.tls().sockets());
        if (visit.will() != null) {
            options.setWill(
                    visit.will().topic(),
                    visit.will().text().getBytes(),
                    visit.will().qos(),
                    visit.will().retain());
        }
        try {
            IMqttToken token = client.connect(options);
            token.waitForCompletion(Patience.LIMIT.toMillis());
            sessionPresent = token.getSessionPresent();
        } catch (MqttException e) {
            client.close(true);
            throw e;
        }
    }

    private final class Callback implements MqttCallback {
        @Override
        public void connectionLost(Throwable cause) {}

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            inbox.add(new Arrival(topic, message.getPayload(), message.getQos(), message.isRetained(), message));
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {}
    }

    @Override
    public boolean sessionPresent() {
        return sessionPresent;
    }

    @Override
    public boolean isConnected() {
        return client.isConnected();
    }

    @Override
    public int subscribe(String filter, int qos) throws MqttException {
        IMqttToken token = client.subscribe(filter, qos);
        try {
            token.waitForCompletion(Patience.LIMIT.toMillis());
        } catch (MqttException refused) {
            return refused.getReasonCode();
        }
        return token.getGrantedQos()[0];
    }

    @Override
    public void unsubscribe(String filter) throws MqttException {
        client.unsubscribe(filter).waitForCompletion(Patience.LIMIT.toMillis());
    }

    @Override
    public CompletableFuture<?> send(String topic, byte[] payload, int qos, boolean retain) throws Exception {
        CompletableFuture<Object> done = new CompletableFuture<>();
        window.acquire();
        done.whenComplete((nothing, failure) -> window.release());
        IMqttActionListener listener = new IMqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                done.complete(token);
            }

            @Override
            public void onFailure(IMqttToken token, Throwable failure) {
                // Paho gives up the token when the connection breaks, and yet sends the message again.
                if (reconnects) done.complete(token);
                else done.completeExceptionally(failure);
            }
        };
        Patience.until("a connection to send on", () -> {
            try {
                client.publish(topic, payload, qos, retain, null, listener);
                return true;
            } catch (MqttException e) {
                // Paho refuses what it cannot send now; nothing of it is kept.
                boolean later = e.getReasonCode() == MqttException.REASON_CODE_CLIENT_NOT_CONNECTED
                        || e.getReasonCode() == MqttException.REASON_CODE_CLIENT_DISCONNECTING
                        || e.getReasonCode() == MqttException.REASON_CODE_MAX_INFLIGHT;
                if (reconnects && later) return false;
                done.completeExceptionally(e);
                return true;
            }
        });
        return done;
    }

    @Override
    public Inbox inbox() {
        return inbox;
    }

    @Override
    public void disconnect() throws MqttException {
        client.disconnect().waitForCompletion(Patience.LIMIT.toMillis());
    }

    @Override
    public void close() {
        try {
            if (client.isConnected()) client.disconnect(0).waitForCompletion(1_000);
            client.close(true);
        } catch (MqttException e) {
            // It was closed before.
        }
    }
}
