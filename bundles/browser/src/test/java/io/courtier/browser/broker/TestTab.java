// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.browser.Clock;
import io.courtier.core.CoreEvents;
import io.courtier.core.Limits;
import io.courtier.core.Plugins;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A tab in which a broker runs: its clock is a number, and what the broker asks for later is done at once afterwards. */
final class TestTab implements Clock {
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private long nanos = 1_000_000_000L;
    private long seed = 1;
    final TabBroker broker;

    /** @param plugins made with what runs something in a turn */
    TestTab(Function<Consumer<Runnable>, Plugins> plugins) {
        this(Limits.DEFAULT, plugins, null);
    }

    TestTab(Limits limits, Function<Consumer<Runnable>, Plugins> plugins, @Nullable TabHistory history) {
        TabBroker[] made = new TabBroker[1];
        made[0] = new TabBroker(
                limits,
                plugins.apply(task -> made[0].turn(task)),
                CoreEvents.NONE,
                () -> seed = seed * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L,
                null,
                history,
                this,
                () -> later.add(made[0]::turn));
        broker = made[0];
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long epochMillis() {
        return 1_700_000_000_000L + nanos / 1_000_000;
    }

    void advance(Duration by) {
        long end = nanos + by.toNanos();
        while (nanos < end) {
            nanos = Math.min(end, nanos + 100_000_000L);
            broker.tick();
            settle();
        }
    }

    /** Runs one of the turns that the broker asked for, if there is one. */
    void step() {
        Runnable next = later.poll();
        if (next != null) next.run();
    }

    void settle() {
        while (!later.isEmpty()) later.remove().run();
    }

    Client client(String identifier) {
        return new Client(identifier, true);
    }

    Client clientThatHasToSayItsName(String identifier) {
        return new Client(identifier, false);
    }

    /** A client of MQTT 5 that answers nothing by itself. */
    final class Client implements TabPort.Output {
        private final String identifier;
        private final TabPort port;
        private final PacketDecoder decoder = new PacketDecoder(1 << 20);
        private final List<ControlPacket> came = new ArrayList<>();
        boolean closed;

        Client(String identifier, boolean anonymous) {
            this.identifier = identifier;
            decoder.version(ProtocolVersion.V5);
            port = broker.open("page", "", anonymous, this);
        }

        Client connect(@Nullable String user, @Nullable String password) {
            return connect(user, password, Properties.NONE);
        }

        Client connect(@Nullable String user, @Nullable String password, Properties properties) {
            byte[] secret = password == null ? null : password.getBytes(StandardCharsets.UTF_8);
            return send(new Connect(ProtocolVersion.V5, identifier, true, 0, null, user, secret, properties));
        }

        Client connectWithWill(Will will) {
            return send(new Connect(ProtocolVersion.V5, identifier, true, 0, will, null, null, Properties.NONE));
        }

        /** Connects again, to the session that is there. */
        Client resume() {
            return send(new Connect(ProtocolVersion.V5, identifier, false, 0, null, null, null, Properties.NONE));
        }

        /** Is gone without a word. */
        void goes() {
            port.lost();
            settle();
        }

        /** It takes nothing more until it says so. */
        Client stalls() {
            port.credited();
            return this;
        }

        void takes(int bytes) {
            port.consumed(bytes);
            settle();
        }

        Client subscribe(String filter, QoS qos) {
            return subscribe(filter, qos, Properties.NONE);
        }

        Client subscribe(String filter, QoS qos, Properties properties) {
            List<Subscribe.Request> one = List.of(new Subscribe.Request(filter, SubscriptionOptions.of(qos)));
            return send(new Subscribe(1, one, properties));
        }

        Client publish(String topic, String payload, QoS qos) {
            int identifier = qos == QoS.AT_MOST_ONCE ? 0 : 1;
            return send(new Publish(
                    false,
                    qos,
                    false,
                    identifier,
                    TopicName.of(topic),
                    payload.getBytes(StandardCharsets.UTF_8),
                    Properties.NONE));
        }

        Client send(ControlPacket packet) {
            sendInOne(packet);
            settle();
            return this;
        }

        /** In one piece, and without a turn of the broker but the one that may begin with it. */
        void sendInOne(ControlPacket... packets) {
            ByteBuilder bytes = new ByteBuilder(64);
            for (ControlPacket packet : packets) PacketEncoder.encode(packet, ProtocolVersion.V5, bytes);
            port.received(Arrays.copyOf(bytes.array(), bytes.length()));
        }

        /** What came since the last time, which must be one packet of this type. */
        <T extends ControlPacket> T only(Class<T> type) {
            List<ControlPacket> packets = came();
            if (packets.size() != 1 || !type.isInstance(packets.get(0)))
                throw new AssertionError("expected one " + type.getSimpleName() + ", but came " + packets);
            return type.cast(packets.get(0));
        }

        /** What came since the last time. */
        List<ControlPacket> came() {
            settle();
            List<ControlPacket> packets = List.copyOf(came);
            came.clear();
            return packets;
        }

        @Override
        public void bytes(byte[] bytes) {
            decoder.feed(bytes, 0, bytes.length);
            while (decoder.next() != null) came.add(decoder.packet());
        }

        @Override
        public void closed() {
            closed = true;
        }
    }
}
