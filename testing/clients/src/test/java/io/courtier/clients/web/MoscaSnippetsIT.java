// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.clients.MqttJs;
import io.courtier.clients.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client snippets of Mosca's example in Node, over each of its four protocols, as user demo with password demo. */
@ResourceLock(Lane.LOGINS) // All use the topics that the document has.
class MoscaSnippetsIT {
    @TempDir
    static Path folder;

    private static Instance broker;

    @BeforeAll
    static void start() {
        MqttJs.install();
        broker = new Instance(folder);
        broker.courtier("certs");
        broker.courtierSaid("demo\n", "passwd", "add", "demo");
        broker.with("io.courtier.listener.ws-mosca.cfg", "port = 0", "path = *", "subprotocol.required = false")
                .start("--tls", "0", "--wss", "0");
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @ParameterizedTest
    @CsvSource({
        "mqtt, tcp-default, ''",
        "mqtts, tcp-tls, ''",
        "ws, ws-default, /mqtt",
        "ws, ws-mosca, /any/where",
        "wss, ws-tls, /mqtt"
    })
    void work(String scheme, String listener, String path) {
        String url = scheme + "://localhost:" + broker.port(listener) + path;
        List<String> command = new ArrayList<>(List.of("node", "snippets.mjs", url, House.unique("mosca")));
        if (scheme.equals("mqtts") || scheme.equals("wss")) {
            command.add(broker.etc().resolve("tls/ca.crt").toString());
        }
        try (Program node = Program.startIn(MqttJs.INSTALLED, command)) {
            assertThat(node.succeeded()).anyMatch(line -> line.startsWith("ok"));
        }
    }
}
