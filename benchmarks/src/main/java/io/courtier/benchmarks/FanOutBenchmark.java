// SPDX-License-Identifier: Apache-2.0
package io.courtier.benchmarks;

import io.courtier.conformance.Client;
import io.courtier.conformance.MemoryDoor;
import io.courtier.core.Limits;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.PacketEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One message through the whole core, in memory, to its subscribers: what is left when no socket is involved. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class FanOutBenchmark {
    @Param({"1", "200"})
    int subscribers;

    /** Topics in turn: 100,000 do not fit into the cache, so every message walks the trees. */
    @Param({"1", "100000"})
    int topics;

    private Client publisher;
    private final List<Client> clients = new ArrayList<>();
    private byte[][] packets;
    private int next;

    @Setup
    public void connect() {
        MemoryDoor door = new MemoryDoor(1, Limits.DEFAULT);
        publisher = new Client(door, ProtocolVersion.V3_1_1);
        publisher.connect("publisher", true);
        for (int i = 0; i < subscribers; i++) {
            Client client = new Client(door, ProtocolVersion.V3_1_1);
            client.connect("s" + i, true);
            client.subscribe("plant/+/temperature", QoS.AT_MOST_ONCE);
            clients.add(client);
        }
        packets = new byte[topics][];
        for (int i = 0; i < topics; i++) {
            ByteBuilder out = new ByteBuilder(128);
            TopicName topic = TopicName.of("plant/" + i + "/temperature");
            PacketEncoder.encode(
                    new Publish(false, QoS.AT_MOST_ONCE, false, 0, topic, new byte[64], Properties.NONE),
                    ProtocolVersion.V3_1_1,
                    out);
            packets[i] = java.util.Arrays.copyOf(out.array(), out.length());
        }
    }

    @Benchmark
    public int publish() {
        publisher.wire().send(packets[next]);
        next = next + 1 == topics ? 0 : next + 1;
        int arrived = 0;
        for (Client client : clients) arrived += client.wire().receive().length;
        return arrived;
    }
}
