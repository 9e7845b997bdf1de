// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.QoS;
import org.junit.jupiter.api.Test;

class PeriodTest {
    private static final long SECOND = 1_000_000_000L;

    /** Asked at 10 s, granted at 11 s, left at 20 s, ended at 21 s. */
    private static Period period() {
        Period period = new Period(10 * SECOND);
        period.grantedAt = 11 * SECOND;
        period.leftAt = 20 * SECOND;
        period.endedAt = 21 * SECOND;
        return period;
    }

    private static Message message(long sentSeconds, long acknowledgedSeconds) {
        Message message = new Message(1, 0, 0, QoS.AT_LEAST_ONCE, 0, sentSeconds * SECOND);
        message.acknowledgedAt = acknowledgedSeconds * SECOND;
        return message;
    }

    @Test
    void owesWhatWasSentAfterSubAckAndAcknowledgedBeforeUnsubscribe() {
        assertThat(period().owes(message(12, 15))).isTrue();
    }

    @Test
    void owesNothingThatWasSentBeforeSubAck() {
        assertThat(period().owes(message(10, 15))).isFalse();
    }

    @Test
    void owesNothingThatWasAcknowledgedWhenItWasLeft() {
        assertThat(period().owes(message(12, 20))).isFalse();
    }

    @Test
    void owesNothingWhenItsSessionWasGivenUp() {
        Period period = period();
        period.wiped = true;
        assertThat(period.owes(message(12, 15))).isFalse();
    }

    @Test
    void allowsWhatWasUnderWayWhenItBeganOrEnded() {
        assertThat(period().allows(message(5, 12))).isTrue();
        assertThat(period().allows(message(20, 30))).isTrue();
    }

    @Test
    void allowsNothingFromBeforeOrAfter() {
        assertThat(period().allows(message(5, 8))).isFalse();
        assertThat(period().allows(message(22, 23))).isFalse();
    }

    @Test
    void allowsNothingOfASessionThatWasGivenUp() {
        Period period = period();
        period.wiped = true;
        assertThat(period.allows(message(12, 15))).isFalse();
    }
}
