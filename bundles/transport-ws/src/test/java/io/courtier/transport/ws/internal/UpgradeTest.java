// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.listener.Guests;
import io.courtier.listener.Guests.Guest;
import io.courtier.listener.TestLoops;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.Listener;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests become connections. */
class UpgradeTest {
    private final TestLoops loops = new TestLoops("nio");
    private final Guests guests = new Guests();
    private WsListener listener;

    @AfterEach
    void close() {
        if (listener != null) {
            listener.deactivate();
        }
        loops.close();
    }

    @Test
    void echoesToTheClientOfTheJdk() throws Exception {
        listener = new TestConfig().open(loops, guests);
        assertThat(listener.state()).isEqualTo(Listener.State.OPEN);
        assertThat(listener.name()).isEqualTo("ws-test");
        assertThat(listener.url()).matches("ws://127\\.0\\.0\\.1:\\d+/mqtt");
        CompletableFuture<String> echo = new CompletableFuture<>();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("mqtt")
                .buildAsync(URI.create(listener.url()), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
                        byte[] bytes = new byte[data.remaining()];
                        data.get(bytes);
                        echo.complete(new String(bytes, java.nio.charset.StandardCharsets.US_ASCII));
                        from.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
                        end.complete(code);
                        return null;
                    }
                })
                .get(5, TimeUnit.SECONDS);
        assertThat(socket.getSubprotocol()).isEqualTo("mqtt");
        socket.sendBinary(ByteBuffer.wrap(new byte[] {'h', 'i'}), true).get(5, TimeUnit.SECONDS);
        assertThat(echo.get(5, TimeUnit.SECONDS)).isEqualTo("hi");
        Guest guest = guests.next();
        assertThat(guest.info.transport()).isEqualTo("ws");
        assertThat(guest.info.listener()).isEqualTo("ws-test");
        assertThat(guest.info.remoteAddress()).isEqualTo("127.0.0.1");
        assertThat(guest.info.remotePort()).isPositive();
        assertThat(guest.info.anonymousAllowed()).isTrue();
        assertThat(guest.info.tls()).isNull();
        assertThat(listener.connections()).isEqualTo(1);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(5, TimeUnit.SECONDS);
        assertThat(end.get(5, TimeUnit.SECONDS)).isEqualTo(1000);
        assertThat(guest.cause()).isEqualTo(CloseCause.PEER_CLOSED);
        assertThat(guest.wrong).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // offered          | required | status | chosen
                "mqtt               | true     | 101    | mqtt",
                "mqttv3.1           | true     | 101    | mqttv3.1",
                "mqttv3.1, mqtt     | true     | 101    | mqtt",
                "chat, mqtt, soap   | true     | 101    | mqtt",
                "chat               | true     | 400    | -",
                "MQTT               | true     | 400    | -",
                "-                  | true     | 400    | -",
                "mqtt               | false    | 101    | mqtt",
                "-                  | false    | 101    | -",
                "chat               | false    | 400    | -",
            })
    void choosesASubprotocolThatIsMqtt(String offered, boolean required, int status, String chosen) throws Exception {
        listener = new TestConfig().set("subprotocol.required", required).open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.ask(
                    offered == null
                            ? WsPeer.upgradeRequest("/mqtt")
                            : WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: " + offered));
            assertThat(answer.status()).isEqualTo(status);
            if (chosen == null) {
                assertThat(answer.fields("Sec-WebSocket-Protocol")).isEmpty();
            } else {
                assertThat(answer.fields("Sec-WebSocket-Protocol")).containsExactly(chosen);
            }
            if (status == 101) {
                assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
            } else {
                assertThat(answer.text()).contains("subprotocol mqtt");
                assertThat(guests.isEmpty()).isTrue();
            }
        }
    }

    @Test
    void readsSubprotocolsThatComeInSeveralFields() throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.ask(
                    WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: mqttv3.1"));
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.fields("Sec-WebSocket-Protocol")).containsExactly("mqttv3.1");
        }
    }

    @Test
    void answersTheKeyAsTheStandardSays() throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.ask(WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt"));
            // RFC 6455, 1.3
            assertThat(answer.field("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assertThat(answer.field("Server")).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover, x-webkit-deflate-frame"
            })
    void negotiatesNoCompression(String offer) throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.ask(WsPeer.upgradeRequest(
                    "/mqtt", "Sec-WebSocket-Protocol: mqtt", "Sec-WebSocket-Extensions: " + offer));
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.fields("Sec-WebSocket-Extensions")).isEmpty();
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"8", "12", "14", "013", "x", ""})
    void refusesOtherVersionsAndSaysWhichItSpeaks(String version) throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer =
                    peer.ask(upgrade().replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: " + version));
            assertThat(answer.status()).isEqualTo(426);
            // RFC 6455, 4.4
            assertThat(answer.field("Sec-WebSocket-Version")).isEqualTo("13");
        }
        assertThat(guests.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                "Connection: Upgrade\r\n",
            })
    void refusesARequestWithout(String field) throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.ask(upgrade().replace(field, ""));
            assertThat(answer.status()).isEqualTo(400);
        }
        assertThat(guests.isEmpty()).isTrue();
    }

    @Test
    void refusesToUpgradeAPost() throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer =
                    peer.ask(upgrade().replace("GET ", "POST ").replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n"));
            assertThat(answer.status()).isEqualTo(400);
        }
        assertThat(guests.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "/mqtt,   /mqtt,       101",
        "/mqtt,   /mqtt?a=b,   101",
        "/mqtt,   /,           404",
        "/mqtt,   /mqtt/,      404",
        "/mqtt,   /MQTT,       404",
        "/mqtt,   /mqtt/x,     404",
        "/mqtt,   /mqttx,      404",
        "/ws/in,  /ws/in,      101",
        "/ws/in,  /mqtt,       404",
        "*,       /,           101",
        "*,       /mqtt,       101",
        "*,       /any/where,  101",
    })
    void upgradesAtItsPathOnly(String configured, String requested, int status) throws Exception {
        listener = new TestConfig().set("path", configured).open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.ask(WsPeer.upgradeRequest(requested, "Sec-WebSocket-Protocol: mqtt"))
                            .status())
                    .isEqualTo(status);
        }
    }

    @Test
    void tellsWhoAsksForAPageAtItsPathToUpgrade() throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.get("/mqtt");
            assertThat(answer.status()).isEqualTo(426);
            assertThat(answer.field("Upgrade")).isEqualTo("websocket");
            // RFC 9110, 7.8
            assertThat(answer.field("Connection")).containsIgnoringCase("upgrade");
            // The connection goes on.
            assertThat(peer.ask(upgrade()).status()).isEqualTo(101);
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
        }
    }

    @Test
    void readsFramesThatCameWithTheRequest() throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            byte[] request = upgrade().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            byte[] frame = WsPeer.frame(true, WsPeer.BINARY, (byte) 'h', (byte) 'i');
            byte[] both = java.util.Arrays.copyOf(request, request.length + frame.length);
            System.arraycopy(frame, 0, both, request.length, frame.length);
            assertThat(peer.send(both).answer(false).status()).isEqualTo(101);
            assertThat(peer.receiveText(2)).isEqualTo("hi");
        }
    }

    @Test
    void readsARequestThatComesByteByByte() throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            for (char c : upgrade().toCharArray()) {
                peer.send(String.valueOf(c));
            }
            assertThat(peer.answer(false).status()).isEqualTo(101);
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
        }
    }

    // ---- Origin

    /** With the field {@code Host: localhost:8084}. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-,                              101",
                "http://localhost:8084,          101",
                "HTTP://LOCALHOST:8084,          101",
                "http://LocalHost:8084,          101",
                // TLS may end in front of us.
                "https://localhost:8084,         101",
                "http://localhost,               403",
                "http://localhost:8085,          403",
                "http://localhost:80840,         403",
                "http://localhost.evil:8084,     403",
                "http://evil.localhost:8084,     403",
                "http://notlocalhost:8084,       403",
                "http://evil.example,            403",
                "http://localhost:8084/page,     403",
                "http://localhost:8084/,         403",
                "http://a@localhost:8084,        403",
                "http://localhost:8084@evil.example, 403",
                "null,                           403",
                "file://,                        403",
                "chrome-extension://localhost:8084, 403",
                "localhost:8084,                 403",
                "http://127.0.0.1:8084,          403",
                "'''http://localhost:8084''',    403",
            })
    void letsPagesOfItsOwnOriginInAndNoOthers(String origin, int status) throws Exception {
        listener = new TestConfig().open(loops, guests);
        assertThat(upgradeOf(origin, "localhost:8084")).isEqualTo(status);
        assertThat(guests.isEmpty()).isEqualTo(status != 101);
    }

    @ParameterizedTest
    @CsvSource({
        // Behind a proxy that ends TLS and hands the Host on.
        "https://app.example.com,      app.example.com,      101",
        "http://app.example.com,       app.example.com,      101",
        "https://app.example.com,      app.example.com:443,  101",
        "https://app.example.com:443,  app.example.com,      101",
        "https://app.example.com:8443, app.example.com,      403",
        "https://app.example.com.evil, app.example.com,      403",
        "http://127.0.0.1:8084,        127.0.0.1:8084,       101",
        "http://[::1]:8084,            [::1]:8084,           101",
        "http://[::1]:8084,            [::2]:8084,           403",
        "http://my_broker:8084,        my_broker:8084,       101",
        "http://their_broker:8084,     my_broker:8084,       403",
    })
    void comparesTheOriginWithTheHost(String origin, String host, int status) throws Exception {
        listener = new TestConfig().set("hosts", "app.example.com, my_broker").open(loops, guests);
        assertThat(upgradeOf(origin, host)).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://app.example.com, http://10.0.0.5:8080 | https://app.example.com     | 101",
                "https://app.example.com, http://10.0.0.5:8080 | https://app.example.com:443 | 101",
                "https://app.example.com, http://10.0.0.5:8080 | https://APP.example.com     | 101",
                "https://app.example.com, http://10.0.0.5:8080 | http://10.0.0.5:8080        | 101",
                "https://app.example.com, http://10.0.0.5:8080 | http://app.example.com      | 403",
                "https://app.example.com, http://10.0.0.5:8080 | https://x.app.example.com   | 403",
                "https://app.example.com, http://10.0.0.5:8080 | https://app.example.com.evil| 403",
                "https://app.example.com, http://10.0.0.5:8080 | http://10.0.0.5             | 403",
                "https://app.example.com                       | null                        | 403",
                "null                                          | null                        | 101",
                "null                                          | https://evil.example        | 403",
                "*                                             | https://any.example         | 101",
                "*                                             | null                        | 101",
                "https://app.example.com                       | http://localhost:8084       | 101",
            })
    void letsPagesOfNamedOriginsIn(String origins, String origin, int status) throws Exception {
        listener = new TestConfig().set("origins", origins).open(loops, guests);
        assertThat(upgradeOf(origin, "localhost:8084")).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app.example.com",
                "https://app.example.com/",
                "https://app.example.com/page",
                "ftp://app.example.com",
                "https://*.example.com",
                "https://"
            })
    void staysClosedOnAnOriginThatIsNone(String origin) {
        listener = new TestConfig().set("origins", origin).open(loops, guests);
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
        assertThat(listener.problem()).contains("origins").contains(origin).contains("ws-test.cfg");
    }

    // ---- Host

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // Host of the request,   hosts of the file,   what a GET and an upgrade from a page get
                "localhost,               -,                   404",
                "localhost:8084,          -,                   404",
                "LOCALHOST,               -,                   404",
                "localhost.,              -,                   404",
                "app.localhost,           -,                   404",
                "127.0.0.1:8084,          -,                   404",
                "192.168.1.20,            -,                   404",
                "[::1]:8084,              -,                   404",
                "[2001:db8::7],           -,                   404",
                "evil.example,            -,                   421",
                "evil.example:8084,       -,                   421",
                "localhost.evil.example,  -,                   421",
                "127.0.0.1.evil.example,  -,                   421",
                "notlocalhost,            -,                   421",
                "broker.example,          broker.example,      404",
                "Broker.Example:8084,     'a.b,broker.EXAMPLE',404",
                "x.broker.example,        broker.example,      421",
                "evil.example,            *,                   404",
            })
    void answersToItsOwnNamesOnly(String host, String hosts, int status) throws Exception {
        TestConfig config = new TestConfig();
        if (hosts != null) {
            config.set("hosts", hosts);
        }
        listener = config.open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer page = peer.ask("GET /x HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            assertThat(page.status()).isEqualTo(status);
        }
        // A page whose name was rebound to our address is, to its browser, of our origin.
        String authority = host.startsWith("[") || !host.endsWith(".") ? host : host.substring(0, host.length() - 1);
        assertThat(upgradeOf("http://" + authority, authority)).isEqualTo(status == 421 ? 421 : 101);
        // No browser, no names to rebind.
        assertThat(upgradeOf(null, host)).isEqualTo(101);
    }

    @Test
    void answersToThisMachinesName() throws Exception {
        listener = new TestConfig().open(loops, guests);
        String own = java.net.InetAddress.getLocalHost().getHostName();
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.ask("GET /x HTTP/1.1\r\nHost: " + own + "\r\n\r\n").status())
                    .isEqualTo(404);
        }
    }

    @Test
    void looksAtTheHostOfARequestThatNamesItInItsFirstLine() throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.ask("GET http://evil.example/x HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .status())
                    .isIn(400, 421);
        }
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.ask("GET /x HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
                            .status())
                    .isEqualTo(400);
        }
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.ask("GET /x HTTP/1.1\r\n\r\n").status()).isEqualTo(400);
        }
    }

    @Test
    void refusesLargeRequestHeaders() throws Exception {
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.get("/x", "X-Large: " + "x".repeat(20_000));
            assertThat(answer.status()).isEqualTo(431);
            assertThat(answer.field("Server")).isNull();
            assertThat(answer.field("X-Content-Type-Options")).isEqualTo("nosniff");
        }
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/" + "x".repeat(20_000)).status()).isIn(414, 431);
        }
        assertThat(guests.isEmpty()).isTrue();
    }

    private int upgradeOf(String origin, String host) throws Exception {
        String request = WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt")
                .replace("Host: localhost\r\n", "Host: " + host + "\r\n");
        if (origin != null) {
            request = request.replace("\r\n\r\n", "\r\nOrigin: " + origin + "\r\n\r\n");
        }
        try (WsPeer peer = WsPeer.connect(listener)) {
            Answer answer = peer.ask(request);
            if (answer.status() == 101) {
                peer.binary("x").receive(1);
            }
            return answer.status();
        }
    }

    private static String upgrade() {
        return WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt");
    }
}
