// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.Patience;
import io.courtier.clients.Program;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TBMQ's example for WebSocket, unchanged, against the distribution as it is shipped. */
class WsExampleIT {
    @TempDir
    static Path folder;

    private static Instance broker;

    @BeforeAll
    static void start() {
        broker = new Instance(folder).start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void printsWhatItsAuthorPrinted() throws Exception {
        try (Program node = Seeds.run("ws_example.js", 8084, broker.port("ws-default"))) {
            String printed = String.join("\n", node.succeeded()) + "\n";
            assertThat(withoutIds(printed)).isEqualTo(withoutIds(Seeds.text("ws_example.out")));
        }
    }

    @Test
    void isLetInByACredentialThatTheLogWarnsOf() {
        assertThat(broker.log())
                .containsPattern("WARN .*tbmq_websockets_username .*io\\.courtier\\.auth\\.passwordless\\.cfg");
    }

    @Test
    void staysOutOnceTheLineOfItsCredentialIsGone(@TempDir Path other) throws Exception {
        try (Instance strict = new Instance(other)
                .with("io.courtier.auth.passwordless.cfg", "transports = ws,wss", "from = loopback")
                .start()) {
            try (Program node = Seeds.run("ws_example.js", 8084, strict.port("ws-default"))) {
                node.awaitLine("Connection refused: Bad username or password");
                node.kill();
            }
            // And back, without a restart.
            strict.with("io.courtier.auth.passwordless.cfg", "users = tbmq_websockets_username");
            Patience.until("the credential is back", () -> {
                try (Program node = Seeds.run("ws_example.js", 8084, strict.port("ws-default"))) {
                    Patience.until(
                            "an answer",
                            () -> node.toString().contains("Client connected!")
                                    || node.toString().contains("Connection refused"));
                    return node.toString().contains("Client connected!");
                }
            });
        }
    }

    private static String withoutIds(String text) {
        return text.replaceAll("messageId: [1-9]\\d*", "messageId: N");
    }
}
