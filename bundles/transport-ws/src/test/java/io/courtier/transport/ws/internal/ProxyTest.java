// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.listener.Guests;
import io.courtier.listener.Guests.Guest;
import io.courtier.listener.TestLoops;
import io.courtier.listener.tls.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who a client is when others speak for it: PROXY headers, and X-Forwarded-For. */
class ProxyTest {
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    private final TestLoops loops = new TestLoops("nio");
    private final Guests guests = new Guests();
    private WsListener listener;

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        if (listener != null) {
            listener.deactivate();
        }
        loops.close();
    }

    // ---- PROXY

    @Test
    void readsVersion1() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send("PROXY TCP4 198.51.100.7 203.0.113.1 51234 8084\r\n").upgraded();
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
            Guest guest = guests.next();
            assertThat(guest.info.remoteAddress()).isEqualTo("198.51.100.7");
            assertThat(guest.info.remotePort()).isEqualTo(51234);
            assertThat(guest.info.anonymousAllowed()).isFalse();
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void readsVersion1InPieces() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            for (char c : "PROXY TCP6 2001:db8::7 2001:db8::1 51234 8084\r\n".toCharArray()) {
                peer.send(String.valueOf(c));
            }
            peer.upgraded();
            assertThat(guests.next().info.remoteAddress()).isEqualTo("2001:db8:0:0:0:0:0:7");
        }
    }

    @Test
    void readsVersion2() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send(version2());
            peer.upgraded();
            Guest guest = guests.next();
            assertThat(guest.info.remoteAddress()).isEqualTo("198.51.100.9");
            assertThat(guest.info.remotePort()).isEqualTo(51234);
        }
    }

    @Test
    void readsTheHeaderAndTheRequestFromOnePacket() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(version2());
            all.write(WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt")
                    .getBytes(StandardCharsets.US_ASCII));
            all.write(WsPeer.frame(true, WsPeer.BINARY, (byte) 'h', (byte) 'i'));
            assertThat(peer.send(all.toByteArray()).answer(false).status()).isEqualTo(101);
            assertThat(peer.receiveText(2)).isEqualTo("hi");
        }
    }

    @Test
    void takesTheSocketsOwnAddressForAHealthCheck() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            // Version 2, LOCAL, unspecified, nothing follows.
            peer.send(SIGNATURE).send(new byte[] {0x20, 0x00, 0x00, 0x00}).upgraded();
            assertThat(guests.next().info.remoteAddress()).isEqualTo("127.0.0.1");
        }
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send("PROXY UNKNOWN\r\n").upgraded();
            assertThat(guests.next().info.remoteAddress()).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void readsTheHeaderBeforeTls() throws Exception {
        TestCertificates certificates = TestCertificates.create();
        certificates.server().into(directory);
        listener = behindProxy()
                .set("tls", true)
                .set("tls.certificate", directory.resolve("server.crt"))
                .set("tls.key", directory.resolve("server.key"))
                .open(loops, guests);
        try (WsPeer plain = WsPeer.connect(listener)) {
            plain.send("PROXY TCP4 198.51.100.7 203.0.113.1 51234 8085\r\n");
            WsPeer peer = plain.secured(certificates.client()).upgraded();
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
            Guest guest = guests.next();
            assertThat(guest.info.remoteAddress()).isEqualTo("198.51.100.7");
            assertThat(guest.info.tls()).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 198.51.100.7 203.0.113.1 x 8084\r\n",
                "PROXY TCP4 198.51.100.7\r\n",
            })
    void endsAProxyThatSendsNoSoundHeader(String start) throws Exception {
        listener = behindProxy().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send(start);
            try {
                peer.send(WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt"));
            } catch (IOException ended) {
                assertThat(ended).isNotNull();
            }
            assertThat(peer.isEnded()).isTrue();
        }
        assertThat(guests.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /mqtt HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "proxy TCP4 198.51.100.7 203.0.113.1 51234 8084\r\n"
            })
    void endsAndCountsAProxyThatSendsNoHeader(String start) throws Exception {
        listener = behindProxy().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.send(start).isEnded()).isTrue();
        }
        assertThat(guests.isEmpty()).isTrue();
        assertThat(listener.counters().proxyHeadersMissing.sum()).isEqualTo(1);
    }

    @Test
    void endsAProxyWhoseHeaderDoesNotEnd() throws Exception {
        listener = behindProxy().set("handshake.timeout.ms", 100).open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            try {
                peer.send("PROXY TCP4 " + "1".repeat(2000));
            } catch (IOException ended) {
                assertThat(ended).isNotNull();
            }
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void endsAProxyWhoseHeaderDoesNotCome() throws Exception {
        listener = behindProxy().set("handshake.timeout.ms", 100).open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send("PROXY TCP4 198.51");
            assertThat(peer.isEnded()).isTrue();
        }
        assertThat(listener.counters().handshakeTimeouts.sum()).isEqualTo(1);
    }

    @Test
    void endsAProxiedClientWhoseRequestDoesNotCome() throws Exception {
        listener = behindProxy().set("handshake.timeout.ms", 100).open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send("PROXY TCP4 198.51.100.7 203.0.113.1 51234 8084\r\nGET / HT");
            assertThat(peer.isEnded()).isTrue();
        }
        assertThat(listener.counters().handshakeTimeouts.sum()).isEqualTo(1);
    }

    @Test
    void leavesAProxiedConnectionAloneOnceItIsUpgraded() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send(version2());
            peer.upgraded();
            listener.door().tick(System.nanoTime() + TimeUnit.DAYS.toNanos(1));
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsNoHeaderFromAnyoneElse(boolean version1) throws Exception {
        listener = new TestConfig()
                .set("proxy.protocol.from", "10.0.0.0/8, 2001:db8::/32")
                .set("allow.anonymous", "false")
                .open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send(
                    version1
                            ? "PROXY TCP4 198.51.100.7 203.0.113.1 51234 8084\r\n".getBytes(StandardCharsets.US_ASCII)
                            : version2());
            try {
                assertThat(peer.ask(WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt"))
                                .status())
                        .isEqualTo(400);
            } catch (IOException ended) {
                assertThat(ended).isNotNull();
            }
        }
        assertThat(guests.isEmpty()).isTrue();
        try (WsPeer peer = WsPeer.connect(listener).upgraded()) {
            peer.binary("x").receive(1);
            assertThat(guests.next().info.remoteAddress()).isEqualTo("127.0.0.1");
        }
    }

    // ---- X-Forwarded-For

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // forwarded.from          | X-Forwarded-For                              | who the client is
                "127.0.0.1                 | 198.51.100.7                                 | 198.51.100.7",
                "127.0.0.0/8, ::1          | 198.51.100.7                                 | 198.51.100.7",
                // What stands to the left anybody may have written.
                "127.0.0.1                 | 10.0.0.1, 192.0.2.66, 198.51.100.7           | 198.51.100.7",
                "127.0.0.1                 | 127.0.0.1, 198.51.100.7                      | 198.51.100.7",
                // A chain of proxies that are all ours.
                "127.0.0.1, 10.0.0.0/8     | 192.0.2.66, 198.51.100.7, 10.1.2.3, 10.9.9.9 | 198.51.100.7",
                "127.0.0.1, 10.0.0.0/8     | 10.1.2.3, 10.9.9.9                           | 10.1.2.3",
                "127.0.0.1                 | 2001:db8::7                                  | 2001:db8:0:0:0:0:0:7",
                "127.0.0.1, 2001:db8::/32  | 2001:db9::9, 2001:db8::7                     | 2001:db9:0:0:0:0:0:9",
                // No address: nothing beyond it is believed.
                "127.0.0.1                 | 198.51.100.7, unknown                        | 127.0.0.1",
                "127.0.0.1, 10.0.0.0/8     | 198.51.100.7, _hidden, 10.1.2.3              | 10.1.2.3",
                "127.0.0.1                 | -                                            | 127.0.0.1",
                "127.0.0.1                 | 198.51.100.7,                                | 127.0.0.1",
                // From others it is ignored.
                "10.0.0.0/8                | 198.51.100.7                                 | 127.0.0.1",
                "-                         | 198.51.100.7                                 | 127.0.0.1",
            })
    void believesWhatItsProxiesForward(String from, String forwarded, String client) throws Exception {
        TestConfig config = new TestConfig().set("allow.anonymous", "false");
        if (from != null) {
            config.set("forwarded.from", from);
        }
        listener = config.open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            String request = forwarded == null
                    ? WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt")
                    : WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt", "X-Forwarded-For: " + forwarded);
            assertThat(peer.ask(request).status()).isEqualTo(101);
            assertThat(guests.next().info.remoteAddress()).isEqualTo(client);
        }
    }

    @Test
    void readsSeveralFieldsAsOneList() throws Exception {
        listener = new TestConfig()
                .set("allow.anonymous", "false")
                .set("forwarded.from", "127.0.0.1")
                .open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.ask(WsPeer.upgradeRequest(
                    "/mqtt",
                    "Sec-WebSocket-Protocol: mqtt",
                    "X-Forwarded-For: 192.0.2.66",
                    "X-Forwarded-For: 198.51.100.7"));
            assertThat(guests.next().info.remoteAddress()).isEqualTo("198.51.100.7");
        }
    }

    @Test
    void letsStrangersInBehindAProxyOnlyWhereItIsSaid() {
        listener = new TestConfig().set("forwarded.from", "127.0.0.1").open(loops, guests);
        assertThat(listener.state()).isEqualTo(WsListener.State.FAILED);
        assertThat(listener.problem()).contains("allow.anonymous");
    }

    private static byte[] version2() {
        byte[] header = java.util.Arrays.copyOf(SIGNATURE, SIGNATURE.length + 16);
        byte[] rest = {
            0x21, // version 2, PROXY
            0x11, // TCP over IPv4
            0x00,
            0x0c, // 12 bytes follow
            (byte) 198,
            51,
            100,
            9, // source
            (byte) 203,
            0,
            113,
            1, // destination
            (byte) 0xc8,
            0x22, // source port 51234
            0x1f,
            (byte) 0x94 // destination port 8084
        };
        System.arraycopy(rest, 0, header, SIGNATURE.length, rest.length);
        return header;
    }

    private static TestConfig behindProxy() {
        return new TestConfig().set("proxy.protocol.from", "127.0.0.1,::1").set("allow.anonymous", "false");
    }
}
