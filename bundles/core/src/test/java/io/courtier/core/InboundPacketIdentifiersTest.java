// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InboundPacketIdentifiersTest {
    @Test
    void isASet() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        InboundPacketIdentifiers identifiers = new InboundPacketIdentifiers();
        Set<Integer> model = new HashSet<>();
        for (int step = 0; step < 20_000; step++) {
            // Near each other, so that they collide.
            int identifier = 1 + random.nextInt(random.nextBoolean() ? 64 : 65_535);
            if (random.nextBoolean())
                assertThat(identifiers.add(identifier)).as("seed %d", seed).isEqualTo(model.add(identifier));
            else assertThat(identifiers.remove(identifier)).as("seed %d", seed).isEqualTo(model.remove(identifier));
            assertThat(identifiers.size()).isEqualTo(model.size());
            assertThat(identifiers.contains(identifier)).isEqualTo(model.contains(identifier));
        }
    }

    @Test
    void holdsAllThatExist() {
        InboundPacketIdentifiers identifiers = new InboundPacketIdentifiers();
        for (int i = 1; i <= 65_535; i++) assertThat(identifiers.add(i)).isTrue();
        assertThat(identifiers.size()).isEqualTo(65_535);
        for (int i = 1; i <= 65_535; i++) assertThat(identifiers.remove(i)).isTrue();
        assertThat(identifiers.size()).isZero();
    }
}
