// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InboxTest {
    private final Inbox inbox = new Inbox();

    @Test
    void joinsWhatIsPut() {
        inbox.put(ByteBuffer.wrap(new byte[] {1, 2}));
        inbox.put(ByteBuffer.wrap(new byte[] {9, 3, 9}, 1, 1));
        assertThat(inbox.length()).isEqualTo(3);
        assertThat(Arrays.copyOf(inbox.take(), 3)).containsExactly(1, 2, 3);
        assertThat(inbox.length()).isZero();
        assertThat(inbox.take()).isNull();
    }

    @Test
    void leavesWhatWasTakenAlone() {
        inbox.put(ByteBuffer.wrap(new byte[] {1}));
        byte[] taken = inbox.take();
        inbox.put(ByteBuffer.wrap(new byte[] {2}));
        assertThat(taken[0]).isEqualTo((byte) 1);
    }

    @Test
    void isFullFromItsLimitOnAndTakesWhatComesAllTheSame() {
        inbox.put(ByteBuffer.allocate(Inbox.BYTES_MAX - 1));
        assertThat(inbox.isFull()).isFalse();
        inbox.put(ByteBuffer.allocate(60_000));
        assertThat(inbox.isFull()).isTrue();
        assertThat(inbox.length()).isEqualTo(Inbox.BYTES_MAX - 1 + 60_000);
        inbox.take();
        assertThat(inbox.isFull()).isFalse();
    }

    @Test
    void keepsTheOrderOfWhateverComes() {
        Random random = new Random(1);
        ByteArrayOutputStream given = new ByteArrayOutputStream();
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        for (int step = 0; step < 3000; step++) {
            byte[] piece = new byte[random.nextInt(1 << random.nextInt(1, 16))];
            random.nextBytes(piece);
            given.writeBytes(piece);
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(piece.length).put(piece).flip();
            inbox.put(direct);
            if (inbox.isFull() || random.nextInt(20) == 0) {
                int length = inbox.length();
                byte[] bytes = inbox.take();
                taken.write(bytes, 0, length);
            }
        }
        int length = inbox.length();
        byte[] rest = inbox.take();
        taken.write(rest == null ? new byte[0] : rest, 0, length);
        assertThat(taken.toByteArray()).isEqualTo(given.toByteArray());
    }
}
