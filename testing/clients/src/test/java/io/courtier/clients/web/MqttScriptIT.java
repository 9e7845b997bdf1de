// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.Lane;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The /mqtt.js that a listener serves: MQTT.js, which knows where the page came from. */
@ResourceLock(Lane.PAGES)
class MqttScriptIT {
    /** Subscribes and publishes; gives what came, written as a person would, and where it came from. */
    private static final String TALK =
            """
            (connect) => new Promise((done, failed) => {
                const client = connect();
                const topic = 'script/' + Math.random();
                client.on('error', failed);
                client.on('connect', () => client.subscribe(topic, () => client.publish(topic, 'grüße')));
                client.on('message', (_, payload) => {
                    const said = ['', payload].join('') + ' ' + client.stream.url;
                    client.end(true, () => done(said));
                });
            })
            """;

    @TempDir
    static Path folder;

    private static Instance broker;
    private static Chromium chromium;

    @BeforeAll
    static void start() throws Exception {
        Path pages = Files.createDirectories(folder.resolve("public"));
        Files.writeString(
                pages.resolve("index.html"), "<!doctype html><link rel=icon href=data:,><script src=mqtt.js></script>");
        Files.writeString(
                pages.resolve("worker.js"),
                "importScripts('/mqtt.js');\nconst talk = " + TALK
                        + ";\ntalk(() => mqtt.connect()).then(postMessage, e => postMessage('error ' + e));\n");
        broker = new Instance(folder);
        String[] lines = {
            "static = public", "bundle = true", "content =", "path = *", "subprotocol.required = false", "port = 0"
        };
        broker.with("io.courtier.listener.ws-pages.cfg", lines)
                .with("io.courtier.listener.ws-six.cfg", String.join("\n", lines), "bind = ::1")
                .with("io.courtier.listener.ws-bare.cfg", "content = client", "port = 0")
                .start();
        chromium = Chromium.launch();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        broker.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost | ws-pages | mqtt.connect()",
                "localhost | ws-pages | mqtt.connect({ clientId: 'with-options', keepalive: 10 })",
                "localhost | ws-pages | mqtt.connect(undefined, { protocolVersion: 5 })",
                "127.0.0.1 | ws-pages | mqtt.connect()",
                "[::1]     | ws-six   | mqtt.connect()"
            })
    void goesToWhereThePageCameFrom(String host, String listener, String connect) {
        String authority = host + ":" + broker.port(listener);
        try (Tab tab = chromium.tab()) {
            tab.page().navigate("http://" + authority + "/");
            assertThat(tab.page()
                            .evaluate("() => (" + TALK + ")(() => " + connect + ")")
                            .toString())
                    .startsWith("grüße");
            assertThat(tab.sockets).containsExactly("ws://" + authority + "/");
        }
    }

    @ParameterizedTest
    @CsvSource({"localhost, ws-pages", "127.0.0.1, ws-pages", "[::1], ws-six"})
    void goesToWhereItIsTold(String host, String listener) {
        String url = "ws://" + host + ":" + broker.port(listener) + "/some/where";
        try (Tab tab = chromium.tab()) {
            tab.page().navigate("http://" + host + ":" + broker.port(listener) + "/");
            assertThat(tab.page()
                            .evaluate("() => (" + TALK + ")(() => mqtt.connect('" + url + "'))")
                            .toString())
                    .startsWith("grüße");
            assertThat(tab.sockets).containsExactly(url);
        }
    }

    @Test
    void goesThereFromAWorkerToo() {
        String authority = "localhost:" + broker.port("ws-pages");
        try (Tab tab = chromium.tab()) {
            tab.page().navigate("http://" + authority + "/");
            Object said = tab.page()
                    .evaluate(
                            "() => new Promise(done => { new Worker('worker.js').onmessage = event => done(event.data); })");
            assertThat(said.toString()).startsWith("grüße");
        }
    }

    @ParameterizedTest
    @CsvSource({"gzip, gzip", "br, br", "identity, ''"})
    void isServedPacked(String accepted, String encoding) throws Exception {
        HttpResponse<byte[]> answer = get("ws-pages", accepted);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                .isEqualToIgnoringCase("text/javascript; charset=utf-8");
        assertThat(answer.headers().firstValue("ETag")).isPresent();
        assertThat(answer.headers().firstValue("Content-Encoding").orElse("")).isEqualTo(encoding);
    }

    @Test
    void isNotServedWhereNobodyAskedForIt() throws Exception {
        assertThat(get("ws-bare", "identity").statusCode()).isEqualTo(404);
    }

    private static HttpResponse<byte[]> get(String listener, String accepted) throws Exception {
        URI address = URI.create("http://localhost:" + broker.port(listener) + "/mqtt.js");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(address)
                                .header("Accept-Encoding", accepted)
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
    }
}
