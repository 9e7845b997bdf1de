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
import io.courtier.spi.transport.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that change loops, plain and with TLS. */
@ParameterizedClass(name = "tls={0}")
@ValueSource(booleans = {false, true})
class LoopMoveTest {
    private static final TestCertificates CERTIFICATES = TestCertificates.create();

    private final boolean tls;
    private final TestLoops loops = new TestLoops("nio");
    private WsListener listener;

    @TempDir
    private Path directory;

    LoopMoveTest(boolean tls) {
        this.tls = tls;
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
        Guests guests = new Guests((guest, b, o, l) -> {
            if (b[o] == '>') {
                guest.out.write(b, o + 1, l - 1);
                move(guest, () -> guest.out.flush());
            } else {
                Guests.ECHO.received(guest, b, o, l);
            }
        });
        open(guests);
        byte[] stream = bytes(300_000, 11);
        for (int i = 0; i < stream.length; i++) {
            // Only the first byte of all may order a move.
            stream[i] &= 0x3d;
        }
        stream[0] = '>';
        List<Thread> clients = new ArrayList<>();
        AtomicInteger whole = new AtomicInteger();
        for (int i = 0; i < 10; i++) {
            WsPeer peer = connect();
            Thread sender = new Thread(() -> {
                try {
                    for (int at = 0; at < stream.length; at += 1000) {
                        peer.binary(Arrays.copyOfRange(stream, at, at + 1000));
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
    void movesBackAndForthAndLosesNothing() throws Exception {
        Guests guests = new Guests((guest, b, o, l) -> {
            byte[] copy = Arrays.copyOfRange(b, o, o + l);
            move(guest, () -> {
                guest.out.write(copy, 0, l);
                guest.out.flush();
            });
        });
        open(guests);
        byte[] stream = bytes(300_000, 14);
        try (WsPeer peer = connect()) {
            Thread sender = new Thread(() -> {
                try {
                    for (int at = 0; at < stream.length; at += 100) {
                        peer.binary(Arrays.copyOfRange(stream, at, at + 100));
                    }
                } catch (IOException ended) {
                    // The receiver says so.
                }
            });
            sender.start();
            assertThat(peer.receive(stream.length)).isEqualTo(stream);
            assertThat(guests.next().wrong).isNull();
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
        try (WsPeer peer = connect()) {
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
        }
    }

    @Test
    void takesWritesAlongThatThePeerHasNotTakenYet() throws Exception {
        byte[] before = bytes(4_000_000, 12);
        byte[] onTheWay = bytes(100_000, 13);
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
        try (WsPeer peer = narrow()) {
            peer.binary("x");
            Guest guest = guests.next();
            assertThat(peer.receive(before.length)).isEqualTo(before);
            assertThat(peer.receive(10)).isEqualTo(Arrays.copyOf(before, 10));
            assertThat(peer.receive(onTheWay.length)).isEqualTo(onTheWay);
            eventually(() -> guest.writable.get() == 1);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void reportsAPeerThatLeavesOnTheWayAfterArrival() throws Exception {
        for (int round = 0; round < 12; round++) {
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
        WsPeer peer = connect();
        peer.binary("x");
        moving.await();
        switch (round % 3) {
            case 0 -> peer.reset();
            case 1 -> peer.leave();
            default -> peer.send(WsPeer.closeFrame(1000)).leave();
        }
        if (round % 4 == 0) {
            eventually(() -> listener.connections() == 0);
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
        AtomicInteger arrivals = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(b, o, l);
            move(guest, arrivals::incrementAndGet);
            guest.out.close(CloseCause.SERVER_DISCONNECTED);
        });
        open(guests);
        try (WsPeer peer = connect()) {
            assertThat(peer.binary("bye").receiveText(3)).isEqualTo("bye");
            assertThat(peer.closeCode()).isEqualTo(1000);
            peer.send(WsPeer.closeFrame(1000));
            assertThat(peer.isEnded()).isTrue();
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(CloseCause.SERVER_DISCONNECTED);
            assertThat(arrivals).hasValue(1);
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
        try (WsPeer peer = connect()) {
            peer.binary("x");
            moving.await();
            Thread closer = new Thread(listener::deactivate);
            closer.start();
            eventually(() -> listener.state() == WsListener.State.DRAINING);
            closing.countDown();
            assertThat(peer.closeCode()).isEqualTo(1001);
            peer.send(WsPeer.closeFrame(1001));
            closer.join();
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(CloseCause.LISTENER_CLOSED);
            assertThat(guest.closing).hasValue(1);
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
        try (WsPeer peer = connect()) {
            peer.binary("x");
            assertThat(peer.receiveText(1)).isEqualTo("y");
            Guest guest = guests.next();
            peer.binary("later");
            // The pong says that what came before it was read.
            peer.send(WsPeer.frame(true, WsPeer.PING)).nextFrame();
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
        if (tls) {
            CERTIFICATES.server().into(directory);
            config.set("tls", true)
                    .set("tls.certificate", directory.resolve("server.crt"))
                    .set("tls.key", directory.resolve("server.key"));
        }
        listener = config.open(loops, guests);
        assertThat(listener.problem()).isNull();
    }

    private WsPeer connect() throws Exception {
        return secured(WsPeer.connect(listener)).upgraded();
    }

    private WsPeer narrow() throws Exception {
        return secured(WsPeer.narrow(listener)).upgraded();
    }

    private WsPeer secured(WsPeer peer) throws Exception {
        return tls ? peer.secured(CERTIFICATES.client()) : peer;
    }
}
