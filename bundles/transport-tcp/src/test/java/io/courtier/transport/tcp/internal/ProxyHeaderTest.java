// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import static io.courtier.listener.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.listener.Guests;
import io.courtier.listener.Guests.Guest;
import io.courtier.listener.TestLoops;
import io.courtier.listener.tls.TestCertificates;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxyHeaderTest {
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    private final TestLoops loops = new TestLoops("nio");
    private final Guests guests = new Guests();
    private TcpListener listener;

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        if (listener != null) {
            listener.deactivate();
        }
        loops.close();
    }

    @Test
    void readsVersion1() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send("PROXY TCP4 198.51.100.7 203.0.113.1 51234 1883\r\nhello");
            assertThat(peer.receiveText(5)).isEqualTo("hello");
            Guest guest = guests.next();
            assertThat(guest.info.remoteAddress()).isEqualTo("198.51.100.7");
            assertThat(guest.info.remotePort()).isEqualTo(51234);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void readsVersion1InPieces() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.socket.setTcpNoDelay(true);
            for (char c : "PROXY TCP6 2001:db8::7 2001:db8::1 51234 1883\r\nhello".toCharArray()) {
                peer.send(String.valueOf(c));
            }
            assertThat(peer.receiveText(5)).isEqualTo("hello");
            assertThat(guests.next().info.remoteAddress()).isEqualTo("2001:db8::7");
        }
    }

    @Test
    void readsVersion2() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send(SIGNATURE).send(new byte[] {
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
                0x07,
                0x5b, // destination port 1883
                'h',
                'i'
            });
            assertThat(peer.receiveText(2)).isEqualTo("hi");
            Guest guest = guests.next();
            assertThat(guest.info.remoteAddress()).isEqualTo("198.51.100.9");
            assertThat(guest.info.remotePort()).isEqualTo(51234);
        }
    }

    @Test
    void takesTheSocketsOwnAddressForAHealthCheck() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            // Version 2, LOCAL, unspecified, nothing follows.
            peer.send(SIGNATURE).send(new byte[] {0x20, 0x00, 0x00, 0x00, 'h', 'i'});
            assertThat(peer.receiveText(2)).isEqualTo("hi");
            assertThat(guests.next().info.remoteAddress()).isEqualTo("127.0.0.1");
        }
        try (Peer peer = Peer.connect(listener)) {
            peer.send("PROXY UNKNOWN\r\nhi");
            assertThat(peer.receiveText(2)).isEqualTo("hi");
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
        try (Peer plain = Peer.connect(listener)) {
            plain.send("PROXY TCP4 198.51.100.7 203.0.113.1 51234 8883\r\n");
            Peer peer = plain.secured(certificates.client());
            assertThat(peer.send("x").receiveText(1)).isEqualTo("x");
            Guest guest = guests.next();
            assertThat(guest.info.remoteAddress()).isEqualTo("198.51.100.7");
            assertThat(guest.info.tls()).isNotNull();
        }
    }

    @Test
    void endsAProxyThatSendsNoHeader() throws Exception {
        listener = behindProxy().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send("GET / HTTP/1.1 without a header\r\n");
            assertThat(peer.isEnded()).isTrue();
        }
        try (Peer peer = Peer.connect(listener)) {
            peer.send(new byte[200]);
            assertThat(peer.isEnded()).isTrue();
        }
        eventually(() -> listener.connections() == 0);
        assertThat(listener.counters().proxyHeadersMissing.sum()).isEqualTo(2);
        assertThat(guests.isEmpty()).isTrue();
    }

    @Test
    void endsAProxyWhoseHeaderDoesNotCome() throws Exception {
        listener = behindProxy().set("handshake.timeout.ms", 100).open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send("PROXY TCP4 198.51");
            assertThat(peer.isEnded()).isTrue();
        }
        assertThat(listener.counters().handshakeTimeouts.sum()).isEqualTo(1);
    }

    @Test
    void readsNoHeaderFromAnyoneElse() throws Exception {
        listener = new TestConfig()
                .set("proxy.protocol.from", "10.0.0.0/8, 2001:db8::/32")
                .set("allow.anonymous", "false")
                .open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            // These are then the first bytes of MQTT, and the broker refuses them.
            assertThat(peer.send("PROXY TCP4").receiveText(10)).isEqualTo("PROXY TCP4");
            assertThat(guests.next().info.remoteAddress()).isEqualTo("127.0.0.1");
        }
    }

    private static TestConfig behindProxy() {
        return new TestConfig().set("proxy.protocol.from", "127.0.0.1,::1").set("allow.anonymous", "false");
    }
}
