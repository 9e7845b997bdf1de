// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

import io.courtier.browser.Clock;
import io.courtier.browser.client.Client;
import io.courtier.browser.client.ClientHost;
import io.courtier.browser.client.ClientOptions;
import io.courtier.browser.client.Delivery;
import io.courtier.browser.client.Failure;
import io.courtier.browser.client.Publication;
import io.courtier.browser.client.Reply;
import io.courtier.core.RandomSource;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.UserProperty;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages between two brokers. What one side sends is acknowledged when the other has it, so what cannot be carried
 * waits in the session that the bridge has there, within that broker's limits, and outlives the bridge.
 *
 * <p>No message goes round. A bridge asks for none of its own (No Local) and writes its identity into what it carries; what
 * has it already passed. A server before MQTT 5 knows neither: what it sends back is recognised by topic and payload.
 */
public final class Bridge {
    /** The name of the user property that says which bridges a message passed. */
    public static final String PASSED = "courtier-bridge";

    /** A message that passed as many bridges goes no further. */
    private static final int PASSED_MAX = 16;

    private static final int FINGERPRINTS_MAX = 10_000;

    private final BridgeOptions options;
    private final Clock clock;
    private final BridgeHost host;
    private final End local;
    private final End remote;
    private final boolean remoteHasProperties;
    private final Echoes echoes = new Echoes();
    private final Fingerprints carried;
    private final List<TopicFilter> filtersIn = new ArrayList<>();
    private long in;
    private long out;
    private long dropped;
    private long loops;

    public Bridge(BridgeOptions options, Clock clock, RandomSource random, BridgeHost host) {
        this.options = options;
        this.clock = clock;
        this.host = host;
        ClientOptions far = options.remote();
        remoteHasProperties = far.connect().version().hasProperties();
        carried = new Fingerprints(FINGERPRINTS_MAX, options.fingerprintSeconds() * 1_000_000_000L);
        local = new End(Side.LOCAL);
        remote = new End(Side.REMOTE);
        local.has(new Client(near(options), clock, random, local, null));
        remote.has(new Client(
                new ClientOptions(far.connect(), far.backOff(), far.bounds(), true, false),
                clock,
                random,
                remote,
                null));
        for (Mapping each : options.mappings()) {
            if (each.carries(Side.REMOTE)) filtersIn.add(TopicFilter.of(each.filter(Side.REMOTE)));
        }
    }

    private static ClientOptions near(BridgeOptions options) {
        Properties properties = Properties.builder()
                .set(Property.SESSION_EXPIRY_INTERVAL, options.backlogSeconds())
                .build();
        return new ClientOptions(
                new Connect(ProtocolVersion.V5, "bridge-" + options.name(), false, 0, null, null, null, properties),
                new ClientOptions.BackOff(true, 100, 2_000, 2, 0, 0, 1_000),
                ClientOptions.Bounds.DEFAULT,
                true,
                false);
    }

    // ---- what the page does

    /** Connects both sides. */
    public void start() {
        local.start();
        remote.start();
    }

    /** Disconnects. Both sides keep what is to be carried, for the bridge of this name that comes next. For good. */
    public void stop() {
        local.stop(Properties.NONE);
        remote.stop(Properties.NONE);
    }

    /** The same, and nothing is kept. */
    public void remove() {
        Properties over =
                Properties.builder().set(Property.SESSION_EXPIRY_INTERVAL, 0).build();
        local.stop(over);
        remote.stop(remoteHasProperties ? over : Properties.NONE);
    }

    public void tick() {
        local.client().tick();
        remote.client().tick();
    }

    /** The client of a side, for the page to tell what its transport does, and whether there is a network. */
    public Client client(Side side) {
        return end(side).client();
    }

    private End end(Side side) {
        return side == Side.LOCAL ? local : remote;
    }

    // ---- what can be asked

    public String name() {
        return options.name();
    }

    /** Messages that came here. */
    public long in() {
        return in;
    }

    public long out() {
        return out;
    }

    /** Messages that the other side could not be given: refused, too large, or QoS 0 while it was away. */
    public long dropped() {
        return dropped;
    }

    /** Messages that had come round. */
    public long loops() {
        return loops;
    }

    // ---- carrying

    private void carry(Delivery delivery, Side from, Map<Integer, Mapping> subscriptions) {
        Publish publish = delivery.publish();
        Receipt receipt = new Receipt(delivery);
        Set<String> targets = new HashSet<>();
        for (int each : delivery.subscriptions()) {
            Mapping mapping = subscriptions.get(each);
            if (mapping == null) continue;
            String rest = mapping.rest(publish.topic().toString(), from);
            String topic = rest == null ? null : mapping.topic(rest, from.other());
            if (rest == null || topic == null) dropped++;
            else if (targets.add(topic)) carry(publish, rest, topic, mapping, from, receipt);
        }
        receipt.release();
    }

    private void carry(Publish publish, String rest, String topic, Mapping mapping, Side from, Receipt receipt) {
        if (cameRound(publish, rest, from)) {
            loops++;
            return;
        }
        if (options.fingerprintSeconds() > 0) carried.add(rest, publish.payload(), clock.nanos());
        boolean echoed = from == Side.LOCAL && !remoteHasProperties && comesBack(topic);
        if (echoed) echoes.sending(topic, publish.payload());
        receipt.hold();
        QoS qos = QoS.min(publish.qos(), mapping.qos());
        Publication publication = new Publication(topic, publish.payload(), qos, publish.retain(), marked(publish));
        end(from.other()).lane().carry(publication, new Lane.Outcome() {
            @Override
            public void carried() {
                if (from == Side.LOCAL) out++;
                else in++;
                if (echoed) echoes.sent(topic, publish.payload(), clock.nanos());
                receipt.release();
            }

            @Override
            public void dropped() {
                dropped++;
                if (echoed) echoes.notSent(topic, publish.payload());
                receipt.release();
            }
        });
    }

    private boolean cameRound(Publish publish, String rest, Side from) {
        int passed = 0;
        for (UserProperty each : publish.properties().userProperties()) {
            if (!each.name().equals(PASSED)) continue;
            if (each.value().equals(options.identity()) || ++passed >= PASSED_MAX) return true;
        }
        long now = clock.nanos();
        if (from == Side.REMOTE
                && !remoteHasProperties
                && echoes.take(publish.topic().toString(), publish.payload(), now)) return true;
        return options.fingerprintSeconds() > 0 && carried.has(rest, publish.payload(), now);
    }

    private boolean comesBack(String topic) {
        TopicName name = TopicName.of(topic);
        for (TopicFilter each : filtersIn) if (each.matches(name)) return true;
        return false;
    }

    private Properties marked(Publish publish) {
        return publish.properties().toBuilder()
                .without(Property.SUBSCRIPTION_IDENTIFIER)
                .userProperty(PASSED, options.identity())
                .build();
    }

    /** Acknowledges a message when all that it was carried as is done. */
    private static final class Receipt {
        private final Delivery delivery;
        private int open = 1;

        Receipt(Delivery delivery) {
            this.delivery = delivery;
        }

        void hold() {
            open++;
        }

        void release() {
            if (--open == 0) delivery.done();
        }
    }

    /** One side: its client, and what came of the mappings. */
    private final class End implements ClientHost {
        private final Side side;
        private final Map<Integer, Mapping> subscriptions = new HashMap<>();
        private @Nullable Client client;
        private @Nullable Lane lane;

        End(Side side) {
            this.side = side;
        }

        /** Once: it tells this end what happens. */
        void has(Client made) {
            client = made;
            lane = new Lane(made);
        }

        Client client() {
            if (client == null) throw new IllegalStateException("made by the constructor");
            return client;
        }

        Lane lane() {
            if (lane == null) throw new IllegalStateException("made by the constructor");
            return lane;
        }

        void start() {
            for (Mapping each : options.mappings()) {
                if (!each.carries(side)) continue;
                // Retained messages as such, and not again where the session has the subscription.
                SubscriptionOptions wanted =
                        new SubscriptionOptions(each.qos(), true, true, RetainHandling.SEND_IF_NEW);
                int number = client().subscribe(
                                List.of(new Subscribe.Request(each.filter(side), wanted)),
                                Properties.NONE,
                                new Reply() {
                                    @Override
                                    public void done(List<ReasonCode> reasons, Properties properties) {}

                                    @Override
                                    public void failed(Failure failure) {
                                        if (failure.kind() != Failure.Kind.ENDED) host.trouble(side, failure);
                                    }
                                });
                subscriptions.put(number, each);
            }
            client().connect(Reply.NONE);
        }

        void stop(Properties properties) {
            client().disconnect(ReasonCode.SUCCESS, properties, Reply.NONE);
            client().end();
        }

        @Override
        public void open(int connection) {
            host.open(side, connection);
        }

        @Override
        public void send(int connection, byte[] bytes) {
            host.send(side, connection, bytes);
        }

        @Override
        public void close(int connection) {
            host.close(side, connection);
        }

        @Override
        public void connected(ConnAck ack) {
            host.status(side, client().state(), null);
        }

        @Override
        public void disconnected(Failure cause) {
            host.status(side, client().state(), cause);
        }

        @Override
        public void reconnecting(int attempt, long delayMillis) {
            // The status said it.
        }

        @Override
        public void message(Delivery delivery) {
            carry(delivery, side, subscriptions);
        }

        @Override
        public void auth(ReasonCode reason, @Nullable String method, byte @Nullable [] data, Properties properties) {
            host.trouble(
                    side, new Failure(Failure.Kind.INVALID, reason, "a bridge knows no answer to AUTH", properties));
        }

        @Override
        public void subscriptionLost(int subscription, ReasonCode reason) {
            Mapping mapping = subscriptions.remove(subscription);
            String filter = mapping == null ? "" : mapping.filter(side);
            host.trouble(
                    side, new Failure(Failure.Kind.REFUSED, reason, filter + ": " + reason.text(), Properties.NONE));
        }

        @Override
        public void trouble(Failure failure) {
            host.trouble(side, failure);
        }
    }
}
