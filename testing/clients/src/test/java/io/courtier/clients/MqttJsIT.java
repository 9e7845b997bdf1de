// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.conformance.TcpDoor;
import io.courtier.core.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT.js in Node: each test runs one script of src/test/npm, which says what it saw and ends with 0 if all was well. */
@Execution(ExecutionMode.CONCURRENT)
class MqttJsIT {
    @BeforeAll
    static void install() {
        MqttJs.install();
    }

    private static List<String> run(String script, String version, int port, String... more) {
        List<String> command =
                new ArrayList<>(List.of("node", script + ".mjs", "" + port, version, House.unique("mqttjs")));
        command.addAll(List.of(more));
        try (Program node = Program.startIn(MqttJs.INSTALLED, command)) {
            return node.succeeded();
        }
    }

    @ParameterizedTest(name = "{0}.mjs, version {1}")
    @CsvSource({
        "qos,4",
        "qos,5",
        "retained,4",
        "retained,5",
        "will,4",
        "will,5",
        "session,4",
        "session,5",
        "properties,5",
        "many,4",
        "many,5",
        "refused,4",
        "refused,5",
        "large,4",
        "large,5"
    })
    void overTcp(String script, String version) {
        assertThat(run(script, version, House.port())).isNotEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"jdk", "openssl"})
    void overTls(String provider, @TempDir Path directory) throws Exception {
        Authority authority = Authority.in(directory);
        String ca = authority.file("ca.crt").toString();
        try (TcpDoor door = new TcpDoor(Limits.DEFAULT, authority.listener(provider, "TLSv1.2,TLSv1.3", "none"))) {
            assertThat(run("qos", "4", door.port(), ca)).isNotEmpty();
            assertThat(run("large", "5", door.port(), ca)).isNotEmpty();
        }
    }

    @Test
    void theLockNamesNoRegistry() throws IOException {
        assertThat(Files.readString(MqttJs.SOURCES.resolve("package-lock.json")))
                .doesNotContain("\"resolved\"");
    }
}
