// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MailboxTest {
    private final Mailbox mailbox = new Mailbox();

    private void post(int messages, long bytes) {
        mailbox.post(new Mailbox.Batch(new Object[messages], messages, bytes));
    }

    @Test
    void isCongestedByCountOrByWeight() {
        post(10, 1_000);
        assertThat(mailbox.isCongested(10, 1_000, 3)).isFalse();
        assertThat(mailbox.isCongested(9, 1_000, 3)).isTrue();
        assertThat(mailbox.isCongested(10, 999, 3)).isTrue();
    }

    @Test
    void tellsThoseWhoWaitOnceWhenItIsHalfEmpty() {
        for (int i = 0; i < 10; i++) post(1, 100);
        assertThat(mailbox.isCongested(8, 10_000, 3)).isTrue();
        assertThat(mailbox.isCongested(8, 10_000, 5)).isTrue();
        for (int i = 0; i < 5; i++) mailbox.poll();
        assertThat(mailbox.takeWaiting(8, 10_000))
                .as("five are still more than four")
                .isZero();
        mailbox.poll();
        assertThat(mailbox.takeWaiting(8, 10_000)).isEqualTo(1L << 3 | 1L << 5);
        assertThat(mailbox.takeWaiting(8, 10_000)).isZero();
    }
}
