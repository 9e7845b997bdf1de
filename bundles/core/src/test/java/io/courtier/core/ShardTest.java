// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.OutboundBytes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a shard promises its host: one flush per turn and connection, one batch per turn and shard, bounded turns. */
class ShardTest {
    private static final class Pipe implements OutboundBytes {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int flushes;
        boolean readable = true;
        boolean closed;

        @Override
        public boolean write(byte[] data, int offset, int length) {
            bytes.write(data, offset, length);
            return true;
        }

        @Override
        public boolean writeShared(byte[] data, int offset, int length) {
            return write(data, offset, length);
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public void readable(boolean wanted) {
            readable = wanted;
        }

        @Override
        public void moveTo(EventLoop home, Runnable arrived) {
            throw new AssertionError("moved by Peers");
        }

        @Override
        public void close(CloseCause cause) {
            closed = true;
        }

        List<String> payloads() {
            List<String> found = new ArrayList<>();
            PacketDecoder decoder = new PacketDecoder(1 << 20);
            decoder.version(ProtocolVersion.V3_1_1);
            byte[] all = bytes.toByteArray();
            decoder.feed(all, 0, all.length);
            PacketType type;
            while ((type = decoder.next()) != null) {
                if (type == PacketType.PUBLISH) {
                    found.add(new String(decoder.payload(), java.nio.charset.StandardCharsets.UTF_8));
                }
            }
            return found;
        }
    }

    private final TestHost host;

    ShardTest() {
        host = new TestHost(2, Limits.DEFAULT);
    }

    private static byte[] bytes(ControlPacket... packets) {
        ByteBuilder out = new ByteBuilder(64);
        for (ControlPacket packet : packets) PacketEncoder.encode(packet, ProtocolVersion.V3_1_1, out);
        byte[] exact = new byte[out.length()];
        System.arraycopy(out.array(), 0, exact, 0, exact.length);
        return exact;
    }

    /** A client whose home is this shard. */
    private static String at(int shard, String name) {
        for (int i = 0; ; i++) {
            String candidate = name + i;
            if (Shard.homeOf(candidate, 2) == shard) return candidate;
        }
    }

    private NetworkConnection connect(TestHost on, int shard, String name, Pipe pipe, String... filters) {
        NetworkConnection connection =
                on.shards[shard].accept(new ConnectionInfo("t", "tcp", "127.0.0.1", 1, true, null), pipe);
        receive(
                connection,
                bytes(new Connect(
                        ProtocolVersion.V3_1_1, at(shard, name), true, 0, null, null, null, Properties.NONE)));
        for (String filter : filters) {
            receive(
                    connection,
                    bytes(new Subscribe(
                            1,
                            List.of(new Subscribe.Request(filter, SubscriptionOptions.of(QoS.AT_MOST_ONCE))),
                            Properties.NONE)));
        }
        on.shards[shard].endTurn();
        return connection;
    }

    private static void receive(NetworkConnection connection, byte[] bytes) {
        connection.received(bytes, 0, bytes.length);
    }

    private static Publish publish(String topic, String payload) {
        return new Publish(
                false,
                QoS.AT_MOST_ONCE,
                false,
                0,
                TopicName.of(topic),
                payload.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                Properties.NONE);
    }

    @Test
    void flushesEachConnectionOnceAndPostsOneBatchInATurn() {
        Pipe subscriber = new Pipe();
        connect(host, 0, "s", subscriber, "t");
        connect(host, 1, "far", new Pipe(), "t");
        NetworkConnection publisher = connect(host, 0, "p", new Pipe());
        int before = subscriber.flushes;
        host.shards[0].beginTurn(1, 1);
        for (int i = 0; i < 50; i++) receive(publisher, bytes(publish("t", "" + i)));
        assertThat(host.mail).isEmpty();
        host.shards[0].endTurn();
        assertThat(subscriber.flushes - before).isEqualTo(1);
        assertThat(host.mail).hasSize(1);
        assertThat(subscriber.payloads()).hasSize(50);
    }

    @Test
    void aLongFanOutTakesSeveralTurnsAndNothingOvertakesIt() {
        Limits small = new Limits(
                1 << 20,
                10,
                10,
                0,
                0,
                65_535,
                10,
                1_000,
                10,
                10,
                10,
                1_000_000,
                1_000_000,
                10,
                1_000_000,
                2,
                true,
                true,
                true,
                true,
                100,
                10,
                10,
                65_536,
                1_000_000,
                true,
                "",
                0,
                Limits.QueueFull.DROP_NEWEST,
                FairUse.DEFAULT);
        TestHost narrow = new TestHost(2, small);
        List<Pipe> pipes = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            Pipe pipe = new Pipe();
            pipes.add(pipe);
            connect(narrow, 0, "s" + i + "-", pipe, "t");
        }
        NetworkConnection publisher = connect(narrow, 0, "p", new Pipe());
        Shard shard = narrow.shards[0];
        shard.beginTurn(1, 1);
        receive(publisher, bytes(publish("t", "first"), publish("t", "second")));
        assertThat(shard.isBusy()).isTrue();
        int turns = 1;
        while (shard.endTurn()) shard.beginTurn(++turns, turns);
        assertThat(shard.isBusy()).isFalse();
        assertThat(turns).isGreaterThan(3);
        for (Pipe pipe : pipes) assertThat(pipe.payloads()).containsExactly("first", "second");
    }

    @Test
    void readsAPublisherNoFurtherWhileTheOtherShardIsCongested() {
        connect(host, 1, "far", new Pipe(), "t");
        Pipe pipe = new Pipe();
        NetworkConnection publisher = connect(host, 0, "p", pipe);
        Shard shard = host.shards[0];
        host.congested = 1L << 1;
        shard.beginTurn(1, 1);
        receive(publisher, bytes(publish("t", "a")));
        shard.endTurn();
        shard.beginTurn(2, 1);
        receive(publisher, bytes(publish("t", "b")));
        shard.endTurn();
        assertThat(pipe.readable).isFalse();
        host.congested = 0;
        shard.roomIn(1);
        assertThat(pipe.readable).isTrue();
        assertThat(host.mail).as("nothing was dropped").hasSize(2);
    }

    @Test
    void aSharedGroupWithoutAMemberThatCanTakeItAsksTheNextShard() {
        host.deliverMail();
        Pipe far = new Pipe();
        connect(host, 1, "far", far, "$share/g/t");
        NetworkConnection leaver = connect(host, 0, "leaver", new Pipe(), "$share/g/t");
        Routes.Match before = host.routes.match(TopicName.of("t"));
        leaver.closed(CloseCause.PEER_CLOSED);
        // A publisher's shard picked shard 0 before it heard that the member is gone.
        host.shards[0].receive(
                new Object[] {
                    new Router.SharedDelivery(
                            new ApplicationMessage(
                                    TopicName.of("t"),
                                    new byte[] {'x'},
                                    QoS.AT_MOST_ONCE,
                                    false,
                                    Properties.NONE,
                                    null,
                                    ApplicationMessage.NEVER),
                            before.groups()[0],
                            0,
                            null)
                },
                1);
        host.shards[0].endTurn();
        host.deliverMail();
        assertThat(far.payloads()).containsExactly("x");
    }

    @Test
    void spreadsClientsOverTheShards() {
        int[] count = new int[8];
        for (int i = 0; i < 8_000; i++) count[Shard.homeOf("sensor-" + i, 8)]++;
        for (int n : count) assertThat(n).isBetween(700, 1_300);
        assertThat(Shard.homeOf("polygenelubricants", 7))
                .as("the hash is Integer.MIN_VALUE")
                .isBetween(0, 6);
    }
}
