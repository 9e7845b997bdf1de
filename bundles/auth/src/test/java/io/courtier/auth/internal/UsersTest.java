// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsersTest {
    private static final String HASH = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

    @Test
    void readsUsersRolesAndComments() throws BrokenLine {
        Users users = Users.parse(List.of(
                "# comment",
                "",
                "  # another",
                "joe:" + HASH,
                "ann lee:" + HASH + ":admin, device",
                "open::",
                "no:" + HASH + ":"));
        assertThat(users.size()).isEqualTo(4);
        assertThat(users.find("joe").roles()).isEmpty();
        assertThat(users.find("ann lee").roles()).containsExactlyInAnyOrder("admin", "device");
        assertThat(users.find("open").hash()).isNull();
        assertThat(users.find("no").roles()).isEmpty();
        assertThat(users.find("Joe")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "joe | it is not user:hash",
                "joe:HASH:a:b | it is not user:hash",
                ":HASH | the user name is empty",
                "joe: | user joe has no hash; joe:: says",
                "joe:swordfish | no bcrypt hash",
                "joe:HASH:a,,b | a role is empty",
                "ann:HASH | user ann is there a second time"
            })
    void namesTheLineThatIsBrokenAndNotWhatItSays(String line, String why) {
        assertThatThrownBy(() -> Users.parse(List.of("# users", "ann:" + HASH, line.replace("HASH", HASH))))
                .isInstanceOf(BrokenLine.class)
                .hasMessageStartingWith("line 3: ")
                .hasMessageContaining(why)
                .hasMessageNotContaining("swordfish")
                .hasMessageNotContaining("$2b$");
    }

    @Test
    void nobodysHashCostsWhatMostOthersDo() throws BrokenLine {
        String costly = HASH.replace("$05$", "$12$");
        assertThat(Users.NONE.nobodys().cost()).isEqualTo(PasswordHash.COST);
        assertThat(Users.parse(List.of("a:" + HASH, "b:" + costly, "c:" + HASH, "d::"))
                        .nobodys()
                        .cost())
                .isEqualTo(5);
        assertThat(Users.parse(List.of("a:" + costly, "b:" + HASH)).nobodys().cost())
                .isEqualTo(12);
    }
}
