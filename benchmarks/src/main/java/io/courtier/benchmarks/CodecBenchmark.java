// SPDX-License-Identifier: Apache-2.0
package io.courtier.benchmarks;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.EncodedPublish;
import io.courtier.protocol.codec.PacketDecoder;
import io.courtier.protocol.codec.PacketEncoder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A PUBLISH of 64 bytes in and out. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class CodecBenchmark {
    private static final int BATCH = 100;

    private final TopicName topic = TopicName.of("plant/line-7/pump/temperature");
    private final byte[] packets = packets();
    private final PacketDecoder decoder = new PacketDecoder(1 << 20, (bytes, offset, length) -> topic);
    private final EncodedPublish layout = new EncodedPublish();
    private final byte[] out = new byte[1 << 16];
    private final ApplicationMessage message = new ApplicationMessage(
            topic, new byte[64], QoS.AT_MOST_ONCE, false, Properties.NONE, null, ApplicationMessage.NEVER);

    public CodecBenchmark() {
        decoder.version(ProtocolVersion.V5);
    }

    private byte[] packets() {
        ByteBuilder all = new ByteBuilder(1 << 14);
        Publish publish = new Publish(false, QoS.AT_MOST_ONCE, false, 0, topic, new byte[64], Properties.NONE);
        for (int i = 0; i < BATCH; i++) PacketEncoder.encode(publish, ProtocolVersion.V5, all);
        return java.util.Arrays.copyOf(all.array(), all.length());
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int decode() {
        int sum = 0;
        decoder.feed(packets, 0, packets.length);
        while (decoder.next() != null) sum += decoder.payload().length;
        return sum;
    }

    @Benchmark
    public int encodeForOneSubscriber() {
        layout.encode(message, true, true, -1);
        layout.patch(false, QoS.AT_LEAST_ONCE, false, 4_711);
        System.arraycopy(layout.array(), 0, out, 0, layout.length());
        return layout.length();
    }
}
