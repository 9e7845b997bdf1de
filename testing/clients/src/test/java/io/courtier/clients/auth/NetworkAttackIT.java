// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.clients.Authority;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.clients.Patience;
import io.courtier.clients.web.Instance;
import io.courtier.conformance.Client;
import io.courtier.conformance.SocketWire;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks of those who have no name yet: floods, trickles, old TLS. All while somebody else wants to be served. */
@ResourceLock(Lane.LOGINS) // They measure how long they are borne with.
class NetworkAttackIT {
    private static final int CONNECT_SECONDS = 2;
    private static final int HANDSHAKE_MILLIS = 1_500;
    private static final int TRICKLES = 40;
    /** Between two bytes: an idle timeout of any length would never be reached. */
    private static final int TRICKLE_MILLIS = 100;
    /** A loaded machine, and timers that look every second. */
    private static final int GRACE_MILLIS = 4_000;

    /** How long whoever is refused may take to read why. */
    private static final int FAREWELL_MILLIS = 5_000;

    private static final int CONNECTIONS_MAX = 10;
    /** What the system's buffers of a socket hold, generously. Read, it would be a hundred times as much. */
    private static final long HELD_BYTES_MAX = 32L << 20;

    @TempDir
    static Path folder;

    @TempDir
    static Path certificates;

    private static Authority authority;
    /** A directory that takes questions and answers none. */
    private static ServerSocket silent;

    private static Instance broker;

    @BeforeAll
    static void start() throws Exception {
        authority = Authority.in(certificates);
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        broker = new Instance(folder)
                .with("io.courtier.broker.cfg", "connect.seconds = " + CONNECT_SECONDS)
                .with("io.courtier.realm-ldap.cfg", Directory.realm(silent.getLocalPort()))
                .with("io.courtier.auth.jaas.cfg", "realm = ldap", "timeout.ms = 5000", "threads = 2")
                .with("io.courtier.listener.tcp-plain.cfg", "port = 0", patience())
                .with("io.courtier.listener.tcp-narrow.cfg", "port = 0", "connections.max = " + CONNECTIONS_MAX)
                .with("io.courtier.listener.tcp-openssl.cfg", tls("openssl"))
                .with("io.courtier.listener.tcp-jdk.cfg", tls("jdk"))
                .with("io.courtier.listener.ws-plain.cfg", "port = 0", patience())
                .with("io.courtier.listener.ws-tls.cfg", tls("auto"))
                .start();
    }

    private static String patience() {
        return "handshake.timeout.ms = " + HANDSHAKE_MILLIS;
    }

    private static String[] tls(String provider) {
        return new String[] {
            "port = 0",
            "tls = true",
            "tls.provider = " + provider,
            "tls.certificate = " + authority.file("server.crt"),
            "tls.key = " + authority.file("server.key"),
            patience()
        };
    }

    @AfterAll
    static void stop() throws IOException {
        broker.close();
        silent.close();
    }

    // ---- floods

    @ParameterizedTest
    @CsvSource({
        "PUBLISH, 30 05 00 01 74 68 69",
        "PUBREL, 62 02 00 01",
        "SUBSCRIBE, 82 06 00 01 00 01 74 00",
        "PINGREQ, c0 00",
        "DISCONNECT, e0 00",
        "AUTH, f0 00",
        "CONNACK, 20 02 00 00",
        "packet of type 0, 00 00",
        "TLS hello in the clear, 16 03 01 00 05 01 00 00 01 00"
    })
    void whoDoesNotBeginWithConnectIsClosed(String packet, String bytes) throws IOException {
        for (Client client : both()) {
            client.sendHex(bytes);
            client.expectClosed();
        }
        AttackList.NETWORK.saw(packet + " before CONNECT", "closed without an answer, by TCP and WebSocket");
    }

    private static List<Client> both() throws IOException {
        return List.of(Bare.tcp(broker), Bare.ws(broker));
    }

    @Test
    void aHugeConnectIsRefusedByItsLength() throws IOException {
        // 256 MB announced, none of it sent.
        for (Client client : both()) {
            client.sendHex("10 ff ff ff 7f 00 04 4d 51 54 54 05");
            assertThat(client.wire().awaitClosed()).isTrue();
        }
        AttackList.NETWORK.saw(
                "CONNECT of 256 MB",
                "closed when its length is read, before a byte of it is kept, by TCP and WebSocket");
    }

    @Test
    void aSecondConnectEndsTheConnection() throws IOException {
        Client client = Bare.tcp(broker);
        String identifier = House.unique("twice");
        client.connect(Bare.connect(identifier, null, null));
        client.send(Bare.connect(identifier, null, null));
        assertThat(client.expect(Disconnect.class).reason()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
        client.expectClosed();
        AttackList.NETWORK.saw("a second CONNECT", "0x82 and closed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TCP", "WebSocket"})
    void whatIsSentBeforeTheGuardAnsweredIsNeitherReadNorPublished(String door) throws Exception {
        Client watcher = Bare.tcp(broker);
        watcher.connect(Bare.connect(House.unique("watcher"), null, null));
        watcher.subscribe("flood", QoS.AT_MOST_ONCE);
        boolean web = door.equals("WebSocket");
        try (Socket socket = web ? upgraded("ws-default") : Bare.socket(broker.port("tcp-default"), "127.0.0.1")) {
            AtomicLong sent = new AtomicLong();
            // To ann, of whom the directory is asked, who does not answer. Then PUBLISH packets, as many as there is
            // room for.
            byte[] connect =
                    bytes("10 1b 00 04 4d 51 54 54 05 c2 00 00 00 00 05 66 6c 6f 6f 64 00 03 61 6e 6e 00 02 70 77");
            byte[] publish = bytes("30 0b 00 05 66 6c 6f 6f 64 00 78 79 7a");
            socket.getOutputStream().write(web ? frame(connect) : connect);
            byte[] many = new byte[5_000 * publish.length];
            for (int i = 0; i < many.length; i++) many[i] = publish[i % publish.length];
            byte[] flood = web ? frame(many) : many;
            Thread flooding = new Thread(() -> {
                try {
                    while (true) {
                        socket.getOutputStream().write(flood);
                        sent.addAndGet(flood.length);
                    }
                } catch (IOException closed) {
                    // The broker had enough.
                }
            });
            long begunNanos = System.nanoTime();
            flooding.start();
            socket.setSoTimeout(10_000);
            byte[] answer = new byte[100];
            int length = socket.getInputStream().read(answer);
            long keptBytes = sent.get();
            long answeredMillis = millisSince(begunNanos);
            assertThat(HexFormat.of().formatHex(answer, 0, length))
                    .as("CONNACK with 0x88")
                    .contains("2003008800");
            flooding.join(FAREWELL_MILLIS + GRACE_MILLIS);
            assertThat(flooding.isAlive()).as("it is closed").isFalse();
            assertThat(keptBytes).isLessThan(HELD_BYTES_MAX);
            watcher.expectNothing();
            comesInMeanwhile();
            AttackList.NETWORK.saw(
                    "PUBLISH packets behind a CONNECT that is not yet judged, by " + door,
                    "not read: %d KB fill the system's buffers for %d ms; then 0x88, the rest is thrown away, and closed %d ms later; nothing was published",
                    keptBytes >> 10,
                    answeredMillis,
                    millisSince(begunNanos) - answeredMillis);
        }
    }

    /** Past the answer to the upgrade. */
    private static Socket upgraded(String listener) throws IOException {
        Socket socket = Bare.socket(broker.port(listener), "127.0.0.1");
        socket.getOutputStream()
                .write(("GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Protocol: mqtt\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0)
            head.append((char) socket.getInputStream().read());
        assertThat(head).startsWith("HTTP/1.1 101 ");
        return socket;
    }

    /** Binary and whole, masked by zeros. */
    private static byte[] frame(byte[] payload) {
        return ByteBuffer.allocate(14 + payload.length)
                .put((byte) 0x82)
                .put((byte) 0xff)
                .putLong(payload.length)
                .putInt(0)
                .put(payload)
                .array();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @Test
    void moreConnectionsThanAListenerTakesAreClosedAtOnce() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) sockets.add(Bare.socket(broker.port("tcp-narrow"), "127.0.0.1"));
            int closed = 0;
            for (Socket socket : sockets.subList(CONNECTIONS_MAX, sockets.size())) {
                if (new SocketWire(socket).awaitClosed()) closed++;
            }
            assertThat(closed).isEqualTo(300 - CONNECTIONS_MAX);
            comesInMeanwhile();
            Patience.until("a line says so", () -> broker.log().contains("connections.max"));
        } finally {
            for (Socket socket : sockets) socket.close();
        }
        AttackList.NETWORK.saw(
                "300 connections to a listener with connections.max = " + CONNECTIONS_MAX,
                "%d stay until connect.seconds are over, the others are closed at once, a WARN line counts them; other listeners notice nothing",
                CONNECTIONS_MAX);
    }

    // ---- trickles

    private enum Trickle {
        CONNECT("CONNECT", CONNECT_SECONDS * 1_000) {
            @Override
            Socket open() throws IOException {
                return Bare.socket(broker.port("tcp-plain"), "127.0.0.1");
            }

            @Override
            byte[] bytes() {
                return longConnect();
            }
        },
        NOTHING("a connection that says nothing", CONNECT_SECONDS * 1_000) {
            @Override
            Socket open() throws IOException {
                return CONNECT.open();
            }

            @Override
            byte[] bytes() {
                return new byte[0];
            }
        },
        TLS_OPENSSL("TLS hello (OpenSSL)", HANDSHAKE_MILLIS) {
            @Override
            Socket open() throws IOException {
                return Bare.socket(broker.port("tcp-openssl"), "127.0.0.1");
            }

            @Override
            byte[] bytes() {
                return TlsHello.of(0x0303, TlsHello.STRONG).padded(8_000);
            }
        },
        TLS_JDK("TLS hello (JDK)", HANDSHAKE_MILLIS) {
            @Override
            Socket open() throws IOException {
                return Bare.socket(broker.port("tcp-jdk"), "127.0.0.1");
            }

            @Override
            byte[] bytes() {
                return TLS_OPENSSL.bytes();
            }
        },
        TLS_WEB("TLS hello (HTTPS)", HANDSHAKE_MILLIS) {
            @Override
            Socket open() throws IOException {
                return Bare.socket(broker.port("ws-tls"), "127.0.0.1");
            }

            @Override
            byte[] bytes() {
                return TLS_OPENSSL.bytes();
            }
        },
        CONNECT_BY_TLS("CONNECT within TLS", CONNECT_SECONDS * 1_000) {
            @Override
            Socket open() throws IOException {
                return secured("tcp-openssl", "TLSv1.3");
            }

            @Override
            byte[] bytes() {
                return longConnect();
            }
        },
        UPGRADE("HTTP upgrade", HANDSHAKE_MILLIS) {
            @Override
            Socket open() throws IOException {
                return Bare.socket(broker.port("ws-plain"), "127.0.0.1");
            }

            @Override
            byte[] bytes() {
                return ("GET /mqtt HTTP/1.1\r\nHost: localhost\r\n" + "X-More: and more\r\n".repeat(300))
                        .getBytes(StandardCharsets.US_ASCII);
            }
        },
        UPGRADE_BY_TLS("HTTP upgrade within TLS", HANDSHAKE_MILLIS) {
            @Override
            Socket open() throws IOException {
                return secured("ws-tls", "TLSv1.3");
            }

            @Override
            byte[] bytes() {
                return UPGRADE.bytes();
            }
        },
        BODY("the body of a POST", HANDSHAKE_MILLIS) {
            @Override
            Socket open() throws IOException {
                Socket socket = UPGRADE.open();
                socket.getOutputStream()
                        .write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                return socket;
            }

            @Override
            byte[] bytes() {
                return new byte[1_000];
            }
        },
        CONNECT_BY_WEBSOCKET("CONNECT within WebSocket", CONNECT_SECONDS * 1_000) {
            @Override
            Socket open() throws IOException {
                return upgraded("ws-plain");
            }

            @Override
            byte[] bytes() {
                return frame(longConnect());
            }
        };

        final String title;
        final int limitMillis;

        Trickle(String title, int limitMillis) {
            this.title = title;
            this.limitMillis = limitMillis;
        }

        abstract Socket open() throws IOException;

        /** What it says, a byte now and then. Correct as far as it goes, and far longer than anybody waits. */
        abstract byte[] bytes();

        /** A client identifier of 1,000 bytes and a will of 9,000. */
        static byte[] longConnect() {
            return ByteBuffer.allocate(10_000)
                    .put(NetworkAttackIT.bytes("10 84 4e 00 04 4d 51 54 54 05 06 00 00 00 03 e8"))
                    .put("x".repeat(1_000).getBytes(StandardCharsets.US_ASCII))
                    .array();
        }

        /** Until the broker closes; milliseconds since the opening. */
        long last() {
            long begunNanos = System.nanoTime();
            byte[] bytes = bytes();
            try (Socket socket = open()) {
                socket.setSoTimeout(TRICKLE_MILLIS);
                for (int i = 0; millisSince(begunNanos) < 60_000; i++) {
                    if (i < bytes.length) socket.getOutputStream().write(bytes[i]);
                    try {
                        if (socket.getInputStream().read(new byte[4_096]) < 0) break;
                    } catch (SocketTimeoutException open) {
                        // The next byte.
                    }
                }
            } catch (IOException closed) {
                // As was to be shown.
            }
            return millisSince(begunNanos);
        }
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    @Test
    void whoTricklesIsClosedInTime() throws Exception {
        List<List<CompletableFuture<Long>>> all = new ArrayList<>();
        for (Trickle trickle : Trickle.values()) {
            List<CompletableFuture<Long>> lasting = new ArrayList<>();
            for (int i = 0; i < TRICKLES; i++) {
                lasting.add(CompletableFuture.supplyAsync(trickle::last, task -> new Thread(task).start()));
            }
            all.add(lasting);
        }
        comesInMeanwhile();
        for (Trickle trickle : Trickle.values()) {
            long least = Long.MAX_VALUE;
            long most = 0;
            for (CompletableFuture<Long> one : all.get(trickle.ordinal())) {
                least = Math.min(least, one.get());
                most = Math.max(most, one.get());
            }
            assertThat(most).as(trickle.title).isLessThan(trickle.limitMillis + GRACE_MILLIS);
            AttackList.NETWORK.saw(
                    "a byte each %d ms: %s".formatted(TRICKLE_MILLIS, trickle.title),
                    "%d of them closed after %d to %d ms, the limit is %d ms; others come in meanwhile",
                    TRICKLES,
                    least,
                    most,
                    trickle.limitMillis);
        }
    }

    // ---- TLS

    @ParameterizedTest
    @ValueSource(strings = {"tcp-openssl", "tcp-jdk", "ws-tls"})
    void oldVersionsAndWeakCiphersOfTlsAreRefused(String listener) throws IOException {
        int port = broker.port(listener);
        assertThat(TlsHello.of(0x0303, TlsHello.STRONG).answer(port))
                .as("TLS 1.2, which may")
                .isEqualTo("a hello");
        for (int version : new int[] {0x0300, 0x0301, 0x0302}) {
            assertThat(TlsHello.of(version, TlsHello.STRONG).answer(port))
                    .as("version %x", version)
                    .isEqualTo("the alert protocol_version");
        }
        assertThat(TlsHello.of(0x0303, TlsHello.WEAK).answer(port)).isEqualTo("the alert handshake_failure");
        AttackList.NETWORK.saw("SSL 3.0, TLS 1.0, TLS 1.1 at " + listener, "the alert protocol_version, and closed");
        AttackList.NETWORK.saw(
                "no cipher but NULL, RC4, 3DES, EXPORT at " + listener, "the alert handshake_failure, and closed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp-openssl", "tcp-jdk", "ws-tls"})
    void nobodyNegotiatesTlsAnew(String listener) throws IOException {
        // Within TLS as without: HTTP's answer, or MQTT's.
        byte[] question = listener.startsWith("ws")
                ? "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII)
                : bytes("10 0e 00 04 4d 51 54 54 04 02 00 00 00 02 72 6e");
        try (SSLSocket socket = secured(listener, "TLSv1.2")) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(question);
            assertThat(socket.getInputStream().read()).as("an answer").isPositive();
            assertThatThrownBy(() -> {
                        socket.startHandshake();
                        socket.getOutputStream().write(bytes("c0 00"));
                        socket.getInputStream().readAllBytes();
                    })
                    .isInstanceOf(SSLException.class);
        }
        AttackList.NETWORK.saw("renegotiation of TLS 1.2 at " + listener, "refused and closed");
    }

    /** After its first handshake. */
    private static SSLSocket secured(String listener, String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) authority.sockets(protocol).createSocket("127.0.0.1", broker.port(listener));
        socket.startHandshake();
        return socket;
    }

    /** Somebody who does nothing wrong, by TCP and WebSocket. */
    private static void comesInMeanwhile() throws IOException {
        for (Client client : both()) {
            long begunNanos = System.nanoTime();
            Connect connect = Bare.connect(ProtocolVersion.V5, House.unique("good"), null, null, Properties.NONE);
            assertThat(client.connect(connect).reason()).isEqualTo(ReasonCode.SUCCESS);
            client.barrier();
            assertThat(millisSince(begunNanos)).isLessThan(GRACE_MILLIS);
            client.wire().close();
        }
    }
}
