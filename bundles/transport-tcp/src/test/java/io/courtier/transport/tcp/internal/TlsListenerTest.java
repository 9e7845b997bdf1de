// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import static io.courtier.listener.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.courtier.listener.Guests;
import io.courtier.listener.Guests.Guest;
import io.courtier.listener.TestLoops;
import io.courtier.listener.tls.TestCertificates;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.Listener;
import io.netty.handler.ssl.OpenSsl;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@Execution(ExecutionMode.CONCURRENT)
@ParameterizedClass
@MethodSource("providers")
class TlsListenerTest {
    private static final TestCertificates CERTIFICATES = TestCertificates.create();

    private final String provider;
    private final TestLoops loops = new TestLoops("nio");
    private final Guests guests = new Guests();
    private TcpListener listener;

    @TempDir
    private Path directory;

    TlsListenerTest(String provider) {
        this.provider = provider;
    }

    static List<String> providers() {
        return OpenSsl.isAvailable() ? List.of("jdk", "openssl") : List.of("jdk");
    }

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
        assertThat(listener.url()).startsWith("mqtts://127.0.0.1:");
        try (Peer peer = connect()) {
            assertThat(peer.send("x").receiveText(1)).isEqualTo("x");
            Guest guest = guests.next();
            assertThat(guest.info.transport()).isEqualTo("tls");
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
        byte[] much = TcpListenerTest.bytes(3_000_000, 21);
        Guests last = new Guests((guest, b, o, l) -> {
            guest.out.writeShared(much, 0, much.length);
            guest.out.close(CloseCause.SERVER_DISCONNECTED);
        });
        listener = tls().open(loops, last);
        try (Peer peer = connect()) {
            peer.send("x");
            assertThat(peer.receive(much.length)).isEqualTo(much);
            // close_notify, not a cut: an attacker could cut.
            assertThat(peer.socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(last.next().cause()).isEqualTo(CloseCause.SERVER_DISCONNECTED);
    }

    @Test
    void speaksOnlyTheProtocolsThatAreNamed() throws Exception {
        listener = tls().set("tls.protocols", "TLSv1.2").open(loops, guests);
        try (Peer peer = connect()) {
            peer.send("x").receive(1);
            assertThat(((SSLSocket) peer.socket).getSession().getProtocol()).isEqualTo("TLSv1.2");
        }
    }

    @Test
    void endsAPeerThatShakesHandsAgain() throws Exception {
        listener = tls().set("tls.protocols", "TLSv1.2").open(loops, guests);
        try (Peer peer = connect()) {
            peer.send("x").receive(1);
            assertThatThrownBy(() -> {
                        ((SSLSocket) peer.socket).startHandshake();
                        peer.send("y").receiveText(1);
                    })
                    .isInstanceOf(SSLException.class);
            Guest guest = guests.next();
            assertThat(guest.cause()).isNotNull();
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void endsAPeerThatSpeaksNoTlsAndNeverTellsTheBroker() throws Exception {
        listener = tls().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send(new byte[] {0x10, 0x0c, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 0});
            while (peer.socket.getInputStream().read() >= 0) {
                // The alert.
            }
        }
        eventually(() -> listener.connections() == 0);
        assertThat(listener.counters().tlsFailed.sum()).isEqualTo(1);
        assertThat(guests.isEmpty()).isTrue();
    }

    @Test
    void endsAPeerThatDoesNotFinishTheHandshakeInTime() throws Exception {
        listener = tls().set("handshake.timeout.ms", 100).open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            assertThat(peer.isEnded()).isTrue();
        }
        assertThat(listener.counters().handshakeTimeouts.sum()).isEqualTo(1);
        assertThat(guests.isEmpty()).isTrue();
    }

    @Test
    void keepsAConnectionThatFinishedInTime() throws Exception {
        listener = tls().set("handshake.timeout.ms", 2000).open(loops, guests);
        try (Peer peer = connect()) {
            peer.send("x").receive(1);
            Guest guest = guests.next();
            long endNanos = System.nanoTime() + 2_200_000_000L;
            while (System.nanoTime() < endNanos) {
                assertThat(peer.send("y").receiveText(1)).isEqualTo("y");
            }
            assertThat(guest.isClosed()).isFalse();
        }
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

        assertThat(isServed(CERTIFICATES.client())).isFalse();
        assertThat(isServed(CERTIFICATES.client(stranger()))).isFalse();
        assertThat(guests.isEmpty()).isTrue();
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
    }

    @Test
    void asksForNoClientCertificate() throws Exception {
        listener = tls().open(loops, guests);
        assertThat(isServed(CERTIFICATES.client(CERTIFICATES.issue("pump-9")))).isTrue();
        assertThat(guests.next().info.tls().peerCertificates()).isEmpty();
    }

    @Test
    void usesNewFilesForNewConnectionsAndKeepsTheOldOnes() throws Exception {
        listener = tls().open(loops, guests);
        try (Peer before = connect()) {
            before.send("x").receive(1);
            String old = serial(before);
            CERTIFICATES.server().into(directory);
            eventually(() -> {
                try (Peer after = connect()) {
                    return !serial(after).equals(old);
                }
            });
            assertThat(before.send("y").receiveText(1)).isEqualTo("y");
        }
    }

    @Test
    void followsALinkThatNowLeadsElsewhere() throws Exception {
        Path first = Files.createDirectory(directory.resolve("1"));
        Path second = Files.createDirectory(directory.resolve("2"));
        CERTIFICATES.server().into(first);
        CERTIFICATES.server().into(second);
        Path link = Files.createSymbolicLink(directory.resolve("current"), first);
        listener = tls().set("tls.certificate", link.resolve("server.crt"))
                .set("tls.key", link.resolve("server.key"))
                .open(loops, guests);
        String old;
        try (Peer before = connect()) {
            old = serial(before);
        }
        Files.delete(link);
        Files.createSymbolicLink(link, second);
        eventually(() -> {
            try (Peer after = connect()) {
                return !serial(after).equals(old);
            }
        });
    }

    @Test
    void keepsTheOldCertificateWhileTheNewOneIsBroken() throws Exception {
        listener = tls().open(loops, guests);
        Files.writeString(
                directory.resolve("server.key"), CERTIFICATES.issue("other").getPrivateKeyPEM());
        for (int i = 0; i < 20; i++) {
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
        X509Bundle other = CERTIFICATES.issue("other");
        try (Peer stays = Peer.connect(listener).secured(CERTIFICATES.client(other));
                Peer goes = Peer.connect(listener)) {
            stays.send("x").receive(1);
            Guest first = guests.next();
            Peer secured = goes.secured(CERTIFICATES.client(good));
            secured.send("x").receive(1);
            Guest second = guests.next();
            Files.write(list, CERTIFICATES.revoked(good));
            assertThat(secured.isEnded()).isTrue();
            assertThat(second.cause()).isEqualTo(CloseCause.TLS_FAILED);
            assertThat(second.closing.get()).as("its listener stays").isZero();
            assertThat(stays.send("y").receiveText(1)).isEqualTo("y");
            assertThat(first.isClosed()).isFalse();
        }
        assertThat(isServed(CERTIFICATES.client(good))).isFalse();
        assertThat(isServed(CERTIFICATES.client(bad))).isTrue();
        assertThat(listener.counters().revoked.sum()).isEqualTo(3);
    }

    @Test
    void readsAKeystore() throws Exception {
        try (OutputStream out = Files.newOutputStream(directory.resolve("server.p12"))) {
            CERTIFICATES.issue("broker").toKeyStore("secret".toCharArray()).store(out, "secret".toCharArray());
        }
        TestConfig config = new TestConfig()
                .set("tls", true)
                .set("tls.provider", provider)
                .set("tls.keystore", directory.resolve("server.p12"));
        listener = config.set("tls.keystore.password", "wrong").open(loops, guests);
        assertThat(listener.problem()).contains("tls.keystore.password");
        config.set("tls.keystore.password", "secret");
        listener.modified(config.properties());
        assertThat(listener.problem()).isNull();
        assertThat(isServed(CERTIFICATES.client())).isTrue();
    }

    @Test
    void usesNoKeyThatEverybodyOnThisMachineMayWrite() throws Exception {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
        Path key = directory.resolve("server.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-rw-rw-"));
        listener = tls().open(loops, guests);
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
        assertThat(listener.problem()).contains("may be written by everybody").contains("chmod 600 " + key);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        eventually(() -> listener.state() == Listener.State.OPEN);
    }

    @Test
    void saysWhatToDoAboutAKeyOfAnotherCertificate() throws Exception {
        Files.writeString(
                directory.resolve("server.key"), CERTIFICATES.issue("other").getPrivateKeyPEM());
        listener = tls().open(loops, guests);
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
        assertThat(listener.problem())
                .isEqualTo("tls.key=" + directory.resolve("server.key") + " does not belong to tls.certificate="
                        + directory.resolve("server.crt")
                        + ": name the key that the certificate was made for, in etc/io.courtier.listener.tcp-test.cfg");
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

    private X509Bundle stranger() {
        return TestCertificates.create().issue("stranger");
    }

    private TestConfig tls() {
        return new TestConfig()
                .set("tls", true)
                .set("tls.provider", provider)
                .set("tls.certificate", directory.resolve("server.crt"))
                .set("tls.key", directory.resolve("server.key"));
    }

    private Peer connect() throws Exception {
        return Peer.connect(listener).secured(CERTIFICATES.client());
    }

    private boolean isServed(TestCertificates.Client client) throws Exception {
        try (Peer peer = Peer.connect(listener).secured(client)) {
            return peer.send("x").receiveText(1).equals("x");
        } catch (IOException refused) {
            return false;
        }
    }

    private static String serial(Peer peer) throws Exception {
        X509Certificate server =
                (X509Certificate) ((SSLSocket) peer.socket).getSession().getPeerCertificates()[0];
        return server.getSerialNumber().toString();
    }
}
