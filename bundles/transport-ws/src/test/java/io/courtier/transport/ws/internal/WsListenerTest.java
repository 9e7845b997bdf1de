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
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening, changing, limiting and closing a listener. */
class WsListenerTest {
    private final TestLoops loops = new TestLoops("nio");
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

    // ---- limits

    @Test
    void refusesConnectionsOverTheLimit() throws Exception {
        listener = new TestConfig().set("connections.max", 2).open(loops, new Guests());
        try (WsPeer first = connect();
                WsPeer second = connect()) {
            first.binary("x").receive(1);
            second.binary("x").receive(1);
            try (WsPeer third = WsPeer.connect(listener)) {
                assertThat(third.isEnded()).isTrue();
            }
            assertThat(listener.counters().refused.sum()).isEqualTo(1);
            first.leave();
            eventually(() -> isServed());
        }
    }

    @Test
    void keepsTheLimitWhenAllComeAtOnce() throws Exception {
        listener = new TestConfig().set("connections.max", 3).open(loops, new Guests());
        List<WsPeer> peers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            peers.add(WsPeer.connect(listener));
        }
        eventually(() ->
                listener.counters().accepted.sum() + listener.counters().refused.sum() == 60);
        assertThat(listener.counters().accepted.sum()).isEqualTo(3);
        for (WsPeer peer : peers) {
            peer.close();
        }
    }

    @Test
    void refusesConnectionsOverTheRate() throws Exception {
        listener = new TestConfig().set("connections.per.second", 2).open(loops, new Guests());
        List<WsPeer> peers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            peers.add(WsPeer.connect(listener));
        }
        eventually(() ->
                listener.counters().accepted.sum() + listener.counters().refused.sum() == 20);
        assertThat(listener.counters().accepted.sum()).isBetween(2L, 5L);
        for (WsPeer peer : peers) {
            peer.close();
        }
        eventually(() -> isServed());
    }

    @Test
    void servesOthersWhileManyConnectAndVanish() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        try (WsPeer before = connect()) {
            for (int i = 0; i < 300; i++) {
                WsPeer.connect(listener).reset();
            }
            assertThat(before.binary("x").receiveText(1)).isEqualTo("x");
            assertThat(isServed()).isTrue();
        }
    }

    @Test
    void endsWhoIsSilent() throws Exception {
        listener = new TestConfig().set("handshake.timeout.ms", 100).open(loops, new Guests());
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.isEnded()).isTrue();
        }
        assertThat(listener.counters().handshakeTimeouts.sum()).isEqualTo(1);
    }

    @Test
    void endsWhoseRequestTrickles() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().set("handshake.timeout.ms", 200).open(loops, guests);
        try (WsPeer peer = WsPeer.connect(listener)) {
            Thread trickle = new Thread(() -> {
                try {
                    peer.send("GET /mqtt HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
                    while (true) {
                        peer.send("x");
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException ended) {
                    // As it should.
                }
            });
            trickle.start();
            assertThat(peer.isEnded()).isTrue();
            trickle.join();
        }
        assertThat(listener.counters().handshakeTimeouts.sum()).isEqualTo(1);
        assertThat(guests.isEmpty()).isTrue();
    }

    @Test
    void endsWhoKeepsAConnectionWithoutAnotherRequest() throws Exception {
        listener = new TestConfig().set("handshake.timeout.ms", 300).open(loops, new Guests());
        try (WsPeer peer = WsPeer.connect(listener)) {
            assertThat(peer.get("/nothing").status()).isEqualTo(404);
            // Not by the handshake's time, which is short.
            listener.door().tick(System.nanoTime() + TimeUnit.SECONDS.toNanos(5));
            assertThat(peer.get("/nothing").status()).isEqualTo(404);
            Thread trickle = new Thread(() -> {
                try {
                    peer.send("GET /again");
                } catch (IOException ended) {
                    // As it should.
                }
            });
            trickle.start();
            trickle.join();
            eventually(() -> {
                listener.door().tick(System.nanoTime() + TimeUnit.SECONDS.toNanos(31));
                return listener.counters().handshakeTimeouts.sum() == 1;
            });
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void leavesUpgradedConnectionsAlone() throws Exception {
        listener = new TestConfig().set("handshake.timeout.ms", 1000).open(loops, new Guests());
        try (WsPeer peer = connect();
                WsPeer late = WsPeer.connect(listener)) {
            late.get("/nothing");
            late.upgraded();
            listener.door().tick(System.nanoTime() + TimeUnit.DAYS.toNanos(1));
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
            assertThat(late.binary("x").receiveText(1)).isEqualTo("x");
            assertThat(listener.counters().handshakeTimeouts.sum()).isZero();
        }
    }

    // ---- its file

    @Test
    void failsOnAPortInUseAndOpensWhenItIsFree() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener = new TestConfig().set("port", other.getLocalPort()).open(loops, new Guests());
            assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
            assertThat(listener.problem())
                    .startsWith("cannot listen on 127.0.0.1:" + other.getLocalPort())
                    .contains("etc/io.courtier.listener.ws-test.cfg");
        }
        eventually(() -> listener.state() == Listener.State.OPEN);
        assertThat(listener.problem()).isNull();
        assertThat(isServed()).isTrue();
    }

    @Test
    void staysClosedAndSaysWhyInsteadOfThrowing() {
        listener = new TestConfig().set("bind", "0.0.0.0").open(loops, new Guests());
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
        assertThat(listener.problem()).contains("allow.anonymous=false");
        listener.modified(new TestConfig().set("allow.anonymous", "false").properties());
        assertThat(listener.state()).isEqualTo(Listener.State.OPEN);
        listener.modified(new TestConfig().set("path", "mqtt").properties());
        assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
        assertThat(listener.problem()).contains("path=mqtt").contains("slash");
        listener.modified(new TestConfig()
                .set("tls.provider", "openssl")
                .set("tls", true)
                .set("tls.keystore", "x.p12")
                .properties());
        assertThat(listener.problem()).contains("tls.provider");
        listener.deactivate();
        assertThat(listener.state()).isEqualTo(Listener.State.CLOSED);
    }

    @Test
    void appliesAChangedFileWithoutDroppingConnections() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        try (WsPeer before = connect()) {
            before.binary("x").receive(1);
            int port = WsPeer.port(listener);
            listener.modified(new TestConfig().set("connections.max", 1).properties());
            assertThat(WsPeer.port(listener)).isEqualTo(port);
            try (WsPeer refused = WsPeer.connect(listener)) {
                assertThat(refused.isEnded()).isTrue();
            }
            listener.modified(
                    new TestConfig().set("path", "/other").set("backlog", 7).properties());
            assertThat(listener.url()).endsWith("/other");
            assertThat(WsPeer.port(listener)).isNotEqualTo(port);
            try (WsPeer after = WsPeer.connect(listener)) {
                assertThat(after.ask(WsPeer.upgradeRequest("/other", "Sec-WebSocket-Protocol: mqtt"))
                                .status())
                        .isEqualTo(101);
                assertThat(after.binary("z").receiveText(1)).isEqualTo("z");
            }
            assertThat(before.binary("y").receiveText(1)).isEqualTo("y");
            assertThat(listener.connections()).isGreaterThanOrEqualTo(1);
        }
        eventually(() -> listener.connections() == 0);
    }

    @Test
    void keepsConnectionsWhileItsFileIsWrong() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        try (WsPeer before = connect()) {
            listener.modified(new TestConfig().set("port", "x").properties());
            assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
            assertThat(before.binary("y").receiveText(1)).isEqualTo("y");
            listener.modified(new TestConfig().properties());
            assertThat(isServed()).isTrue();
            assertThat(before.binary("z").receiveText(1)).isEqualTo("z");
        }
    }

    /** What it was told may be to let fewer in: nobody comes in by a connection of before. */
    @Test
    void letsNobodyUpgradeByTheOldPort() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer idle = WsPeer.connect(listener);
                WsPeer silent = WsPeer.connect(listener)) {
            assertThat(idle.get("/nothing").status()).isEqualTo(404);
            listener.modified(new TestConfig().set("port", "x").properties());
            for (WsPeer peer : List.of(idle, silent)) {
                try {
                    assertThat(peer.ask(upgrade()).status()).isNotEqualTo(101);
                } catch (IOException ended) {
                    assertThat(ended).isNotNull();
                }
            }
            assertThat(guests.isEmpty()).isTrue();
        }
    }

    @Test
    void letsNobodyInInTheClearWhenItsFileAsksForTls() throws Exception {
        TestCertificates.create().server().into(directory);
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer idle = WsPeer.connect(listener)) {
            assertThat(idle.get("/nothing").status()).isEqualTo(404);
            listener.modified(new TestConfig()
                    .set("tls", true)
                    .set("tls.certificate", directory.resolve("server.crt"))
                    .set("tls.key", directory.resolve("server.key"))
                    .properties());
            assertThat(listener.state()).isEqualTo(Listener.State.OPEN);
            try {
                assertThat(idle.ask(upgrade()).status()).isNotEqualTo(101);
            } catch (IOException ended) {
                assertThat(ended).isNotNull();
            }
            assertThat(guests.isEmpty()).isTrue();
        }
    }

    @Test
    void standsBesideAnother() throws Exception {
        Guests guests = new Guests();
        Guests others = new Guests();
        listener = new TestConfig().open(loops, guests);
        WsListener other = new TestConfig()
                .set("service.pid", WsListener.FACTORY_PID + "~other")
                .set("path", "*")
                .open(loops, others);
        try (WsPeer here = connect();
                WsPeer there = WsPeer.connect(other).upgraded()) {
            assertThat(here.binary("x").receiveText(1)).isEqualTo("x");
            assertThat(there.binary("y").receiveText(1)).isEqualTo("y");
            assertThat(guests.next().info.listener()).isEqualTo("ws-test");
            assertThat(others.next().info.listener()).isEqualTo("ws-other");
            there.send(WsPeer.closeFrame(1000));
            eventually(() -> other.connections() == 0);
            other.deactivate();
            assertThat(here.binary("z").receiveText(1)).isEqualTo("z");
        }
    }

    // ---- the end

    @Test
    void saysGoodbyeAndSendsWhatWasWrittenWhenItCloses() throws Exception {
        byte[] last = bytes(300_000, 5);
        AtomicInteger closings = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(last, 0, last.length);
            guest.out.flush();
        });
        listener = new TestConfig().open(loops, guests);
        List<WsPeer> peers = new ArrayList<>();
        List<Thread> readers = new ArrayList<>();
        AtomicInteger whole = new AtomicInteger();
        for (int i = 0; i < 10; i++) {
            WsPeer peer = connect();
            peers.add(peer);
            peer.binary("x");
            assertThat(peer.receive(1000)).isEqualTo(Arrays.copyOf(last, 1000));
            Thread reader = new Thread(() -> {
                try {
                    peer.receive(last.length - 1000);
                    if (peer.closeCode() == 1001) {
                        whole.incrementAndGet();
                    }
                    peer.send(WsPeer.closeFrame(1001));
                } catch (IOException failed) {
                    throw new java.io.UncheckedIOException(failed);
                }
            });
            readers.add(reader);
        }
        readers.forEach(Thread::start);
        long startNanos = System.nanoTime();
        listener.deactivate();
        assertThat(System.nanoTime() - startNanos).isLessThan(4_000_000_000L);
        assertThat(listener.state()).isEqualTo(Listener.State.CLOSED);
        assertThat(listener.connections()).isZero();
        for (int i = 0; i < 10; i++) {
            Guest guest = guests.next();
            assertThat(guest.isClosed()).isTrue();
            assertThat(guest.cause()).isEqualTo(CloseCause.LISTENER_CLOSED);
            assertThat(guest.closing).hasValue(1);
            assertThat(guest.wrong).isNull();
        }
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(whole).hasValue(10);
        for (WsPeer peer : peers) {
            assertThat(peer.isEnded()).isTrue();
            peer.leave();
        }
    }

    @Test
    void waitsNoLongerThanDrainSecondsForWhoDoesNotAnswer() throws Exception {
        byte[] much = new byte[64_000_000];
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.writeShared(much, 0, much.length);
            guest.out.flush();
        });
        listener = new TestConfig().set("drain.seconds", 1).open(loops, guests);
        try (WsPeer notReading = WsPeer.narrow(listener).upgraded();
                WsPeer notAnswering = connect();
                WsPeer idle = WsPeer.connect(listener)) {
            notReading.binary("x").receive(1);
            assertThat(idle.get("/nothing").status()).isEqualTo(404);
            long startNanos = System.nanoTime();
            listener.deactivate();
            assertThat(System.nanoTime() - startNanos).isBetween(900_000_000L, 4_000_000_000L);
            assertThat(guests.next().cause()).isEqualTo(CloseCause.LISTENER_CLOSED);
            assertThat(guests.next().cause()).isEqualTo(CloseCause.LISTENER_CLOSED);
            assertThat(listener.connections()).isZero();
            assertThat(notAnswering.closeCode()).isEqualTo(1001);
            assertThat(notAnswering.isEnded()).isTrue();
            assertThat(idle.isEnded()).isTrue();
        }
    }

    @Test
    void letsNobodyInWhileItCloses() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().set("drain.seconds", 2).open(loops, guests);
        try (WsPeer slow = connect();
                WsPeer idle = WsPeer.connect(listener)) {
            assertThat(idle.get("/nothing").status()).isEqualTo(404);
            guests.next();
            Thread closer = new Thread(listener::deactivate);
            closer.start();
            assertThat(slow.closeCode()).isEqualTo(1001);
            try {
                assertThat(idle.ask(upgrade()).status()).isNotEqualTo(101);
            } catch (IOException ended) {
                assertThat(ended).isNotNull();
            }
            slow.send(WsPeer.closeFrame(1001));
            closer.join();
            assertThat(guests.isEmpty()).isTrue();
        }
    }

    @Test
    void leavesNoThreadsBehind() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        assertThat(isServed()).isTrue();
        listener.deactivate();
        eventually(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("courtier-ws-test")));
    }

    private boolean isServed() throws Exception {
        try (WsPeer peer = connect()) {
            return peer.binary("x").receiveText(1).equals("x");
        } catch (IOException refused) {
            return false;
        }
    }

    private WsPeer connect() throws Exception {
        return WsPeer.connect(listener).upgraded();
    }

    private static String upgrade() {
        return WsPeer.upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt");
    }
}
