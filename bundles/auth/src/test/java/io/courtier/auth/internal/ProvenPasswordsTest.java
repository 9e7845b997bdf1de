// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProvenPasswordsTest {
    private static final PasswordHash ONE = PasswordHash.parse(PasswordHash.of(new byte[] {1}, 4));
    private static final PasswordHash OTHER = PasswordHash.parse(PasswordHash.of(new byte[] {1}, 4));

    private long now = Long.MAX_VALUE - 50; // So that the clock runs over.
    private final ProvenPasswords proven = new ProvenPasswords(3, 100, () -> now, new byte[32]);

    @Test
    void knowsAPasswordUntilItsTimeIsOver() {
        proven.add(digest("joe", ONE, "a"));
        now += 99;
        assertThat(proven.contains(digest("joe", ONE, "a"))).isTrue();
        now += 1;
        assertThat(proven.contains(digest("joe", ONE, "a"))).isFalse();
    }

    @Test
    void knowsItForItsUserHashAndSecretOnly() {
        proven.add(digest("joe", ONE, "a"));
        assertThat(proven.contains(digest("joe", ONE, "b"))).isFalse();
        assertThat(proven.contains(digest("joea", ONE, ""))).isFalse();
        assertThat(proven.contains(digest("ann", ONE, "a"))).isFalse();
        assertThat(proven.contains(digest("joe", OTHER, "a"))).isFalse();
        byte[] secret = {1};
        assertThat(new ProvenPasswords(3, 100, () -> now, secret).digest("joe", ONE, new byte[] {'a'}))
                .isNotEqualTo(digest("joe", ONE, "a"));
    }

    @Test
    void forgetsTheOldestWhenThereAreTooMany() {
        for (String password : new String[] {"a", "b", "c"}) proven.add(digest("joe", ONE, password));
        proven.add(digest("joe", ONE, "a"));
        proven.add(digest("joe", ONE, "d"));
        assertThat(proven.size()).isEqualTo(3);
        assertThat(proven.contains(digest("joe", ONE, "b"))).isFalse();
        assertThat(proven.contains(digest("joe", ONE, "a"))).isTrue();
    }

    @Test
    void dropsThoseThatAreOverWhenOneComes() {
        proven.add(digest("joe", ONE, "a"));
        proven.add(digest("joe", ONE, "b"));
        now += 100;
        proven.add(digest("joe", ONE, "c"));
        assertThat(proven.size()).isEqualTo(1);
    }

    @Test
    void keepsNothingWhenNothingIsToBeKept() {
        ProvenPasswords none = new ProvenPasswords(0, 100, () -> now, new byte[32]);
        none.add(digest("joe", ONE, "a"));
        assertThat(none.size()).isZero();
    }

    private ByteBuffer digest(String user, PasswordHash hash, String password) {
        return proven.digest(user, hash, password.getBytes(StandardCharsets.UTF_8));
    }
}
