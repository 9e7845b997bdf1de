// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ApplicationMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InflightTest {
    private static final ApplicationMessage MESSAGE = Router.NOTHING;

    private final Inflight inflight = new Inflight();

    @Test
    void givesIdentifiersFromOneOn() {
        assertThat(inflight.add(MESSAGE, 1, false, null)).isEqualTo(1);
        assertThat(inflight.add(MESSAGE, 2, false, null)).isEqualTo(2);
        assertThat(inflight.state(1)).isEqualTo(Inflight.AWAITING_PUBACK);
        assertThat(inflight.state(2)).isEqualTo(Inflight.AWAITING_PUBREC);
        assertThat(inflight.state(3)).isEqualTo(Inflight.FREE);
        assertThat(inflight.state(5)).as("another identifier of the same slot").isEqualTo(Inflight.FREE);
    }

    @Test
    void keepsWhatBelongsToAMessage() {
        Matched[] by = new Matched[20];
        for (int i = 0; i < 20; i++) {
            by[i] = i % 2 == 0 ? Matched.of(new int[] {i}, null) : null;
            inflight.add(MESSAGE, 1, i % 3 == 0, by[i]);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(inflight.retain(i + 1)).isEqualTo(i % 3 == 0);
            assertThat(inflight.matched(i + 1)).isSameAs(by[i]);
        }
    }

    @Test
    void holds65535AndThenNoMoreAreAskedFor() {
        for (int i = 1; i <= 65_535; i++)
            assertThat(inflight.add(MESSAGE, 1, false, null)).isEqualTo(i);
        assertThat(inflight.size()).isEqualTo(65_535);
        inflight.remove(777);
        assertThat(inflight.add(MESSAGE, 1, false, null))
                .as("the only one that is free")
                .isEqualTo(777);
        assertThat(inflight.inOrder()).hasSize(65_535).endsWith(777).startsWith(1, 2, 3);
    }

    @Test
    void neverGivesAnIdentifierTwiceAndKeepsTheOrderOfSending() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Integer, Integer> model = new LinkedHashMap<>();
        for (int step = 0; step < 300_000; step++) {
            if (model.size() < 50 && random.nextBoolean()) {
                int identifier = inflight.add(MESSAGE, 1 + random.nextInt(2), false, null);
                assertThat(identifier).as("seed %d", seed).isBetween(1, 65_535);
                assertThat(model.put(identifier, step)).as("seed %d", seed).isNull();
            } else if (!model.isEmpty()) {
                // Some are answered late: the first ones stay for long.
                List<Integer> keys = new ArrayList<>(model.keySet());
                int identifier = keys.get(keys.size() - 1 - random.nextInt(keys.size() > 5 ? keys.size() - 4 : 1));
                inflight.remove(identifier);
                model.remove(identifier);
            }
            if (step % 10_000 == 0) {
                assertThat(inflight.inOrder())
                        .as("seed %d", seed)
                        .containsExactly(
                                model.keySet().stream().mapToInt(i -> i).toArray());
            }
        }
    }
}
