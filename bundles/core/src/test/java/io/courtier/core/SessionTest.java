// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import org.junit.jupiter.api.Test;

/** What a session leaves behind, and when. */
class SessionTest {
    /** Ten deliveries in a turn. */
    private static final Limits SMALL_TURNS = new Limits(
            1 << 20,
            10,
            10,
            0,
            0,
            65_535,
            1_000,
            1_000,
            10,
            128,
            1_000,
            1_000_000,
            1_000_000,
            10,
            1_000_000,
            2,
            true,
            true,
            true,
            true,
            100,
            10,
            10,
            65_536,
            1_000_000,
            true,
            "",
            0,
            Limits.QueueFull.DROP_NEWEST,
            FairUse.DEFAULT);

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

    @Test
    void propertiesCountAmongTheBytesOfAQueue() {
        TestHost host = new TestHost(2, SMALL_TURNS);
        Shard shard = host.shards[0];
        new TestClient(shard, "away")
                .connect(0, 100)
                .subscribe("t", QoS.AT_LEAST_ONCE)
                .lost();
        TestClient publisher = new TestClient(shard, "p").connect(0, 0);
        Properties large = Properties.builder()
                .userProperty("name", "v".repeat(60_000))
                .set(Property.CORRELATION_DATA, new byte[60_000])
                .set(Property.CONTENT_TYPE, "c".repeat(60_000))
                .build();
        for (int i = 0; i < 20; i++) {
            publisher.send(new Publish(false, QoS.AT_LEAST_ONCE, false, 1, TopicName.of("t"), new byte[] {'x'}, large));
        }
        assertThat(shard.counters().queuedBytes).isBetween(180_000L, 1_000_000L);
        assertThat(shard.counters().messagesQueued).isEqualTo(5);
    }
}
