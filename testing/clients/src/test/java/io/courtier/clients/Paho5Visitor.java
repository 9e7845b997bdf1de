// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Eclipse Paho, MQTT 5. */
final class Paho5Visitor implements Visitor {
    private static final int AT_ONCE = 500;

    final MqttAsyncClient client;
    final IMqttToken connAck;
    volatile MqttDisconnectResponse farewell;
    private final Semaphore window = new Semaphore(AT_ONCE);
    private final Inbox inbox = new Inbox();
    private final boolean reconnects;

    Paho5Visitor(Visit visit) throws MqttException {
        String scheme = visit.tls() == null ? "tcp" : "ssl";
        client = new MqttAsyncClient(
                scheme + "://" + House.HOST + ":" + visit.port(), visit.clientId(), new MemoryPersistence());
        client.setCallback(new Callback());
        reconnects = visit.reconnects();
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(visit.clean());
        options.setSessionExpiryInterval(visit.lasts() ? 3_600L : 0L);
        options.setAutomaticReconnect(visit.reconnects());
        if (visit.receiveMaximum() > 0) options.setReceiveMaximum(visit.receiveMaximum());
        if (visit.user() != null) options.setUserName(visit.user());
        if (visit.tls() != null) options.setSocketFactory(visit.tls().sockets());
        if (visit.will() != null) {
            MqttMessage will = new MqttMessage(visit.will().text().getBytes());
            will.setQos(visit.will().qos());
            will.setRetained(visit.will().retain());
            options.setWill(visit.will().topic(), will);
        }
        try {
            connAck = client.connect(options);
            connAck.waitForCompletion(Patience.LIMIT.toMillis());
        } catch (MqttException e) {
            client.close(true);
            throw e;
        }
    }

    private final class Callback implements MqttCallback {
        @Override
        public void disconnected(MqttDisconnectResponse response) {
            farewell = response;
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {}

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            inbox.add(new Arrival(topic, message.getPayload(), message.getQos(), message.isRetained(), message));
        }

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    }

    @Override
    public boolean sessionPresent() {
        return connAck.getSessionPresent();
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
        return token.getReasonCodes()[0];
    }

    @Override
    public void unsubscribe(String filter) throws MqttException {
        client.unsubscribe(filter).waitForCompletion(Patience.LIMIT.toMillis());
    }

    @Override
    public CompletableFuture<?> send(String topic, byte[] payload, int qos, boolean retain) throws Exception {
        MqttMessage message = new MqttMessage(payload);
        message.setQos(qos);
        message.setRetained(retain);
        return send(topic, message);
    }

    CompletableFuture<IMqttToken> send(String topic, MqttMessage message) throws Exception {
        CompletableFuture<IMqttToken> done = new CompletableFuture<>();
        window.acquire();
        done.whenComplete((nothing, failure) -> window.release());
        MqttActionListener listener = new MqttActionListener() {
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
                client.publish(topic, message, null, listener);
                return true;
            } catch (MqttException e) {
                // Paho refuses what it cannot send now; nothing of it is kept.
                boolean later = e.getReasonCode() == MqttClientException.REASON_CODE_CLIENT_NOT_CONNECTED
                        || e.getReasonCode() == MqttClientException.REASON_CODE_CLIENT_DISCONNECTING
                        || e.getReasonCode() == MqttClientException.REASON_CODE_MAX_INFLIGHT;
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
