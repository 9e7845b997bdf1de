// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final Outbox outbox = new Outbox();

    @Test
    void gathersATurnInOneFrame() {
        outbox.append(new byte[] {1, 2, 3}, 0, 3);
        outbox.append(new byte[] {9, 4, 5, 9}, 1, 2);
        outbox.appendShared(new byte[] {6}, 0, 1);
        assertThat(outbox.bytes()).isEqualTo(6);
        assertThat(bytes(outbox.next())).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(outbox.next()).isNull();
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void copiesWhatItIsGivenToCopy() {
        byte[] mine = {1, 2, 3};
        outbox.append(mine, 0, 3);
        mine[0] = 9;
        assertThat(bytes(outbox.next())).containsExactly(1, 2, 3);
    }

    @Test
    void keepsLargeSharedBytesByReference() {
        byte[] shared = new byte[100_000];
        outbox.appendShared(shared, 10, 90_000);
        ByteBuffer frame = outbox.next();
        assertThat(frame.array()).isSameAs(shared);
        assertThat(frame.remaining()).isEqualTo(90_000);
    }

    @Test
    void makesNoFrameLargerThanTheSystemCopiesAtOnce() {
        outbox.appendShared(new byte[1_000_000], 0, 1_000_000);
        outbox.append(new byte[500_000], 0, 500_000);
        long total = 0;
        for (ByteBuffer frame = outbox.next(); frame != null; frame = outbox.next()) {
            assertThat(frame.remaining()).isBetween(1, 128 * 1024);
            total += frame.remaining();
            assertThat(outbox.bytes()).isEqualTo(1_500_000 - total);
        }
        assertThat(total).isEqualTo(1_500_000);
    }

    @Test
    void keepsTheOrderOfWhateverComes() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            Outbox box = new Outbox();
            ByteArrayOutputStream given = new ByteArrayOutputStream();
            ByteArrayOutputStream taken = new ByteArrayOutputStream();
            for (int step = 0; step < 200; step++) {
                byte[] piece = new byte[1 << random.nextInt(19)];
                random.nextBytes(piece);
                int offset = random.nextInt(piece.length);
                int length = random.nextInt(piece.length - offset + 1);
                if (random.nextBoolean()) {
                    box.append(piece, offset, length);
                } else {
                    box.appendShared(piece, offset, length);
                }
                given.write(piece, offset, length);
                while (random.nextInt(3) == 0) {
                    ByteBuffer frame = box.next();
                    if (frame == null) {
                        break;
                    }
                    taken.writeBytes(bytes(frame));
                }
            }
            for (ByteBuffer frame = box.next(); frame != null; frame = box.next()) {
                taken.writeBytes(bytes(frame));
            }
            assertThat(taken.toByteArray()).as("seed " + seed).isEqualTo(given.toByteArray());
            assertThat(box.bytes()).isZero();
        }
    }

    @Test
    void forgetsWhatItDiscards() {
        outbox.append(new byte[10], 0, 10);
        outbox.appendShared(new byte[100_000], 0, 100_000);
        outbox.discard();
        assertThat(outbox.bytes()).isZero();
        assertThat(outbox.next()).isNull();
    }

    private static byte[] bytes(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }
}
