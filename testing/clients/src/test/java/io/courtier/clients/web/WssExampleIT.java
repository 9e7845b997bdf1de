// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.Authority;
import io.courtier.clients.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TBMQ's example for WebSocket with TLS and client certificates, with its URL and its three paths changed. */
class WssExampleIT {
    @TempDir
    static Path folder;

    @TempDir
    static Path certificates;

    @TempDir
    static Path elsewhere;

    private static Instance broker;
    private static Authority authority;

    @BeforeAll
    static void start() throws Exception {
        authority = Authority.in(certificates);
        authority.client("pump-7");
        authority.client("pump-8");
        authority.expiredClient("old");
        Authority.in(elsewhere).client("pump-7");
        broker = new Instance(folder)
                .with(
                        "io.courtier.listener.ws-tls.cfg",
                        "port = 0",
                        "tls = true",
                        "tls.certificate = " + authority.file("server.crt"),
                        "tls.key = " + authority.file("server.key"),
                        "tls.client.certificate = want",
                        "tls.trust = " + authority.file("ca.crt"),
                        "allow.anonymous = false")
                .with("io.courtier.auth.x509.cfg", "common.names = pump-7, old")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void aCertificateWhoseNameIsAllowedComesIn() throws Exception {
        assertThat(ended(script(certificates, "pump-7")))
                .contains("Client connected!", "Received message. Payload: Hello World. Topic: sensors/temperature")
                .endsWith("Closing client...\n");
    }

    @Test
    void theUserOfTheExampleComesInWithoutACertificate() throws Exception {
        String script = withoutCertificate(script(certificates, "pump-7"))
                .replace("username: null", "username: 'tbmq_websockets_username'");
        assertThat(ended(script)).contains("Client connected!").endsWith("Closing client...\n");
    }

    @Test
    void aCertificateOfAnotherNameStaysOut() throws Exception {
        assertThat(refused(script(certificates, "pump-8"))).contains("Error:  Connection refused: Not authorized");
    }

    @Test
    void nothingAtAllStaysOut() throws Exception {
        assertThat(refused(withoutCertificate(script(certificates, "pump-7"))))
                .contains("Error:  Connection refused: Not authorized");
    }

    @Test
    void anExpiredCertificateStaysOut() throws Exception {
        assertThat(refused(script(certificates, "old"))).contains("Error: ").doesNotContain("Client connected!");
    }

    @Test
    void aCertificateOfAnotherAuthorityStaysOut() throws Exception {
        assertThat(refused(script(elsewhere, "pump-7"))).contains("Error: ").doesNotContain("Client connected!");
    }

    private static String script(Path directory, String client) throws Exception {
        String script = Seeds.text("wss_example.js")
                .replace("wss://example.com:8085/mqtt", "wss://localhost:" + broker.port("ws-tls") + "/mqtt")
                .replace(
                        "/path/to/your/client/key/file.pem",
                        directory.resolve(client + ".key").toString())
                .replace(
                        "/path/to/your/client/cert/file.pem",
                        directory.resolve(client + ".crt").toString())
                .replace(
                        "/path/to/your/ca/cert/file.pem",
                        authority.file("ca.crt").toString());
        assertThat(Files.exists(directory.resolve(client + ".key"))).isTrue();
        return script;
    }

    private static String withoutCertificate(String script) {
        return script.replace("options.key =", "// options.key =").replace("options.cert =", "// options.cert =");
    }

    private static String ended(String script) throws Exception {
        try (Program node = Seeds.run(script)) {
            return String.join("\n", node.succeeded()) + "\n";
        }
    }

    /** It tries again for ever; the first answer is enough. */
    private static String refused(String script) throws Exception {
        try (Program node = Seeds.run(script)) {
            return node.awaitLine("Error: ").awaitLine("Closing client...").toString();
        }
    }
}
