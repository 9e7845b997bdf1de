// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import static io.courtier.listener.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.listener.Guests;
import io.courtier.listener.Guests.Guest;
import io.courtier.listener.TestLoops;
import io.courtier.listener.tls.TestCertificates;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.EventLoop;
import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that change loops: plain, and with both TLS providers, on every kind of loop. */
@Execution(ExecutionMode.CONCURRENT)
@ParameterizedClass(name = "{0} {1}")
@MethodSource("kinds")
class LoopMoveTest {
    private static final TestCertificates CERTIFICATES = TestCertificates.create();

    private final String tls;
    private final TestLoops loops;
    private TcpListener listener;

    @TempDir
    private Path directory;

    LoopMoveTest(String io, String tls) {
        this.tls = tls;
        loops = new TestLoops(io);
    }

    static Stream<Arguments> kinds() {
        List<String> tls = OpenSsl.isAvailable() ? List.of("none", "jdk", "openssl") : List.of("none", "jdk");
        return TestLoops.ios().stream().flatMap(io -> tls.stream().map(t -> Arguments.of(io, t)));
    }

    @AfterEach
    void close() {
        if (listener != null) {
            listener.deactivate();
        }
        loops.close();
    }

    @RepeatedTest(3)
    void givesTheBytesThatWereOnTheWayToTheNewLoopInOrder() throws Exception {

        // The first byte moves the connection; all others are echoed, from there.
        Guests guests = new Guests(new Guests.Manner() {
            @Override
            public void received(Guest guest, byte[] bytes, int offset, int length) {
                if (bytes[offset] == '>') {
                    guest.out.write(bytes, offset + 1, length - 1);
                    move(guest, () -> guest.out.flush());
                } else {
                    Guests.ECHO.received(guest, bytes, offset, length);
                }
            }
        });
        open(guests);
        byte[] stream = TcpListenerTest.bytes(400_000, 11);
        for (int i = 0; i < stream.length; i++) {
            // Only the first byte of all may order a move.
            stream[i] &= 0x3d;
        }
        stream[0] = '>';
        List<Thread> clients = new ArrayList<>();
        AtomicInteger whole = new AtomicInteger();
        for (int i = 0; i < 10; i++) {
            Peer peer = connect();
            Thread sender = new Thread(() -> {
                try {
                    for (int at = 0; at < stream.length; at += 1000) {
                        peer.send(Arrays.copyOfRange(stream, at, at + 1000));
                    }
                } catch (IOException ended) {
                    // The receiver says so.
                }
            });
            Thread receiver = new Thread(() -> {
                try {
                    if (Arrays.equals(peer.receive(stream.length - 1), Arrays.copyOfRange(stream, 1, stream.length))) {
                        whole.incrementAndGet();
                    }
                    peer.leave();
                } catch (IOException ended) {
                    throw new java.io.UncheckedIOException(ended);
                }
            });
            sender.start();
            receiver.start();
            clients.add(sender);
            clients.add(receiver);
        }
        for (Thread client : clients) {
            client.join();
        }
        assertThat(whole).hasValue(10);
        for (int i = 0; i < 10; i++) {
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(CloseCause.PEER_CLOSED);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void runsAtOnceWhereItIsAtHome() throws Exception {
        AtomicInteger atOnce = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.moveTo(guest.loop, atOnce::incrementAndGet);
            if (atOnce.get() == 1) {
                Guests.ECHO.received(guest, b, o, l);
            }
        });
        open(guests);
        try (Peer peer = connect()) {
            assertThat(peer.send("x").receiveText(1)).isEqualTo("x");
        }
    }

    @Test
    void takesWritesAlongThatThePeerHasNotTakenYet() throws Exception {
        byte[] before = TcpListenerTest.bytes(4_000_000, 12);
        byte[] onTheWay = TcpListenerTest.bytes(100_000, 13);
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(before, 0, before.length);
            guest.out.flush();
            move(guest, () -> {
                guest.out.write(onTheWay, 0, onTheWay.length);
                guest.out.flush();
            });
            guest.out.write(before, 0, 10);
            guest.out.flush();
        });
        open(guests);
        try (Peer peer = narrow()) {
            peer.send("x");
            Guest guest = guests.next();
            assertThat(peer.receive(before.length)).isEqualTo(before);
            assertThat(peer.receive(10)).isEqualTo(Arrays.copyOf(before, 10));
            assertThat(peer.receive(onTheWay.length)).isEqualTo(onTheWay);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void reportsAPeerThatLeavesOnTheWayAfterArrival() throws Exception {
        for (int round = 0; round < 30; round++) {
            reportsAPeerThatLeavesOnTheWay(round);
        }
    }

    private void reportsAPeerThatLeavesOnTheWay(int round) throws Exception {
        CountDownLatch moving = new CountDownLatch(1);
        CountDownLatch peerLeft = new CountDownLatch(1);
        AtomicInteger arrivals = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, l) -> {
            move(guest, () -> {
                if (guest.isClosed()) {
                    guest.wrong = new IllegalStateException("closed before it arrived");
                }
                arrivals.incrementAndGet();
            });
            moving.countDown();
            // In half of the rounds the end is there before the connection leaves its loop.
            if (round % 2 == 0) {
                await(peerLeft);
            }
        });
        open(guests);
        Peer peer = connect();
        peer.send("x");
        moving.await();
        if (round % 3 == 0) {
            peer.reset();
        } else {
            peer.leave();
        }
        peerLeft.countDown();
        Guest guest = guests.next();
        assertThat(guest.cause()).isIn(CloseCause.PEER_CLOSED, CloseCause.IO_ERROR);
        assertThat(arrivals).hasValue(1);
        assertThat(guest.wrong).isNull();
        eventually(() -> listener.connections() == 0);
        listener.deactivate();
    }

    @Test
    void closesOnArrivalWhatWasToBeClosedOnTheWay() throws Exception {
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(b, o, l);
            move(guest, () -> guest.out.write(b, o, 0));
            guest.out.close(CloseCause.SERVER_DISCONNECTED);
        });
        open(guests);
        try (Peer peer = connect()) {
            assertThat(peer.send("bye").receiveText(3)).isEqualTo("bye");
            assertThat(peer.isEnded()).isTrue();
            peer.leave();
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(CloseCause.SERVER_DISCONNECTED);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void closesWithTheListenerThoughOnTheWay() throws Exception {
        CountDownLatch moving = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        Guests guests = new Guests((guest, b, o, l) -> {
            move(guest, () -> {});
            moving.countDown();
            await(closing);
        });
        open(guests);
        try (Peer peer = connect()) {
            peer.send("x");
            moving.await();
            Thread closer = new Thread(listener::deactivate);
            closer.start();
            eventually(() -> closer.getState() == Thread.State.TIMED_WAITING || !closer.isAlive());
            closing.countDown();
            closer.join();
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(CloseCause.LISTENER_CLOSED);
            assertThat(guest.wrong).isNull();
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void keepsAPeerWaitingThatWasToWaitBeforeTheMove() throws Exception {
        AtomicInteger received = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, l) -> {
            if (received.getAndAdd(l) == 0) {
                guest.out.readable(false);
                move(guest, () -> Guests.ECHO.received(guest, new byte[] {'y'}, 0, 1));
            }
        });
        open(guests);
        try (Peer peer = connect()) {
            peer.send("x");
            assertThat(peer.receiveText(1)).isEqualTo("y");
            Guest guest = guests.next();
            peer.send("later");
            for (int turn = 0; turn < 50; turn++) {
                guest.loop
                        .unwrap(io.netty.channel.EventLoop.class)
                        .submit(() -> {})
                        .sync();
            }
            assertThat(received).hasValue(1);
            guest.loop.execute(() -> guest.out.readable(true));
            eventually(() -> received.get() == 6);
            assertThat(guest.wrong).isNull();
        }
    }

    private void move(Guest guest, Runnable arrived) {
        EventLoop home = loops.loop(1 - guest.loop.index());
        guest.out.moveTo(home, () -> {
            guest.loop = home;
            guest.onItsLoop();
            arrived.run();
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private void open(Guests guests) throws Exception {
        TestConfig config = new TestConfig();
        if (!tls.equals("none")) {
            CERTIFICATES.server().into(directory);
            config.set("tls", true)
                    .set("tls.certificate", directory.resolve("server.crt"))
                    .set("tls.key", directory.resolve("server.key"))
                    .set("tls.provider", tls);
        }
        listener = config.open(loops, guests);
        assertThat(listener.problem()).isNull();
    }

    private Peer connect() throws Exception {
        return secured(Peer.connect(listener));
    }

    private Peer narrow() throws Exception {
        return secured(Peer.narrow(listener));
    }

    private Peer secured(Peer peer) throws Exception {
        return tls.equals("none") ? peer : peer.secured(CERTIFICATES.client());
    }
}
