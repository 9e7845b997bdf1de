// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

import io.courtier.browser.Clock;
import io.courtier.browser.broker.TabBroker;
import io.courtier.browser.broker.TabPort;
import io.courtier.browser.client.Client;
import io.courtier.browser.client.ClientHost;
import io.courtier.browser.client.ClientOptions;
import io.courtier.browser.client.Delivery;
import io.courtier.browser.client.Failure;
import io.courtier.browser.client.Publication;
import io.courtier.browser.client.Reply;
import io.courtier.core.CoreEvents;
import io.courtier.core.Limits;
import io.courtier.core.Plugins;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Brokers, bridges and people in one thread, with one clock. */
final class Net implements Clock {
    private final ArrayDeque<Runnable> work = new ArrayDeque<>();
    private final List<TabBroker> brokers = new ArrayList<>();
    private final List<Runnable> ticking = new ArrayList<>();
    private long nanos = 1_000_000_000L;
    private long seed = 3;
    /** Pieces that were passed on, of all connections. */
    int pieces;

    private long random() {
        return seed = seed * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long epochMillis() {
        return 1_700_000_000_000L + nanos / 1_000_000;
    }

    void settle() {
        int before = pieces;
        while (!work.isEmpty()) {
            work.remove().run();
            if (pieces - before > 20_000) throw new AssertionError("it goes round for ever");
        }
    }

    void advance(long millis) {
        for (long left = millis; left > 0; left -= 100) {
            nanos += 100_000_000;
            for (TabBroker each : brokers) each.tick();
            for (Runnable each : ticking) each.run();
            settle();
        }
    }

    TabBroker broker() {
        TabBroker[] made = new TabBroker[1];
        made[0] = new TabBroker(
                Limits.DEFAULT,
                new Open(),
                CoreEvents.NONE,
                this::random,
                null,
                this,
                () -> work.add(() -> made[0].turn()));
        brokers.add(made[0]);
        return made[0];
    }

    /** One end of a connection, for a client that is known later. */
    private final class Wire {
        private final Supplier<Client> client;
        private TabPort port;
        private int connection;
        private int generation;

        Wire(Supplier<Client> client) {
            this.client = client;
        }

        void open(int number, TabBroker to) {
            connection = number;
            int now = ++generation;
            if (to == null) {
                work.add(() -> client.get().closed(number, "nobody is there"));
                return;
            }
            port = to.open("net", "", true, new TabPort.Output() {
                @Override
                public void bytes(byte[] bytes) {
                    pass(now, () -> client.get().received(number, bytes));
                }

                @Override
                public void closed() {
                    pass(now, () -> client.get().closed(number, "closed"));
                }
            });
            work.add(() -> client.get().opened(number));
        }

        private void pass(int of, Runnable piece) {
            work.add(() -> {
                if (of != generation) return;
                pieces++;
                piece.run();
            });
        }

        void send(int number, byte[] bytes) {
            TabPort through = port;
            if (number == connection && through != null) pass(generation, () -> through.received(bytes));
        }

        void close(int number) {
            TabPort gone = port;
            if (number == connection && gone != null) pass(generation, gone::lost);
        }

        void cut() {
            generation++;
            TabPort gone = port;
            port = null;
            if (gone == null) return;
            gone.lost();
            client.get().closed(connection, "cut");
        }
    }

    // ---- people

    final class Person implements ClientHost {
        private final TabBroker broker;
        final Client client;
        private final Wire wire = new Wire(this::client);
        final List<String> got = new ArrayList<>();
        final List<Delivery> deliveries = new ArrayList<>();

        Person(TabBroker broker, String name, ProtocolVersion version) {
            this.broker = broker;
            client = new Client(
                    new ClientOptions(
                            new Connect(version, name, true, 0, null, null, null, Properties.NONE),
                            ClientOptions.BackOff.DEFAULT,
                            ClientOptions.Bounds.DEFAULT,
                            false,
                            false),
                    Net.this,
                    Net.this::random,
                    this,
                    null);
            client.connect(Reply.NONE);
            settle();
        }

        private Client client() {
            return client;
        }

        Person hears(String filter) {
            client.subscribe(
                    List.of(new Subscribe.Request(filter, SubscriptionOptions.of(QoS.EXACTLY_ONCE))),
                    Properties.NONE,
                    Reply.NONE);
            settle();
            return this;
        }

        void says(String topic, String text, QoS qos, boolean retain, Properties properties) {
            client.publish(
                    new Publication(topic, text.getBytes(StandardCharsets.UTF_8), qos, retain, properties), Reply.NONE);
            settle();
        }

        void says(String topic, String text) {
            says(topic, text, QoS.AT_LEAST_ONCE, false, Properties.NONE);
        }

        @Override
        public void open(int connection) {
            wire.open(connection, broker);
        }

        @Override
        public void send(int connection, byte[] bytes) {
            wire.send(connection, bytes);
        }

        @Override
        public void close(int connection) {
            wire.close(connection);
        }

        @Override
        public void connected(ConnAck ack) {}

        @Override
        public void disconnected(Failure cause) {}

        @Override
        public void reconnecting(int attempt, long delayMillis) {}

        @Override
        public void message(Delivery delivery) {
            got.add(delivery.publish().topic() + "="
                    + new String(delivery.publish().payload(), StandardCharsets.UTF_8));
            deliveries.add(delivery);
            delivery.done();
        }

        @Override
        public void auth(ReasonCode reason, String method, byte[] data, Properties properties) {}

        @Override
        public void subscriptionLost(int subscription, ReasonCode reason) {}

        @Override
        public void trouble(Failure failure) {}
    }

    Person person(TabBroker broker, String name) {
        return new Person(broker, name, ProtocolVersion.V5);
    }

    // ---- bridges

    final class Span implements BridgeHost {
        private final TabBroker here;
        /** Null: nobody answers. */
        TabBroker there;

        final Bridge bridge;
        private final Wire near;
        private final Wire far;
        final List<String> events = new ArrayList<>();

        Span(TabBroker here, TabBroker there, BridgeOptions options) {
            this.here = here;
            this.there = there;
            bridge = new Bridge(options, Net.this, Net.this::random, this);
            near = new Wire(() -> bridge.client(Side.LOCAL));
            far = new Wire(() -> bridge.client(Side.REMOTE));
            ticking.add(bridge::tick);
            bridge.start();
            settle();
        }

        void cut() {
            far.cut();
            settle();
        }

        /** The tab is gone. */
        void kill() {
            ticking.clear();
            near.generation++;
            far.generation++;
            if (near.port != null) near.port.lost();
            if (far.port != null) far.port.lost();
        }

        private Wire wire(Side side) {
            return side == Side.LOCAL ? near : far;
        }

        @Override
        public void open(Side side, int connection) {
            wire(side).open(connection, side == Side.LOCAL ? here : there);
        }

        @Override
        public void send(Side side, int connection, byte[] bytes) {
            wire(side).send(connection, bytes);
        }

        @Override
        public void close(Side side, int connection) {
            wire(side).close(connection);
        }

        @Override
        public void status(Side side, Client.State state, Failure cause) {
            events.add(side + " " + state);
        }

        @Override
        public void trouble(Side side, Failure failure) {
            events.add(side + " trouble " + failure.text());
        }
    }

    Span bridge(String name, TabBroker here, TabBroker there, ProtocolVersion version, Mapping... mappings) {
        return bridge(name, here, there, version, 0, mappings);
    }

    Span bridge(
            String name,
            TabBroker here,
            TabBroker there,
            ProtocolVersion version,
            long fingerprintSeconds,
            Mapping... mappings) {
        Properties properties = version == ProtocolVersion.V5
                ? Properties.builder()
                        .set(Property.SESSION_EXPIRY_INTERVAL, 1_000)
                        .build()
                : Properties.NONE;
        ClientOptions remote = new ClientOptions(
                new Connect(version, "far-" + name, false, 0, null, null, null, properties),
                ClientOptions.BackOff.DEFAULT,
                ClientOptions.Bounds.DEFAULT,
                false,
                false);
        return new Span(
                here,
                there,
                new BridgeOptions(name, "id-" + name, remote, List.of(mappings), 1_000, fingerprintSeconds));
    }

    private static final class Open implements Plugins {
        @Override
        public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
            answer.accept(new AuthenticationResult.Allow(new Principal(null, Set.of(), "net")));
        }

        @Override
        public EnhancedAuthenticator.Exchange enhanced(String method, AuthenticationRequest request) {
            return null;
        }

        @Override
        public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
            return Permissions.ALL;
        }

        @Override
        public ApplicationMessage intercept(ApplicationMessage message) {
            return message;
        }
    }
}
