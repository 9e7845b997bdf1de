// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketEncoder;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.OutboundBytes;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a message costs the garbage collector from its bytes to its subscriber's: itself, its payload, and nothing else. */
class AllocationTest {
    private static final int PAYLOAD = 64;
    /** An ApplicationMessage is 40 bytes, an array of 64 is 80; some bytes more, should a JVM lay objects out otherwise. */
    private static final int BYTES_PER_MESSAGE_MAX = 136;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Takes everything and keeps nothing. */
    private static final class Sink implements OutboundBytes {
        int written;

        @Override
        public boolean write(byte[] bytes, int offset, int length) {
            written += length;
            return true;
        }

        @Override
        public boolean writeShared(byte[] bytes, int offset, int length) {
            return write(bytes, offset, length);
        }

        @Override
        public void flush() {}

        @Override
        public void readable(boolean wanted) {}

        @Override
        public void moveTo(EventLoop home, Runnable arrived) {}

        @Override
        public void close(CloseCause cause) {}
    }

    private final TestHost host = new TestHost(1, Limits.DEFAULT);
    private final Sink subscriberSink = new Sink();
    private final NetworkConnection subscriber = connect("s", subscriberSink);
    private final NetworkConnection publisher = connect("p", new Sink());

    private NetworkConnection connect(String name, Sink sink) {
        NetworkConnection connection =
                host.shards[0].accept(new ConnectionInfo("t", "tcp", "127.0.0.1", 1, true, null), sink);
        receive(
                connection,
                encoded(new Connect(ProtocolVersion.V3_1_1, name, true, 0, null, null, null, Properties.NONE)));
        return connection;
    }

    private static byte[] encoded(ControlPacket... packets) {
        ByteBuilder out = new ByteBuilder(64);
        for (ControlPacket packet : packets) PacketEncoder.encode(packet, ProtocolVersion.V3_1_1, out);
        byte[] exact = new byte[out.length()];
        System.arraycopy(out.array(), 0, exact, 0, exact.length);
        return exact;
    }

    private static void receive(NetworkConnection connection, byte[] bytes) {
        connection.received(bytes, 0, bytes.length);
    }

    private double bytesPerMessage(QoS qos, int messages) {
        receive(
                subscriber,
                encoded(new Subscribe(
                        1, List.of(new Subscribe.Request("a/b", SubscriptionOptions.of(qos))), Properties.NONE)));
        int turns = messages / 100;
        byte[][] published = new byte[100][];
        byte[][] answered = new byte[100][];
        for (int i = 0; i < 100; i++) {
            published[i] = encoded(new Publish(
                    false,
                    qos,
                    false,
                    qos == QoS.AT_MOST_ONCE ? 0 : i + 1,
                    TopicName.of("a/b"),
                    new byte[PAYLOAD],
                    Properties.NONE));
        }
        int identifier = 0;
        long allocated = 0;
        for (int turn = -20; turn < turns; turn++) {
            if (qos == QoS.AT_LEAST_ONCE) {
                for (int i = 0; i < 100; i++) {
                    identifier = identifier % 65_535 + 1;
                    answered[i] = encoded(new PubAck(identifier, ReasonCode.SUCCESS, Properties.NONE));
                }
            }
            // What the test itself makes, the answers, does not count.
            long start = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (int i = 0; i < 100; i++) receive(publisher, published[i]);
            if (qos == QoS.AT_LEAST_ONCE) for (int i = 0; i < 100; i++) receive(subscriber, answered[i]);
            host.shards[0].endTurn();
            allocated += turn < 0
                    ? 0
                    : THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - start;
        }
        return (double) allocated / (turns * 100);
    }

    @Test
    void aQoS0MessageIsItselfAndItsPayload() {
        assertThat(bytesPerMessage(QoS.AT_MOST_ONCE, 20_000)).isLessThan(BYTES_PER_MESSAGE_MAX);
        assertThat(subscriberSink.written).isGreaterThan(20_000 * PAYLOAD);
    }

    @Test
    void aQoS1MessageToo() {
        assertThat(bytesPerMessage(QoS.AT_LEAST_ONCE, 20_000)).isLessThan(BYTES_PER_MESSAGE_MAX);
        assertThat(subscriberSink.written).isGreaterThan(20_000 * PAYLOAD);
    }
}
