// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHashTest {
    /** A test vector of crypt_blowfish. */
    private static final String U_STAR_U = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

    @Test
    void readsTheHashesOfOthers() {
        for (String version : new String[] {"$2a$", "$2b$", "$2y$"}) {
            PasswordHash hash = PasswordHash.parse(U_STAR_U.replace("$2a$", version));
            assertThat(hash.matches(bytes("U*U"))).isTrue();
            assertThat(hash.matches(bytes("U*V"))).isFalse();
            assertThat(hash.cost()).isEqualTo(5);
        }
    }

    @Test
    void readsItsOwn() {
        PasswordHash hash = PasswordHash.parse(PasswordHash.of(bytes("päss wörd:"), 4));
        assertThat(hash.matches(bytes("päss wörd:"))).isTrue();
        assertThat(hash.matches(bytes("pass word:"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "secret",
                "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                "$2a$17$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
                "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW",
                "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA"
            })
    void refusesWhatItCannotCheckOrNotInTime(String text) {
        assertThat(PasswordHash.parse(text)).isNull();
    }

    @Test
    void aPasswordThatBcryptWouldCutOffIsWrong() {
        String longest = "x".repeat(PasswordHash.PASSWORD_BYTES_MAX);
        PasswordHash hash = PasswordHash.parse(PasswordHash.of(bytes(longest), 4));
        assertThat(hash.matches(bytes(longest))).isTrue();
        assertThat(hash.matches(bytes(longest + "y"))).isFalse();
        assertThat(hash.matches(bytes(longest + "x"))).isFalse();
    }

    @Test
    void nobodyHasNobodysPassword() {
        assertThat(PasswordHash.nobodys(4).matches(new byte[0])).isFalse();
        assertThat(PasswordHash.nobodys(4).matches(bytes("x"))).isFalse();
        assertThat(PasswordHash.nobodys(4).cost()).isEqualTo(4);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
