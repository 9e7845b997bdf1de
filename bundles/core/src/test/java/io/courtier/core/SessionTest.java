// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.QoS;
import org.junit.jupiter.api.Test;

/** What a session leaves behind, and when. */
class SessionTest {
    /** Ten deliveries in a turn. */
    private static final Limits SMALL_TURNS = new Limits(
            1 << 20, 10, 10, 0, 0, 65_535, 1_000, 1_000, 10, 128, 1_000, 1_000_000, 1_000_000, 10, 2, true, true, true,
            true, 100, 10, 10, 65_536, true, "");

    @Test
    void oneThatEndsDuringAFanOutKeepsNoQueue() {
        TestHost host = new TestHost(2, SMALL_TURNS);
        Shard shard = host.shards[0];
        for (int i = 0; i < 10; i++)
            new TestClient(shard, "s" + i + "-").connect(0, 0).subscribe("t", QoS.AT_LEAST_ONCE);
        TestClient last = new TestClient(shard, "last").connect(0, 0).subscribe("t", QoS.AT_LEAST_ONCE);
        TestClient publisher = new TestClient(shard, "p").connect(0, 0);
        shard.beginTurn(1, 1);
        publisher.publish("t", "x", QoS.AT_LEAST_ONCE);
        assertThat(shard.isBusy()).isTrue();
        last.lost();
        while (shard.endTurn()) shard.beginTurn(2, 2);
        assertThat(shard.counters().sessions).isEqualTo(11);
        assertThat(shard.counters().messagesQueued).isZero();
        assertThat(shard.counters().queuedBytes).isZero();
    }
}
