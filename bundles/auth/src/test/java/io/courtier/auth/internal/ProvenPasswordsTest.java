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
    private final ProvenPasswords<String> proven = new ProvenPasswords<>(3, 100, () -> now, new byte[32]);

    @Test
    void knowsAPasswordUntilItsTimeIsOver() {
        proven.add(digest("joe", ONE, "a"), "value");
        now += 99;
        assertThat(proven.get(digest("joe", ONE, "a"))).isEqualTo("value");
        now += 1;
        assertThat(proven.get(digest("joe", ONE, "a"))).isNull();
    }

    @Test
    void knowsItForItsUserHashAndSecretOnly() {
        proven.add(digest("joe", ONE, "a"), "value");
        assertThat(proven.get(digest("joe", ONE, "b"))).isNull();
        assertThat(proven.get(digest("joea", ONE, ""))).isNull();
        assertThat(proven.get(digest("ann", ONE, "a"))).isNull();
        assertThat(proven.get(digest("joe", OTHER, "a"))).isNull();
        byte[] secret = {1};
        assertThat(new ProvenPasswords<>(3, 100, () -> now, secret).digest("joe", ONE.bytes(), new byte[] {'a'}))
                .isNotEqualTo(digest("joe", ONE, "a"));
    }

    @Test
    void forgetsTheOldestWhenThereAreTooMany() {
        for (String password : new String[] {"a", "b", "c"}) proven.add(digest("joe", ONE, password), "value");
        proven.add(digest("joe", ONE, "a"), "value");
        proven.add(digest("joe", ONE, "d"), "value");
        assertThat(proven.size()).isEqualTo(3);
        assertThat(proven.get(digest("joe", ONE, "b"))).isNull();
        assertThat(proven.get(digest("joe", ONE, "a"))).isEqualTo("value");
    }

    @Test
    void dropsThoseThatAreOverWhenOneComes() {
        proven.add(digest("joe", ONE, "a"), "value");
        proven.add(digest("joe", ONE, "b"), "value");
        now += 100;
        proven.add(digest("joe", ONE, "c"), "value");
        assertThat(proven.size()).isEqualTo(1);
    }

    @Test
    void keepsNothingWhenNothingIsToBeKept() {
        ProvenPasswords<String> none = new ProvenPasswords<>(0, 100, () -> now, new byte[32]);
        none.add(digest("joe", ONE, "a"), "value");
        assertThat(none.size()).isZero();
    }

    private ByteBuffer digest(String user, PasswordHash hash, String password) {
        return proven.digest(user, hash.bytes(), password.getBytes(StandardCharsets.UTF_8));
    }
}
