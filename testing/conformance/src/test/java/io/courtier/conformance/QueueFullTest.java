// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V3_1_1;
import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.core.Limits.QueueFull;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of messages for a client that is away, when there are more than may wait, or they wait too long. */
public class QueueFullTest extends Scenarios {
    private Client publisher;

    @BeforeEach
    void onlyInMemory() {
        Assumptions.assumeFalse(through.isShared(), "the core's own law, and a listener for each would take long");
    }

    private void begin(QueueFull then) {
        door(LimitsOf.with(Map.of("queueMessagesMax", 4, "queueFull", then)));
        Client away = lasting("away", true);
        away.subscribe(topic("t"), QoS.AT_LEAST_ONCE);
        away.disconnect();
        publisher = connected("publisher");
    }

    private ReasonCode publish(int number) {
        return publisher.publishAndWait(topic("t"), "" + number, QoS.AT_LEAST_ONCE, false);
    }

    private List<String> fetched() {
        Client back = lasting("away", false);
        List<String> payloads = new ArrayList<>();
        back.drain().forEach(packet -> {
            io.courtier.protocol.Publish publish = (io.courtier.protocol.Publish) packet;
            payloads.add(Client.payload(publish));
            back.answer(publish);
        });
        return payloads;
    }

    @Test
    void dropsTheNewest() {
        begin(QueueFull.DROP_NEWEST);
        for (int i = 1; i <= 6; i++) assertThat(publish(i)).isEqualTo(ReasonCode.SUCCESS);
        assertThat(fetched()).containsExactly("1", "2", "3", "4");
    }

    @Test
    void dropsTheOldest() {
        begin(QueueFull.DROP_OLDEST);
        for (int i = 1; i <= 6; i++) assertThat(publish(i)).isEqualTo(ReasonCode.SUCCESS);
        assertThat(fetched()).containsExactly("3", "4", "5", "6");
    }

    @Test
    void refusesPublishersUntilHalfIsGone() {
        begin(QueueFull.REFUSE);
        for (int i = 1; i <= 5; i++) assertThat(publish(i)).isEqualTo(ReasonCode.SUCCESS);
        assertThat(publish(6)).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(publisher.publishAndWait(topic("other"), "x", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(fetched()).containsExactly("1", "2", "3", "4", "5");
        assertThat(publish(7)).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void aRefusedPublisherBeforeMqtt5IsDisconnected() {
        begin(QueueFull.REFUSE);
        for (int i = 1; i <= 5; i++) publish(i);
        Client old = connected(V3_1_1, "old");
        old.publish(topic("t"), "6", QoS.AT_LEAST_ONCE);
        old.expectDisconnected(ReasonCode.QUOTA_EXCEEDED);
    }

    @Test
    void aSessionThatEndsRefusesNobody() {
        begin(QueueFull.REFUSE);
        for (int i = 1; i <= 5; i++) publish(i);
        connected(V5, "away");
        assertThat(publish(6)).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
    }

    @Test
    void whatWaitsTooLongIsGone() {
        door(LimitsOf.with(Map.of("messageSecondsMax", 60L)));
        doorOfTime();
        Client away = lasting("away", true);
        away.subscribe(topic("t"), QoS.AT_LEAST_ONCE);
        away.disconnect();
        publisher = connected("publisher");
        publish(1);
        publisher.publishAndWait(topic("kept"), "retained", QoS.AT_LEAST_ONCE, true);
        door().advance(Duration.ofSeconds(40));
        publish(2);
        door().advance(Duration.ofSeconds(30));
        assertThat(fetched()).containsExactly("2");
        Client late = connected("late");
        late.subscribe(topic("kept"), QoS.AT_MOST_ONCE);
        assertThat(late.expectPayload()).isEqualTo("retained");
    }
}
