// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long TICK = 1L << 26;

    private final TimerWheel wheel = new TimerWheel(5 * SECOND);
    private final List<String> fired = new ArrayList<>();

    private Timer timer(String name) {
        return new Timer(() -> fired.add(name));
    }

    @Test
    void firesAfterTheDeadlineAndNoMoreThanATickLate() {
        wheel.set(timer("a"), 6 * SECOND);
        wheel.advance(6 * SECOND - 1);
        assertThat(fired).isEmpty();
        wheel.advance(6 * SECOND + TICK);
        assertThat(fired).containsExactly("a");
        wheel.advance(60 * SECOND);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void firesALongDeadlineThatPassesThroughItsSlotManyTimes() {
        wheel.set(timer("far"), 1_000_005 * SECOND);
        for (long s = 6; s < 1_000; s++) wheel.advance(s * SECOND);
        assertThat(fired).isEmpty();
        wheel.advance(1_000_006 * SECOND);
        assertThat(fired).containsExactly("far");
    }

    @Test
    void firesWhatIsPastAtTheNextTick() {
        wheel.set(timer("past"), 1 * SECOND);
        wheel.advance(5 * SECOND + TICK);
        assertThat(fired).containsExactly("past");
    }

    @Test
    void aCancelledOrResetTimerDoesNotFireAtItsOldTime() {
        Timer cancelled = timer("cancelled");
        Timer reset = timer("reset");
        wheel.set(cancelled, 6 * SECOND);
        wheel.set(reset, 6 * SECOND);
        wheel.cancel(cancelled);
        wheel.set(reset, 8 * SECOND);
        wheel.advance(7 * SECOND);
        assertThat(fired).isEmpty();
        wheel.advance(9 * SECOND);
        assertThat(fired).containsExactly("reset");
        assertThat(wheel.count()).isZero();
    }

    @Test
    void aTimerMaySetAndCancelOthersOfItsSlotWhileItFires() {
        Timer victim = timer("victim");
        Timer[] again = new Timer[1];
        again[0] = new Timer(() -> {
            fired.add("again");
            wheel.cancel(victim);
            if (fired.size() < 3) wheel.set(again[0], 6 * SECOND);
        });
        wheel.set(victim, 6 * SECOND);
        wheel.set(again[0], 6 * SECOND);
        for (int i = 0; i < 10; i++) wheel.advance(7 * SECOND + i * TICK);
        assertThat(fired).containsExactly("again", "again", "again");
    }

    @Test
    void oneThatBreaksKeepsNoOtherFromItsTime() {
        wheel.set(
                new Timer(() -> {
                    throw new IllegalStateException("a bug");
                }),
                6 * SECOND);
        wheel.set(timer("same slot"), 6 * SECOND);
        wheel.set(timer("later slot"), 7 * SECOND);
        assertThatThrownBy(() -> wheel.advance(8 * SECOND)).hasMessage("a bug");
        assertThat(fired).containsExactlyInAnyOrder("same slot", "later slot");
    }

    @Test
    void agreesWithANaiveListOverRandomTimes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long now = 5 * SECOND;
        long[] deadlines = new long[200];
        boolean[] done = new boolean[200];
        for (int i = 0; i < 200; i++) {
            int n = i;
            deadlines[i] = now + (random.nextInt(4) == 0 ? random.nextLong(400 * SECOND) : random.nextLong(3 * SECOND));
            wheel.set(new Timer(() -> done[n] = true), deadlines[i]);
        }
        while (wheel.count() > 0) {
            now += random.nextLong(20) == 0 ? random.nextLong(100 * SECOND) : random.nextLong(SECOND / 3);
            wheel.advance(now);
            for (int i = 0; i < 200; i++) {
                if (now < deadlines[i])
                    assertThat(done[i]).as("too early, seed %d", seed).isFalse();
                if (now >= deadlines[i] + 2 * TICK)
                    assertThat(done[i]).as("too late, seed %d", seed).isTrue();
            }
        }
    }
}
