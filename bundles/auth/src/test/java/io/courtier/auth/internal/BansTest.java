// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.transport.ConnectionInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BansTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "client pump-7                              | yes",
                "client pump-8                              | no",
                "client pump-*                              | yes",
                "client *-7                                 | yes",
                "client *um*                                | yes",
                "client *                                   | yes",
                "client pump                                | no",
                "client .*                                  | no",
                "user joe                                   | yes",
                "user j*                                    | yes",
                "user ann                                   | no",
                "address 192.0.2.7                          | yes",
                "address 192.0.2.8                          | no",
                "address 192.0.0.0/16                       | yes",
                "address 0.0.0.0/0                          | yes",
                "address 2001:db8::/32                      | no",
                "client pump-7 until 2026-11-20T12:00:01Z   | yes",
                "client pump-7 until 2026-11-20T12:00:00Z   | no",
            })
    void coverWhomTheyName(String line, String covers) throws Exception {
        Bans bans = Bans.parse(List.of("# a comment", "", line));
        assertThat(bans.lineFor("pump-7", "joe", "192.0.2.7", NOW)).isEqualTo(covers.equals("yes") ? 3 : 0);
    }

    @ParameterizedTest
    @CsvSource({"ban pump-7", "client", "client a b", "address nowhere", "address 10.0.0.0/99", "user joe until soon"})
    void nameTheLineThatCannotBeMeant(String line) {
        assertThatThrownBy(() -> Bans.parse(List.of("", line))).hasMessageStartingWith("line 2");
    }

    @Test
    void areTakenFromTheFileAndKeptWhenItBreaks(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("courtier-bans");
        Files.writeString(file, "client pump-7\n");
        BanList list = new BanList(file, Clock.fixed(NOW, ZoneOffset.UTC));
        ConnectionInfo connection = new ConnectionInfo("tcp-default", "tcp", "192.0.2.7", 1, true, null);
        assertThat(list.refuses(Presents.on(connection, null, null)).reason()).isEqualTo(ReasonCode.BANNED);
        Files.writeString(file, "client\n");
        list.look();
        list.look();
        assertThat(list.refuses(Presents.on(connection, null, null))).isNotNull();
        Files.writeString(file, "client pump-70\n");
        list.look();
        list.look();
        assertThat(list.refuses(Presents.on(connection, null, null))).isNull();
        list.deactivate();
    }
}
