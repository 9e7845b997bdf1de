// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangesOnlyTest {
    private final ChangesOnly changes = new ChangesOnly(List.of(TopicFilter.of("sensors/#"), TopicFilter.of("a/+")));

    private boolean passes(String topic, String payload) {
        return passes(topic, payload, false);
    }

    private boolean passes(String topic, String payload, boolean retain) {
        return changes.isChange(new ApplicationMessage(
                TopicName.of(topic),
                payload.getBytes(StandardCharsets.UTF_8),
                QoS.AT_LEAST_ONCE,
                retain,
                Properties.NONE,
                "p",
                ApplicationMessage.NEVER));
    }

    @Test
    void whatSaysTheSameAgainIsHeldBack() {
        assertThat(passes("sensors/1", "20")).isTrue();
        assertThat(passes("sensors/1", "20")).isFalse();
        assertThat(passes("sensors/1", "21")).isTrue();
        assertThat(passes("sensors/1", "20")).isTrue();
    }

    @Test
    void topicsAreComparedWithThemselves() {
        assertThat(passes("sensors/1", "20")).isTrue();
        assertThat(passes("sensors/2", "20")).isTrue();
        assertThat(passes("a/b", "20")).isTrue();
        assertThat(passes("a/b", "20")).isFalse();
    }

    @Test
    void otherTopicsAreNotLookedAt() {
        assertThat(passes("events/1", "door")).isTrue();
        assertThat(passes("events/1", "door")).isTrue();
    }

    @Test
    void whatIsToBeRetainedGoesThroughWhereTheLastWasNot() {
        assertThat(passes("sensors/1", "20", false)).isTrue();
        assertThat(passes("sensors/1", "20", true)).isTrue();
        assertThat(passes("sensors/1", "20", true)).isFalse();
        assertThat(passes("sensors/1", "20", false)).isFalse();
    }

    @Test
    void whatClearsATopicGoesThroughAndNothingIsRemembered() {
        assertThat(passes("sensors/1", "20", true)).isTrue();
        assertThat(passes("sensors/1", "", true)).isTrue();
        assertThat(passes("sensors/1", "", true)).isTrue();
        assertThat(passes("sensors/1", "20", true)).isTrue();
    }

    @Test
    void whatWasRefusedMayBePublishedAgain() {
        assertThat(passes("sensors/1", "20")).isTrue();
        changes.refused();
        assertThat(passes("sensors/1", "20")).isTrue();
        assertThat(passes("sensors/1", "20")).isFalse();
        changes.refused();
        assertThat(passes("sensors/1", "20")).isFalse();
    }

    @Test
    void whoSubscribesHearsTheNextMessageWhateverItSays() {
        assertThat(passes("sensors/1", "20")).isTrue();
        assertThat(passes("sensors/2", "20")).isTrue();
        changes.subscribed(TopicFilter.of("sensors/1"));
        assertThat(passes("sensors/1", "20")).isTrue();
        assertThat(passes("sensors/1", "20")).isFalse();
        assertThat(passes("sensors/2", "20")).isFalse();
        changes.subscribed(TopicFilter.of("$share/panels/sensors/+"));
        assertThat(passes("sensors/1", "20")).isTrue();
        assertThat(passes("sensors/2", "20")).isTrue();
    }

    @Test
    void theTopicThatWasSilentForLongestIsForgotten() {
        for (int i = 0; i <= ChangesOnly.TOPICS_MAX; i++) passes("sensors/" + i, "20");
        assertThat(passes("sensors/" + ChangesOnly.TOPICS_MAX, "20")).isFalse();
        assertThat(passes("sensors/0", "20")).isTrue();
    }

    @Test
    void noMoreBytesAreKeptThanMayBe() {
        String large = "x".repeat((int) (ChangesOnly.BYTES_MAX / 2));
        for (String topic : List.of("sensors/1", "sensors/2"))
            assertThat(passes(topic, large)).isTrue();
        assertThat(passes("sensors/2", large)).isFalse();
        assertThat(passes("sensors/1", large)).isTrue();
    }

    @Test
    void aSharedFilterIsRefused() {
        assertThatThrownBy(() -> new ChangesOnly(List.of(TopicFilter.of("$share/g/a"))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
