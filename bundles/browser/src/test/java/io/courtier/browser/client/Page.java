// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.browser.Clock;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A page with a client: what it is told, in order, and time as a number. Where its bytes go is a subclass's. */
abstract class Page implements ClientHost {
    static final class Time implements Clock {
        long nanos = 1_000_000_000L;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long epochMillis() {
            return 1_700_000_000_000L + nanos / 1_000_000;
        }
    }

    /** An answer, when it has come. */
    static final class Answer implements Reply {
        List<ReasonCode> reasons;
        Properties properties;
        Failure failure;
        int times;

        @Override
        public void done(List<ReasonCode> reasons, Properties properties) {
            this.reasons = reasons;
            this.properties = properties;
            times++;
        }

        @Override
        public void failed(Failure failure) {
            this.failure = failure;
            times++;
        }

        boolean isOpen() {
            return times == 0;
        }

        @Override
        public String toString() {
            return times == 0
                    ? "open"
                    : failure == null ? reasons.toString() : failure.kind().toString();
        }
    }

    Time time = new Time();
    ClientOptions options;
    Client client;
    final List<String> events = new ArrayList<>();
    final List<Long> delays = new ArrayList<>();
    final List<Failure> causes = new ArrayList<>();
    final List<Delivery> deliveries = new ArrayList<>();
    final List<String> messages = new ArrayList<>();
    byte[] challenge;
    /** Handlers return at once; else the test says when. */
    boolean handles = true;

    long seed = 7;

    long random() {
        seed = seed * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
        return seed ^ seed >>> 29;
    }

    static ClientOptions options(ProtocolVersion version, boolean clean, long expirySeconds) {
        Properties.Builder properties = Properties.builder();
        if (version == ProtocolVersion.V5 && expirySeconds > 0)
            properties.set(Property.SESSION_EXPIRY_INTERVAL, expirySeconds);
        return new ClientOptions(
                new Connect(version, "page", clean, 60, null, null, null, properties.build()),
                ClientOptions.BackOff.DEFAULT,
                ClientOptions.Bounds.DEFAULT,
                false,
                false);
    }

    void make(ClientOptions with, ClientStore store) {
        options = with;
        client = new Client(with, time, this::random, this, store);
    }

    Answer connect() {
        Answer answer = new Answer();
        client.connect(answer);
        return answer;
    }

    Answer publish(String topic, String payload, QoS qos) {
        return publish(topic, payload, qos, Properties.NONE);
    }

    Answer publish(String topic, String payload, QoS qos, Properties properties) {
        Answer answer = new Answer();
        client.publish(
                new Publication(topic, payload.getBytes(StandardCharsets.UTF_8), qos, false, properties), answer);
        return answer;
    }

    Answer subscribe(String filter, QoS qos) {
        Answer answer = new Answer();
        client.subscribe(List.of(new Subscribe.Request(filter, SubscriptionOptions.of(qos))), Properties.NONE, answer);
        return answer;
    }

    @Override
    public void connected(ConnAck ack) {
        events.add("connected " + ack.sessionPresent());
    }

    @Override
    public void disconnected(Failure cause) {
        events.add("disconnected " + cause.kind());
        causes.add(cause);
    }

    @Override
    public void reconnecting(int attempt, long delayMillis) {
        events.add("reconnecting " + attempt);
        delays.add(delayMillis);
    }

    @Override
    public void message(Delivery delivery) {
        deliveries.add(delivery);
        messages.add(new String(delivery.publish().payload(), StandardCharsets.UTF_8));
        if (handles) delivery.done();
    }

    @Override
    public void auth(ReasonCode reason, String method, byte[] data, Properties properties) {
        events.add("auth " + method);
        challenge = data;
    }

    @Override
    public void subscriptionLost(int subscription, ReasonCode reason) {
        events.add("subscription lost " + reason);
    }

    @Override
    public void trouble(Failure failure) {
        events.add("trouble " + failure.kind());
    }
}
