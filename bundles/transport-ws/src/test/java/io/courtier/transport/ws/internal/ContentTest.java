// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.listener.Guests;
import io.courtier.listener.TestLoops;
import io.courtier.spi.transport.Listener;
import io.courtier.spi.web.WebContent;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.ServiceReference;

/** Pages, scripts and images beside MQTT. */
class ContentTest {
    private final TestLoops loops = new TestLoops("nio");
    private WsListener listener;
    private Path site;

    @TempDir
    private Path directory;

    @BeforeEach
    void files() throws Exception {
        site = Files.createDirectory(directory.resolve("site"));
        Files.writeString(site.resolve("index.html"), "<h1>Hello</h1>");
        Files.writeString(directory.resolve("secret.txt"), "SECRET");
    }

    @AfterEach
    void close() {
        System.clearProperty("karaf.etc");
        if (listener != null) {
            listener.deactivate();
        }
        loops.close();
    }

    // ---- the folder of the configuration

    @Test
    void servesAFolderAndMqttOnOnePort() throws Exception {
        Files.createDirectory(site.resolve("sub"));
        Files.writeString(site.resolve("sub/index.html"), "<h1>Sub</h1>");
        Files.writeString(site.resolve("sub/a b.txt"), "with a space");
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer page = peer.get("/");
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.text()).isEqualTo("<h1>Hello</h1>");
            assertThat(page.field("Content-Type")).isEqualToIgnoringWhitespace("text/html; charset=utf-8");
            assertThat(page.field("Cache-Control")).isEqualTo("no-cache");
            assertThat(page.field("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(page.field("Server")).isNull();
            assertThat(page.field("X-Powered-By")).isNull();
            assertThat(peer.get("/index.html").text()).isEqualTo("<h1>Hello</h1>");
            assertThat(peer.get("/?a=b").text()).isEqualTo("<h1>Hello</h1>");
            assertThat(peer.get("/sub/").text()).isEqualTo("<h1>Sub</h1>");
            assertThat(peer.get("/sub/a%20b.txt").text()).isEqualTo("with a space");
            Answer nothing = peer.get("/nothing.html");
            assertThat(nothing.status()).isEqualTo(404);
            assertThat(nothing.text()).isEqualTo("Not Found\n");
            assertThat(nothing.field("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            assertThat(nothing.field("X-Content-Type-Options")).isEqualTo("nosniff");
            peer.upgraded();
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
        }
    }

    @Test
    void servesTheClientOfTheJdk() throws Exception {
        open();
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + WsPeer.port(listener) + "/"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("<h1>Hello</h1>");
    }

    /** As Mosca's do: path=*. */
    @Test
    void servesPagesAndUpgradesAtTheSamePath() throws Exception {
        listener = new TestConfig().set("static", site).set("path", "*").open(loops, new Guests());
        try (WsPeer browser = WsPeer.connect(listener);
                WsPeer client = WsPeer.connect(listener)) {
            assertThat(client.ask(WsPeer.upgradeRequest("/", "Sec-WebSocket-Protocol: mqttv3.1"))
                            .status())
                    .isEqualTo(101);
            assertThat(browser.get("/").text()).isEqualTo("<h1>Hello</h1>");
            assertThat(client.binary("x").receiveText(1)).isEqualTo("x");
            assertThat(browser.ask(WsPeer.upgradeRequest("/", "Sec-WebSocket-Protocol: mqtt"))
                            .status())
                    .isEqualTo(101);
            assertThat(browser.binary("y").receiveText(1)).isEqualTo("y");
        }
    }

    @Test
    void sendsAFolderWithoutItsSlashToTheFolder() throws Exception {
        Files.createDirectory(site.resolve("sub"));
        Files.writeString(site.resolve("sub/index.html"), "<h1>Sub</h1>");
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.get("/sub");
            assertThat(answer.status()).isIn(301, 302);
            // A path, or our own origin: never somewhere else.
            assertThat(answer.field("Location")).isEqualTo("/sub/");
        }
    }

    @Test
    void listsNoFolder() throws Exception {
        Files.createDirectory(site.resolve("sub"));
        Files.writeString(site.resolve("sub/private-name.txt"), "x");
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.get("/sub/");
            assertThat(answer.status()).isIn(403, 404);
            assertThat(answer.text()).doesNotContain("private-name");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "html,        text/html; charset=utf-8",
        "htm,         text/html; charset=utf-8",
        "js,          text/javascript; charset=utf-8",
        "mjs,         text/javascript; charset=utf-8",
        "css,         text/css; charset=utf-8",
        "json,        application/json",
        "map,         application/json",
        "wasm,        application/wasm",
        "webmanifest, application/manifest+json",
        "svg,         image/svg+xml",
        "png,         image/png",
        "ico,         image/vnd.microsoft.icon",
        "txt,         text/plain; charset=utf-8",
        "woff2,       font/woff2",
    })
    void saysWhatAFileIs(String extension, String type) throws Exception {
        Files.writeString(site.resolve("file." + extension), "x");
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/file." + extension).field("Content-Type")).isEqualToIgnoringWhitespace(type);
        }
    }

    @Test
    void answersHeadLikeGetWithoutTheBody() throws Exception {
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer head = peer.ask("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.field("Content-Length")).isEqualTo("14");
            assertThat(head.field("ETag")).isNotNull();
            assertThat(peer.get("/").text()).isEqualTo("<h1>Hello</h1>");
            assertThat(peer.ask("HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .status())
                    .isEqualTo(404);
            assertThat(peer.get("/").text()).isEqualTo("<h1>Hello</h1>");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"})
    void allowsOnlyGetAndHead(String method) throws Exception {
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.ask(method + " / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
            assertThat(answer.status()).isEqualTo(405);
            assertThat(answer.field("Allow")).isEqualTo("GET, HEAD");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "bytes=0-3    | 206 | 0123       | bytes 0-3/10",
                "bytes=4-     | 206 | 456789     | bytes 4-9/10",
                "bytes=-2     | 206 | 89         | bytes 8-9/10",
                "bytes=8-100  | 206 | 89         | bytes 8-9/10",
                "bytes=10-    | 416 | -          | bytes */10",
                "bytes=99-100 | 416 | -          | bytes */10",
            })
    void servesRanges(String range, int status, String body, String contentRange) throws Exception {
        Files.writeString(site.resolve("digits.txt"), "0123456789");
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.get("/digits.txt", "Range: " + range);
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.field("Content-Range")).isEqualTo(contentRange);
            if (body != null) {
                assertThat(answer.text()).isEqualTo(body);
            }
            assertThat(peer.get("/digits.txt").text()).isEqualTo("0123456789");
        }
    }

    @Test
    void saysNotModifiedToWhoHasIt() throws Exception {
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer first = peer.get("/");
            String tag = first.field("ETag");
            assertThat(tag).matches("\"[^\"]+\"");
            assertThat(first.field("Last-Modified")).isNotNull();
            Answer again = peer.get("/", "If-None-Match: " + tag);
            assertThat(again.status()).isEqualTo(304);
            assertThat(again.field("ETag")).isEqualTo(tag);
            assertThat(again.field("Cache-Control")).isEqualTo("no-cache");
            assertThat(peer.get("/", "If-None-Match: \"other\", " + tag).status())
                    .isEqualTo(304);
            assertThat(peer.get("/", "If-None-Match: \"other\"").status()).isEqualTo(200);
            assertThat(peer.get("/", "If-Modified-Since: " + first.field("Last-Modified"))
                            .status())
                    .isEqualTo(304);
            assertThat(peer.get("/", "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT")
                            .status())
                    .isEqualTo(200);
        }
    }

    /** Builds that are reproducible give every file the same time. */
    @Test
    void tellsContentsOfTheSameSizeApart() throws Exception {
        java.nio.file.attribute.FileTime same = java.nio.file.attribute.FileTime.fromMillis(1_000_000_000_000L);
        Files.writeString(site.resolve("a.js"), "aaaa");
        Files.writeString(site.resolve("b.js"), "bbbb");
        Files.writeString(site.resolve("c.js"), "aaaa");
        for (String name : new String[] {"a.js", "b.js", "c.js"}) {
            Files.setLastModifiedTime(site.resolve(name), same);
        }
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            String tag = peer.get("/a.js").field("ETag");
            assertThat(peer.get("/b.js").field("ETag")).isNotEqualTo(tag);
            assertThat(peer.get("/c.js").field("ETag")).isEqualTo(tag);
            Files.writeString(site.resolve("a.js"), "AAAA");
            Answer changed = peer.get("/a.js", "If-None-Match: " + tag);
            assertThat(changed.status()).isEqualTo(200);
            assertThat(changed.text()).isEqualTo("AAAA");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "gzip, deflate, br  | br",
                "br                 | br",
                "gzip               | gzip",
                "gzip, br;q=0       | gzip",
                "br;q=0.1, gzip;q=1 | gzip",
                "deflate            | -",
                "identity           | -",
                "-                  | -",
            })
    void choosesTheCompressedFormThatIsTaken(String accepted, String chosen) throws Exception {
        Files.writeString(site.resolve("app.js"), "plain");
        Files.writeString(site.resolve("app.js.gz"), "gzip");
        Files.writeString(site.resolve("app.js.br"), "br");
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer =
                    accepted == null ? peer.get("/app.js") : peer.get("/app.js", "Accept-Encoding: " + accepted);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.field("Content-Encoding")).isEqualTo(chosen);
            assertThat(answer.text()).isEqualTo(chosen == null ? "plain" : chosen);
            assertThat(answer.field("Content-Type")).isEqualTo("text/javascript; charset=utf-8");
            assertThat(answer.field("Vary")).isEqualTo("Accept-Encoding");
            assertThat(answer.field("ETag")).isNotNull();
            // What it has is known again, in each form.
            Answer again = peer.get(
                    "/app.js",
                    "If-None-Match: " + answer.field("ETag"),
                    "Accept-Encoding: " + (accepted == null ? "identity" : accepted));
            assertThat(again.status()).isEqualTo(304);
        }
    }

    @Test
    void givesEachCompressedFormItsOwnTag() throws Exception {
        Files.writeString(site.resolve("app.js"), "plain");
        Files.writeString(site.resolve("app.js.gz"), "gzip");
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            String plain = peer.get("/app.js").field("ETag");
            assertThat(peer.get("/app.js", "Accept-Encoding: gzip").field("ETag"))
                    .isNotEqualTo(plain);
        }
    }

    // ---- what is never served

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.txt",
                "/..//secret.txt",
                "/./../secret.txt",
                "/sub/../../secret.txt",
                "/%2e%2e/secret.txt",
                "/%2E%2E/secret.txt",
                "/.%2e/secret.txt",
                "/%2e./secret.txt",
                "/..%2fsecret.txt",
                "/..%2Fsecret.txt",
                "/..%5csecret.txt",
                "/..\\secret.txt",
                "/sub/..%5c..%5csecret.txt",
                "/..;/secret.txt",
                "/..;a=b/secret.txt",
                "/;/../secret.txt",
                "/.;/../secret.txt",
                "/%252e%252e/secret.txt",
                "/%252e%252e%252fsecret.txt",
                "/%c0%ae%c0%ae/secret.txt",
                "/%uff0e%uff0e/secret.txt",
                "/index.html%00",
                "/%00/../secret.txt",
                "/..%00/secret.txt",
                "//secret.txt",
                "//../secret.txt",
                "///..//secret.txt",
                "/sub//../../secret.txt",
                "../secret.txt",
                "secret.txt",
                "..",
                "http://localhost/../secret.txt",
                "file:///etc/passwd",
                "/file:///etc/passwd",
                "//etc/passwd",
                "/%2fetc%2fpasswd",
                "/C:%5cwindows%5cwin.ini",
                "/index.html/",
                "/index.html/../../secret.txt",
                "/index.html%20",
                "/index.html.",
                "/.htaccess",
                "/%2ehtaccess",
                "/.git/config",
                "/%2egit/config",
                "/sub/.hidden",
                "/sub/..hidden",
                "/sub/%2e%2ehidden",
                "/link.txt",
                "/folderlink/secret.txt",
                "*",
                "/%",
                "/%zz",
            })
    void servesNothingThatIsNotItsOwn(String target) throws Exception {
        Files.writeString(site.resolve(".htaccess"), "SECRET");
        Files.createDirectory(site.resolve(".git"));
        Files.writeString(site.resolve(".git/config"), "SECRET");
        Files.createDirectory(site.resolve("sub"));
        Files.writeString(site.resolve("sub/.hidden"), "SECRET");
        Files.writeString(site.resolve("sub/..hidden"), "SECRET");
        Files.createSymbolicLink(site.resolve("link.txt"), directory.resolve("secret.txt"));
        Files.createSymbolicLink(site.resolve("folderlink"), directory);
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.get(target);
            assertThat(answer.status()).as(target).isBetween(301, 431);
            assertThat(answer.text()).doesNotContain("SECRET", "root:", "Hello");
            if (answer.status() < 400) {
                assertThat(answer.field("Location")).startsWith("/").doesNotStartWith("//");
            }
            assertThat(answer.field("X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    @Test
    void followsLinksThatStayInside() throws Exception {
        Files.writeString(site.resolve("app-1.2.js"), "1.2");
        Files.createSymbolicLink(site.resolve("app.js"), Path.of("app-1.2.js"));
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/app.js").text()).isEqualTo("1.2");
        }
    }

    @Test
    void servesNoCompressedFormThatALinkLeadsOutTo() throws Exception {
        Files.writeString(site.resolve("app.js"), "plain");
        Files.createSymbolicLink(site.resolve("app.js.gz"), directory.resolve("secret.txt"));
        open();
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/app.js", "Accept-Encoding: gzip").text()).isEqualTo("plain");
        }
    }

    @Test
    void refusesToPublishEverything() {
        listener = new TestConfig().set("static", "/").open(loops, new Guests());
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
        assertThat(listener.problem()).contains("static=/").contains("every file");
    }

    @Test
    void refusesToPublishItsOwnSettings() throws Exception {
        Path etc = Files.createDirectory(site.resolve("etc"));
        System.setProperty("karaf.etc", etc.toString());
        for (Path folder : new Path[] {site, etc, directory}) {
            listener = new TestConfig().set("static", folder).open(loops, new Guests());
            assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
            assertThat(listener.problem()).contains("static=" + folder).contains("settings and keys");
            listener.deactivate();
        }
        Path link = Files.createSymbolicLink(directory.resolve("link"), etc);
        listener = new TestConfig().set("static", link).open(loops, new Guests());
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
        Path keys = Files.createDirectory(etc.resolve("tls"));
        listener.modified(new TestConfig().set("static", keys).properties());
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
    }

    @Test
    void opensWhenItsFolderAppears() throws Exception {
        Path later = directory.resolve("later");
        listener = new TestConfig().set("static", later).open(loops, new Guests());
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
        assertThat(listener.problem()).contains("static=" + later);
        Files.createDirectory(later);
        io.courtier.listener.Eventually.eventually(() -> listener.state() == Listener.State.OPEN);
    }

    // ---- what bundles bring

    @Test
    void servesWhatBundlesBringAndStopsWhenTheyGoWhileAClientStays() throws Exception {
        Path client = folder("client", "index.html", "client");
        Path lab = folder("lab", "index.html", "lab");
        listener = new TestConfig().open(loops, new Guests());
        try (WsPeer mqtt = WsPeer.connect(listener).upgraded();
                WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/").status()).isEqualTo(404);
            ServiceReference<WebContent> first = add(0, content("client", "/", client, Map.of()));
            assertThat(peer.get("/").text()).isEqualTo("client");
            ServiceReference<WebContent> second = add(0, content("lab", "/lab/", lab, Map.of()));
            assertThat(peer.get("/lab/").text()).isEqualTo("lab");
            assertThat(peer.get("/").text()).isEqualTo("client");
            listener.removeContent(first);
            assertThat(peer.get("/").status()).isEqualTo(404);
            assertThat(peer.get("/lab/").text()).isEqualTo("lab");
            listener.removeContent(second);
            assertThat(peer.get("/lab/").status()).isEqualTo(404);
            assertThat(mqtt.binary("x").receiveText(1)).isEqualTo("x");
        }
    }

    @Test
    void servesTheHighestRankedOfOneName() throws Exception {
        Path old = folder("old", "index.html", "old");
        Path better = folder("better", "index.html", "better");
        listener = new TestConfig().open(loops, new Guests());
        add(1, content("client", "/", old, Map.of()));
        ServiceReference<WebContent> reference = add(5, content("client", "/", better, Map.of()));
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/").text()).isEqualTo("better");
            listener.removeContent(reference);
            assertThat(peer.get("/").text()).isEqualTo("old");
        }
    }

    @Test
    void addsTheFieldsOfEachMountToItsOwn() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        Path client = folder("client", "index.html", "client");
        Files.writeString(client.resolve("app.4711.js"), "js");
        add(0, content("client", "/", client, Map.of("Content-Security-Policy", "default-src 'none'")));
        add(
                0,
                content(
                        "lab",
                        "/lab/",
                        folder("lab", "index.html", "lab"),
                        Map.of("Cache-Control", "public, max-age=31536000, immutable")));
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer page = peer.get("/");
            assertThat(page.fields("Content-Security-Policy")).containsExactly("default-src 'none'");
            assertThat(page.fields("Cache-Control")).containsExactly("no-cache");
            Answer lab = peer.get("/lab/");
            assertThat(lab.field("Content-Security-Policy")).isNull();
            assertThat(lab.fields("Cache-Control")).containsExactly("public, max-age=31536000, immutable");
            // No page that is missing stays missing for a year, or is called a script.
            Answer missing = peer.get("/lab/missing.js");
            assertThat(missing.status()).isEqualTo(404);
            assertThat(missing.fields("Cache-Control")).containsExactly("no-store");
            assertThat(peer.get("/missing").status()).isEqualTo(404);
        }
    }

    @Test
    void servesOneFileAndNotItsNeighbours() throws Exception {
        Path folder = folder("bundle", "mqtt.min.js", "plain");
        Files.writeString(folder.resolve("mqtt.min.js.br"), "br");
        Files.writeString(folder.resolve("neighbour.js"), "SECRET");
        listener = new TestConfig().set("bundle", true).open(loops, new Guests());
        add(0, content("mqtt.js", "/mqtt.js", folder.resolve("mqtt.min.js"), Map.of()));
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer script = peer.get("/mqtt.js");
            assertThat(script.status()).isEqualTo(200);
            assertThat(script.text()).isEqualTo("plain");
            assertThat(script.field("Content-Type")).isEqualTo("text/javascript; charset=utf-8");
            Answer compressed = peer.get("/mqtt.js", "Accept-Encoding: br");
            assertThat(compressed.text()).isEqualTo("br");
            assertThat(compressed.field("Content-Encoding")).isEqualTo("br");
            for (String other : new String[] {
                "/", "/mqtt.min.js", "/neighbour.js", "/mqtt.js/", "/mqtt.js.br", "/mqtt.js/neighbour.js", "/mqtt.jsx"
            }) {
                assertThat(peer.get(other).status()).as(other).isEqualTo(404);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "*,              false, 200, 404",
        "*,              true,  200, 200",
        "'',             false, 404, 404",
        "'',             true,  404, 200",
        "client,         false, 200, 404",
        "client,         true,  200, 200",
        "'x, mqtt.js',   false, 404, 200",
        "'client,mqtt.js',false,200, 200",
    })
    void servesWhatItsFileNames(String content, boolean bundle, int page, int script) throws Exception {
        listener =
                new TestConfig().set("content", content).set("bundle", bundle).open(loops, new Guests());
        add(0, content("client", "/", folder("client", "index.html", "client"), Map.of()));
        add(0, content("mqtt.js", "/mqtt.js", folder("bundle", "mqtt.js", "js").resolve("mqtt.js"), Map.of()));
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/").status()).isEqualTo(page);
            assertThat(peer.get("/mqtt.js").status()).isEqualTo(script);
        }
    }

    /** As Mosca does: the bundle is looked up before the folder, and the folder before what others have at /. */
    @Test
    void looksForTheBundleFirstAndThenInTheFolder() throws Exception {
        Files.writeString(site.resolve("mqtt.js"), "the folder's own");
        listener = new TestConfig().set("static", site).set("bundle", true).open(loops, new Guests());
        add(0, content("mqtt.js", "/mqtt.js", folder("bundle", "mqtt.js", "js").resolve("mqtt.js"), Map.of()));
        Path client = folder("client", "index.html", "client");
        Files.writeString(client.resolve("only-here.txt"), "here");
        add(0, content("client", "/", client, Map.of()));
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/mqtt.js").text()).isEqualTo("js");
            assertThat(peer.get("/").text()).isEqualTo("<h1>Hello</h1>");
            assertThat(peer.get("/only-here.txt").text()).isEqualTo("here");
        }
    }

    @Test
    void followsItsFile() throws Exception {
        listener = new TestConfig().set("content", "").open(loops, new Guests());
        add(0, content("client", "/", folder("client", "index.html", "client"), Map.of()));
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/").status()).isEqualTo(404);
            listener.modified(new TestConfig().set("content", "client").properties());
            assertThat(peer.get("/").text()).isEqualTo("client");
            listener.modified(
                    new TestConfig().set("content", "").set("static", site).properties());
            assertThat(peer.get("/").text()).isEqualTo("<h1>Hello</h1>");
        }
    }

    @Test
    void servesLargeFilesToSlowReaders() throws Exception {
        byte[] large = FramesTest.bytes(5_000_000, 30);
        Files.write(site.resolve("large.wasm"), large);
        open();
        try (WsPeer peer = WsPeer.narrow(listener)) {
            assertThat(peer.get("/large.wasm").body()).isEqualTo(large);
            assertThat(peer.get("/").status()).isEqualTo(200);
        }
    }

    @Test
    void survivesContentThatIsNotThere() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        add(0, content("gone", "/gone/", directory.resolve("gone"), Map.of()));
        add(0, content("client", "/", folder("client", "index.html", "client"), Map.of()));
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/").text()).isEqualTo("client");
            assertThat(peer.get("/gone/").status()).isEqualTo(404);
        }
    }

    private void open() {
        listener = new TestConfig().set("static", site).open(loops, new Guests());
        assertThat(listener.problem()).isNull();
    }

    private Path folder(String name, String file, String text) throws Exception {
        Path folder = Files.createDirectory(directory.resolve(name));
        Files.writeString(folder.resolve(file), text);
        return folder;
    }

    private ServiceReference<WebContent> add(int ranking, WebContent content) {
        ServiceReference<WebContent> reference = reference(ranking);
        listener.addContent(content, reference);
        return reference;
    }

    private static WebContent content(String name, String path, Path root, Map<String, String> headers) {
        return new WebContent() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String path() {
                return path;
            }

            @Override
            public Path root() {
                return root;
            }

            @Override
            public Map<String, String> headers() {
                return headers;
            }
        };
    }

    private static int references;

    /** Compares as OSGi's do: by ranking, then the older one first. */
    @SuppressWarnings("unchecked")
    private static ServiceReference<WebContent> reference(int ranking) {
        long[] order = {ranking, -references++};
        return (ServiceReference<WebContent>) Proxy.newProxyInstance(
                ContentTest.class.getClassLoader(),
                new Class<?>[] {ServiceReference.class, Order.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "order" -> order;
                    case "compareTo" -> java.util.Arrays.compare(order, ((Order) arguments[0]).order());
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> System.identityHashCode(self);
                    default -> "reference";
                });
    }

    /** What a reference is compared by. */
    public interface Order {
        long[] order();
    }
}
