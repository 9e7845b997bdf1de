// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommonNamesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // the subject, the most specific part first | its common name
                "CN=pump-7                        | pump-7",
                "O=Plant, OU=Pumps, CN=pump-7     | pump-7",
                "CN=pump-7, CN=Plant              | pump-7",
                "cn=pump-7                        | pump-7",
                "2.5.4.3=pump-7                   | pump-7",
                "OU=Pumps + CN=pump-7, O=Plant    | pump-7",
                "CN=Müller, O=Plant               | Müller",
                "'CN=\"pump, 7\"'                 | 'pump, 7'",
                "CN=pump\\, CN\\=admin, O=Plant   | 'pump, CN=admin'",
                "O=\"CN=admin\", CN=pump-7        | pump-7",
                "O=\"x, CN=admin\"                |",
                "O=Plant                          |",
                "OU=CN                            |",
                "CN=a + CN=b                      |",
            })
    void isTheMostSpecificOneOfASubject(String subject, String name) {
        assertThat(CommonNames.of(new X500Principal(subject))).isEqualTo(name);
    }

    @Test
    void isNoneWhereItIsBlankTooLongOrWithControlCharacters() {
        assertThat(CommonNames.of(new X500Principal("CN=" + "a".repeat(256)))).hasSize(256);
        assertThat(CommonNames.of(new X500Principal("CN=" + "a".repeat(257)))).isNull();
        assertThat(CommonNames.of(new X500Principal("CN=\" \""))).isNull();
        assertThat(CommonNames.of(new X500Principal("CN=\"a\nb\""))).isNull();
        assertThat(CommonNames.of(new X500Principal("CN=\"a\0b\""))).isNull();
        assertThat(CommonNames.of(new X500Principal(""))).isNull();
    }
}
