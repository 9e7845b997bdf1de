// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import static io.courtier.listener.Eventually.eventually;
import static io.courtier.transport.ws.internal.FramesTest.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.listener.Guests;
import io.courtier.listener.Guests.Guest;
import io.courtier.listener.TestLoops;
import io.courtier.listener.tls.TestCertificates;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.Listener;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final TestCertificates CERTIFICATES = TestCertificates.create();

    private final TestLoops loops = new TestLoops("nio");
    private final Guests guests = new Guests();
    private WsListener listener;

    @TempDir
    private Path directory;

    @BeforeEach
    void files() throws Exception {
        CERTIFICATES.server().into(directory);
        Files.writeString(directory.resolve("trust.pem"), CERTIFICATES.authorityPem());
    }

    @AfterEach
    void close() {
        if (listener != null) {
            listener.deactivate();
        }
        loops.close();
    }

    @Test
    void tellsTheBrokerWhatTheHandshakeFoundOut() throws Exception {
        listener = tls().open(loops, guests);
        assertThat(listener.url()).startsWith("wss://127.0.0.1:").endsWith("/mqtt");
        try (WsPeer peer = connect()) {
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
            Guest guest = guests.next();
            assertThat(guest.info.transport()).isEqualTo("wss");
            assertThat(guest.info.tls().protocol()).isEqualTo("TLSv1.3");
            assertThat(guest.info.tls().cipherSuite()).startsWith("TLS_");
            assertThat(guest.info.tls().serverName()).isEqualTo("broker.test");
            assertThat(guest.info.tls().peerCertificates()).isEmpty();
            peer.socket.close();
            assertThat(guest.cause()).isEqualTo(CloseCause.PEER_CLOSED);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void carriesMuchAndClosesCleanly() throws Exception {
        byte[] much = bytes(3_000_000, 21);
        Guests last = new Guests((guest, b, o, l) -> {
            guest.out.writeShared(much, 0, much.length);
            guest.out.close(CloseCause.SERVER_DISCONNECTED);
        });
        listener = tls().open(loops, last);
        try (WsPeer peer = connect()) {
            peer.binary("x");
            assertThat(peer.receive(much.length)).isEqualTo(much);
            assertThat(peer.closeCode()).isEqualTo(1000);
            peer.send(WsPeer.closeFrame(1000));
            // close_notify, not a cut: an attacker could cut.
            assertThat(peer.socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(last.next().cause()).isEqualTo(CloseCause.SERVER_DISCONNECTED);
    }

    @Test
    void echoesMuch() throws Exception {
        listener = tls().open(loops, guests);
        byte[] stream = bytes(2_000_000, 22);
        try (WsPeer peer = connect()) {
            Thread sender = new Thread(() -> {
                try {
                    peer.binary(stream);
                } catch (IOException ended) {
                    // What is received says so.
                }
            });
            sender.start();
            assertThat(peer.receive(stream.length)).isEqualTo(stream);
        }
    }

    @Test
    void speaksOnlyTheProtocolsThatAreNamed() throws Exception {
        listener = tls().set("tls.protocols", "TLSv1.2").open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("x").receive(1);
            assertThat(((SSLSocket) peer.socket).getSession().getProtocol()).isEqualTo("TLSv1.2");
            assertThat(guests.next().info.tls().protocol()).isEqualTo("TLSv1.2");
        }
    }

    @Test
    void refusesTls11() throws Exception {
        listener = tls().open(loops, guests);
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        hello.write(new byte[] {0x03, 0x02}); // TLS 1.1
        hello.write(new byte[32]); // random
        hello.write(0); // no session
        hello.write(new byte[] {0, 4, (byte) 0xc0, 0x13, 0x00, 0x2f}); // two cipher suites
        hello.write(new byte[] {1, 0}); // no compression
        int length = hello.size();
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        record.write(new byte[] {0x16, 0x03, 0x01, 0, (byte) (length + 4)}); // handshake
        record.write(new byte[] {1, 0, 0, (byte) length}); // client hello
        record.write(hello.toByteArray());
        try (Socket socket = new Socket("127.0.0.1", WsPeer.port(listener))) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(record.toByteArray());
            byte[] alert = socket.getInputStream().readNBytes(7);
            assertThat(alert[0]).as("an alert").isEqualTo((byte) 21);
            assertThat(alert[6]).as("protocol_version").isEqualTo((byte) 70);
        }
        eventually(() -> listener.counters().tlsFailed.sum() == 1);
    }

    @Test
    void endsAPeerThatSpeaksNoTlsAndNeverTellsTheBroker() throws Exception {
        listener = tls().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send(WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt"));
            assertThat(peer.isEnded()).isTrue();
        }
        eventually(() -> listener.counters().tlsFailed.sum() == 1);
        assertThat(guests.isEmpty()).isTrue();
    }

    @Test
    void endsAPeerThatDoesNotFinishTheHandshakeInTime() throws Exception {
        listener = tls().set("handshake.timeout.ms", 100).open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            peer.send(new byte[] {0x16, 0x03, 0x01});
            assertThat(peer.isEnded()).isTrue();
        }
        assertThat(listener.counters().handshakeTimeouts.sum()).isEqualTo(1);
    }

    @Test
    void countsTheTimeOfTheHandshakeAndOfTheRequestTogether() throws Exception {
        listener = tls().set("handshake.timeout.ms", 300).open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener).secured(CERTIFICATES.client())) {
            assertThat(peer.isEnded()).isTrue();
        }
        assertThat(listener.counters().handshakeTimeouts.sum()).isEqualTo(1);
    }

    @Test
    void needsAClientCertificate() throws Exception {
        listener = tls().set("tls.client.certificate", "need")
                .set("tls.trust", directory.resolve("trust.pem"))
                .open(loops, guests);
        assertThat(isServed(CERTIFICATES.client(CERTIFICATES.issue("pump-7")))).isTrue();
        Guest guest = guests.next();
        X509Certificate own = guest.info.tls().peerCertificates().get(0);
        assertThat(own.getSubjectX500Principal().getName()).isEqualTo("CN=pump-7");
        assertThat(guest.info.tls().peerCertificates()).hasSize(2);

        assertThat(isServed(CERTIFICATES.client())).isFalse();
        assertThat(isServed(CERTIFICATES.client(stranger()))).isFalse();
        assertThat(isServed(CERTIFICATES.client(expired()))).isFalse();
        assertThat(guests.isEmpty()).isTrue();
    }

    @Test
    void refusesRevokedCertificatesAndEndsTheConnectionsOfThoseThatAreRevokedLater() throws Exception {
        X509Bundle good = CERTIFICATES.issue("good");
        X509Bundle bad = CERTIFICATES.issue("bad");
        Path list = directory.resolve("clients.crl");
        Files.write(list, CERTIFICATES.revoked(bad));
        listener = tls().set("tls.client.certificate", "need")
                .set("tls.trust", directory.resolve("trust.pem"))
                .set("tls.crl", list)
                .open(loops, guests);
        assertThat(isServed(CERTIFICATES.client(bad))).isFalse();
        assertThat(listener.counters().revoked.sum()).isEqualTo(1);
        assertThat(guests.isEmpty()).isTrue();
        try (WsPeer stays = WsPeer.connect(listener)
                        .secured(CERTIFICATES.client(CERTIFICATES.issue("other")))
                        .upgraded();
                WsPeer goes = WsPeer.connect(listener)
                        .secured(CERTIFICATES.client(good))
                        .upgraded()) {
            stays.binary("x").receive(1);
            goes.binary("x").receive(1);
            Guest first = guests.next();
            Guest second = guests.next();
            Files.write(list, CERTIFICATES.revoked(good));
            assertThat(goes.closeCode()).as("policy violation").isEqualTo(1008);
            goes.send(WsPeer.closeFrame(1008));
            assertThat(second.cause()).isEqualTo(CloseCause.TLS_FAILED);
            assertThat(second.closing.get()).as("its listener stays").isZero();
            assertThat(stays.binary("y").receiveText(1)).isEqualTo("y");
            assertThat(first.isClosed()).isFalse();
        }
        assertThat(isServed(CERTIFICATES.client(good))).isFalse();
        assertThat(isServed(CERTIFICATES.client(bad))).isTrue();
        assertThat(listener.counters().revoked.sum()).isEqualTo(3);
    }

    @Test
    void wantsAClientCertificate() throws Exception {
        listener = tls().set("tls.client.certificate", "want")
                .set("tls.trust", directory.resolve("trust.pem"))
                .open(loops, guests);
        assertThat(isServed(CERTIFICATES.client())).isTrue();
        assertThat(guests.next().info.tls().peerCertificates()).isEmpty();
        assertThat(isServed(CERTIFICATES.client(CERTIFICATES.issue("pump-8")))).isTrue();
        assertThat(guests.next().info.tls().peerCertificates()).isNotEmpty();
        assertThat(isServed(CERTIFICATES.client(stranger()))).isFalse();
        assertThat(isServed(CERTIFICATES.client(expired()))).isFalse();
    }

    @Test
    void asksForNoClientCertificate() throws Exception {
        listener = tls().open(loops, guests);
        assertThat(isServed(CERTIFICATES.client(CERTIFICATES.issue("pump-9")))).isTrue();
        assertThat(guests.next().info.tls().peerCertificates()).isEmpty();
    }

    /** A handshake succeeds with any certificates beside those of the path. */
    @Test
    void believesNoCertificateThatProvesNothing() throws Exception {
        listener = tls().set("tls.client.certificate", "need")
                .set("tls.trust", directory.resolve("trust.pem"))
                .open(loops, guests);
        X509Bundle own = CERTIFICATES.issue("pump-7");
        X509Certificate forged = TestCertificates.create().issue("admin").getCertificate();
        try (WsPeer peer = WsPeer.connect(listener)) {
            SSLSocket secured = (SSLSocket) presenting(own, own.getCertificate(), forged)
                    .getSocketFactory()
                    .createSocket(peer.socket, "broker.test", peer.socket.getPort(), true);
            secured.startHandshake();
            secured.getOutputStream()
                    .write(WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt")
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            Guest guest = guests.next();
            assertThat(guest.info.tls().peerCertificates())
                    .extracting(
                            certificate -> certificate.getSubjectX500Principal().getName())
                    .containsExactly("CN=pump-7", "CN=Test Authority");
        }
    }

    @Test
    void usesNewFilesForNewConnectionsAndKeepsTheOldOnes() throws Exception {
        listener = tls().open(loops, guests);
        try (WsPeer before = connect()) {
            before.binary("x").receive(1);
            String old = serial(before);
            CERTIFICATES.server().into(directory);
            eventually(() -> {
                try (WsPeer after = connect()) {
                    return !serial(after).equals(old);
                }
            });
            assertThat(before.binary("y").receiveText(1)).isEqualTo("y");
        }
    }

    @Test
    void keepsTheOldCertificateWhileTheNewOneIsBroken() throws Exception {
        listener = tls().open(loops, guests);
        Files.writeString(
                directory.resolve("server.key"), CERTIFICATES.issue("other").getPrivateKeyPEM());
        for (int i = 0; i < 10; i++) {
            assertThat(isServed(CERTIFICATES.client())).isTrue();
        }
        assertThat(listener.state()).isEqualTo(Listener.State.OPEN);
    }

    @Test
    void takesNewAuthoritiesForNewConnections() throws Exception {
        TestCertificates others = TestCertificates.create();
        X509Bundle stranger = others.issue("newcomer");
        listener = tls().set("tls.client.certificate", "need")
                .set("tls.trust", directory.resolve("trust.pem"))
                .open(loops, guests);
        assertThat(isServed(CERTIFICATES.client(stranger))).isFalse();
        Files.writeString(directory.resolve("trust.pem"), others.authorityPem());
        eventually(() -> isServed(CERTIFICATES.client(stranger)));
        assertThat(isServed(CERTIFICATES.client(CERTIFICATES.issue("pump-7")))).isFalse();
    }

    @Test
    void asksForCertificatesFromTheMomentItsFileDoes() throws Exception {
        listener = tls().open(loops, guests);
        assertThat(isServed(CERTIFICATES.client())).isTrue();
        int port = WsPeer.port(listener);
        listener.modified(tls().set("tls.client.certificate", "need")
                .set("tls.trust", directory.resolve("trust.pem"))
                .properties());
        assertThat(WsPeer.port(listener)).isEqualTo(port);
        assertThat(isServed(CERTIFICATES.client())).isFalse();
        assertThat(isServed(CERTIFICATES.client(CERTIFICATES.issue("pump-7")))).isTrue();
    }

    @Test
    void readsAKeystore() throws Exception {
        try (OutputStream out = Files.newOutputStream(directory.resolve("server.p12"))) {
            CERTIFICATES.issue("broker").toKeyStore("secret".toCharArray()).store(out, "secret".toCharArray());
        }
        TestConfig config = new TestConfig().set("tls", true).set("tls.keystore", directory.resolve("server.p12"));
        listener = config.set("tls.keystore.password", "wrong").open(loops, guests);
        assertThat(listener.problem()).contains("tls.keystore.password");
        config.set("tls.keystore.password", "secret");
        listener.modified(config.properties());
        assertThat(listener.problem()).isNull();
        assertThat(isServed(CERTIFICATES.client())).isTrue();
    }

    @Test
    void opensWhenTheMissingCertificateAppears() throws Exception {
        Files.delete(directory.resolve("server.crt"));
        Files.delete(directory.resolve("server.key"));
        listener = tls().open(loops, guests);
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
        assertThat(listener.problem()).contains("server.crt does not exist");
        CERTIFICATES.server().into(directory);
        eventually(() -> listener.state() == Listener.State.OPEN);
        assertThat(isServed(CERTIFICATES.client())).isTrue();
    }

    @Test
    void servesContentOnTheSamePort() throws Exception {
        Path site = Files.createDirectory(directory.resolve("site"));
        Files.writeString(site.resolve("index.html"), "<h1>Hello</h1>");
        listener = tls().set("static", site).open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener).secured(CERTIFICATES.client())) {
            assertThat(peer.get("/").text()).isEqualTo("<h1>Hello</h1>");
            peer.upgraded();
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
        }
    }

    /** By any name: whether the certificate has it is for the client to judge. */
    @Test
    void answersToNamesThatItsCertificateDoesNotHave() throws Exception {
        listener = tls().open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener).secured(CERTIFICATES.client())) {
            assertThat(peer.ask("GET /x HTTP/1.1\r\nHost: 127.0.0.1:8085\r\n\r\n")
                            .status())
                    .isEqualTo(404);
        }
    }

    private static X509Bundle stranger() {
        return TestCertificates.create().issue("stranger");
    }

    private static X509Bundle expired() {
        return CERTIFICATES.issue(TestCertificates.base()
                .subject("CN=old")
                .notBefore(Instant.now().minus(20, ChronoUnit.DAYS))
                .notAfter(Instant.now().minus(10, ChronoUnit.DAYS)));
    }

    private static SSLContext presenting(X509Bundle own, Certificate... chain) throws Exception {
        // Of the kinds of key stores the one that does not look at chains.
        KeyStore keys = KeyStore.getInstance("JKS");
        keys.load(null, null);
        keys.setKeyEntry("own", own.getKeyPair().getPrivate(), "x".toCharArray(), chain);
        KeyManagerFactory managers = KeyManagerFactory.getInstance("SunX509");
        managers.init(keys, "x".toCharArray());
        KeyStore trust = KeyStore.getInstance("JKS");
        trust.load(null, null);
        trust.setCertificateEntry("authority", certificate(CERTIFICATES.authorityPem()));
        TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManager[] trustManagers = trusted.getTrustManagers();
        context.init(managers.getKeyManagers(), trustManagers, null);
        return context;
    }

    private static Certificate certificate(String pem) throws Exception {
        return java.security.cert.CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new java.io.ByteArrayInputStream(pem.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }

    private TestConfig tls() {
        return new TestConfig()
                .set("tls", true)
                .set("tls.certificate", directory.resolve("server.crt"))
                .set("tls.key", directory.resolve("server.key"));
    }

    private WsPeer connect() throws Exception {
        return WsPeer.connect(listener).secured(CERTIFICATES.client()).upgraded();
    }

    private boolean isServed(TestCertificates.Client client) throws Exception {
        try (WsPeer peer = WsPeer.connect(listener).secured(client).upgraded()) {
            return peer.binary("x").receiveText(1).equals("x");
        } catch (IOException refused) {
            return false;
        }
    }

    private static String serial(WsPeer peer) throws Exception {
        X509Certificate server =
                (X509Certificate) ((SSLSocket) peer.socket).getSession().getPeerCertificates()[0];
        return server.getSerialNumber().toString();
    }
}
