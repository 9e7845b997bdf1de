// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page of Mosca's example, unchanged, as the index of a folder that the listener serves. */
class MoscaPageIT {
    @TempDir
    static Path folder;

    private static Instance broker;

    @BeforeAll
    static void start() throws Exception {
        broker = new Instance(folder);
        broker.courtier("certs");
        Path pages = Files.createDirectories(folder.resolve("public"));
        Files.writeString(pages.resolve("index.html"), Seeds.text("mosca-page.html"));
        Files.writeString(pages.resolve("favicon.ico"), "");
        for (String kind : new String[] {"ws-mosca", "ws-mosca-tls"}) {
            String shipped = Files.readString(broker.etc().resolve("io.courtier.listener." + kind + ".cfg.example"));
            broker.with("io.courtier.listener." + kind + ".cfg", shipped.replaceAll("(?m)^port = \\d+$", "port = 0"));
        }
        broker.start("--tls", "0", "--wss", "0");
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @ParameterizedTest
    @CsvSource({
        "http, localhost, ws-mosca",
        "http, 127.0.0.1, ws-mosca",
        "https, localhost, ws-mosca-tls",
        "https, 127.0.0.1, ws-mosca-tls"
    })
    void saysHelloOnce(String scheme, String host, String listener) {
        String authority = host + ":" + broker.port(listener);
        try (Tab tab = Tab.open()) {
            tab.page().navigate(scheme + "://" + authority + "/");
            tab.page().waitForCondition(() -> !tab.dialogs.isEmpty());
            tab.page().waitForFunction("() => client.disconnected && !client.connected");
            assertThat(tab.dialogs).containsExactly("mqtt/demo: hello world!");
            assertThat(tab.sockets).containsExactly((scheme.equals("https") ? "wss" : "ws") + "://" + authority + "/");
        }
    }
}
