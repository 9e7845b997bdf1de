// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.PacketType;
import io.courtier.protocol.ProtocolVersion;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever comes is a packet, the beginning of one, or refused; never anything else, and never for much memory. */
class DecoderFuzzTest {
    private static final int ROUNDS = 60_000;
    private static final int BYTES_PER_ROUND_MAX = 32 * 1024;

    /** Another run with -Dcourtier.seed=N. */
    private final long seed = Long.getLong("courtier.seed", System.nanoTime());

    private final Random random = new Random(seed);

    DecoderFuzzTest() {
        System.out.println("DecoderFuzzTest: -Dcourtier.seed=" + seed);
    }

    @Test
    void takesRandomBytes() {
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[1 + random.nextInt(60)];
            random.nextBytes(bytes);
            // Else most would be refused for their Remaining Length.
            if (bytes.length > 1 && random.nextInt(4) > 0) bytes[1] = (byte) (bytes.length - 2);
            survive(bytes);
        }
    }

    @Test
    void takesVectorsWithAFewBytesChanged() {
        List<byte[]> vectors = new ArrayList<>();
        for (Vector vector : Vector.all()) if (vector.bytes().length < 500) vectors.add(vector.bytes());
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = vectors.get(random.nextInt(vectors.size())).clone();
            for (int changes = random.nextInt(4); changes >= 0 && bytes.length > 0; changes--) {
                int at = random.nextInt(bytes.length);
                switch (random.nextInt(5)) {
                    case 0 -> bytes[at] = (byte) random.nextInt();
                    case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                    case 2 -> bytes[at] += (byte) (random.nextBoolean() ? 1 : -1);
                    case 3 -> bytes = Arrays.copyOf(bytes, at);
                    default -> {
                        byte[] other = vectors.get(random.nextInt(vectors.size()));
                        int length = bytes.length;
                        bytes = Arrays.copyOf(bytes, length + other.length);
                        System.arraycopy(other, 0, bytes, length, other.length);
                    }
                }
            }
            survive(bytes);
        }
    }

    /** Feeds in random pieces twice: with different cuts the same must come out. */
    private void survive(byte[] bytes) {
        ProtocolVersion version = random.nextInt(3) == 0 ? null : ProtocolVersion.values()[random.nextInt(3)];
        int piece = 1 + random.nextInt(8);
        String first;
        String second;
        long cost;
        try {
            first = outcome(bytes, version, bytes.length);
            long before = allocated();
            second = outcome(bytes, version, piece);
            cost = allocated() - before;
            if (cost > bound(bytes)) {
                // The first time may have loaded classes.
                before = allocated();
                outcome(bytes, version, piece);
                cost = allocated() - before;
            }
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    "seed " + seed + ", " + version + ": " + HexFormat.of().formatHex(bytes), e);
        }
        assertThat(second)
                .as(() -> "seed " + seed + ": " + HexFormat.of().formatHex(bytes))
                .isEqualTo(first);
        assertThat(cost)
                .as(() -> "seed " + seed + ": " + HexFormat.of().formatHex(bytes))
                .isLessThan(bound(bytes));
    }

    private static long bound(byte[] bytes) {
        return BYTES_PER_ROUND_MAX + 500L * bytes.length;
    }

    private static String outcome(byte[] bytes, ProtocolVersion version, int piece) {
        PacketDecoder decoder = new PacketDecoder(1 << 20);
        if (version != null) decoder.version(version);
        StringBuilder outcome = new StringBuilder();
        try {
            for (int at = 0; at < bytes.length; at += piece) {
                decoder.feed(bytes, at, Math.min(piece, bytes.length - at));
                for (PacketType type = decoder.next(); type != null; type = decoder.next()) {
                    if (decoder.packet().type() != type) throw new AssertionError(type);
                    outcome.append(type)
                            .append(decoder.size())
                            .append(decoder.reason())
                            .append(decoder.properties());
                    writeAgain(decoder);
                }
            }
        } catch (ProtocolException refused) {
            outcome.append(refused.reason());
        }
        return outcome.toString();
    }

    /** What was let in can be sent. */
    private static void writeAgain(PacketDecoder decoder) {
        ByteBuilder out = new ByteBuilder(64);
        if (!PacketEncoder.encode(decoder.packet(), decoder.version(), out)) throw new AssertionError(decoder.packet());
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}
