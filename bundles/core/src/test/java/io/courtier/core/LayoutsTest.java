// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import org.junit.jupiter.api.Test;

class LayoutsTest {
    private static long remaining(long interval, long waitedMillis) {
        Properties properties = Properties.builder()
                .set(Property.MESSAGE_EXPIRY_INTERVAL, interval)
                .build();
        long came = 1_700_000_000_000L;
        ApplicationMessage message = new ApplicationMessage(
                TopicName.of("t"),
                new byte[0],
                QoS.AT_MOST_ONCE,
                false,
                properties,
                null,
                PublishFlow.expiresAtMillis(properties, came));
        return Layouts.remainingExpirySeconds(message, came + waitedMillis);
    }

    /** [MQTT-3.3.2-6] */
    @Test
    void theExpiryThatRemainsIsNeverMoreThanWasAsked() {
        assertThat(remaining(10, 0)).isEqualTo(10);
        assertThat(remaining(10, 4_000)).isEqualTo(6);
        assertThat(remaining(10, -60_000)).as("the wall clock was set back").isEqualTo(10);
        assertThat(remaining(0xFFFF_FFFFL, -60_000))
                .as("four bytes hold no more")
                .isEqualTo(0xFFFF_FFFFL);
    }
}
