// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import static io.courtier.listener.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.listener.Guests;
import io.courtier.listener.Guests.Guest;
import io.courtier.listener.TestLoops;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.Listener;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@Execution(ExecutionMode.CONCURRENT)
@ParameterizedClass
@MethodSource("ios")
class TcpListenerTest {
    private final TestLoops loops;
    private TcpListener listener;

    TcpListenerTest(String io) {
        loops = new TestLoops(io);
    }

    static List<String> ios() {
        return TestLoops.ios();
    }

    @AfterEach
    void close() {
        if (listener != null) {
            listener.deactivate();
        }
        loops.close();
    }

    @Test
    void echoes() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        assertThat(listener.state()).isEqualTo(Listener.State.OPEN);
        assertThat(listener.name()).isEqualTo("tcp-test");
        try (Peer peer = Peer.connect(listener)) {
            assertThat(peer.send("hello").receiveText(5)).isEqualTo("hello");
            Guest guest = guests.next();
            assertThat(guest.info.transport()).isEqualTo("tcp");
            assertThat(guest.info.listener()).isEqualTo("tcp-test");
            assertThat(guest.info.remoteAddress()).isEqualTo("127.0.0.1");
            assertThat(guest.info.remotePort()).isEqualTo(peer.socket.getLocalPort());
            assertThat(guest.info.anonymousAllowed()).isTrue();
            assertThat(listener.connections()).isEqualTo(1);
            peer.leave();
            assertThat(guest.cause()).isEqualTo(CloseCause.PEER_CLOSED);
            assertThat(guest.wrong).isNull();
        }
        eventually(() -> listener.connections() == 0);
    }

    @Test
    void closesWhenThePeerShutsItsHalf() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send("x").receive(1);
            peer.socket.shutdownOutput();
            assertThat(peer.isEnded()).isTrue();
            assertThat(guests.next().cause()).isEqualTo(CloseCause.PEER_CLOSED);
        }
    }

    @Test
    void countsAResetAsClosedByThePeer() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send("x").receive(1);
            peer.reset();
        }
        assertThat(guests.next().cause()).isEqualTo(CloseCause.PEER_CLOSED);
    }

    @Test
    void keepsTheOrderOfCopiedAndSharedBytesWhenThePeerIsSlow() throws Exception {
        byte[] small = bytes(1000, 1);
        byte[] large = bytes(3_000_000, 2);
        byte[] middle = bytes(20_000, 3);
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(small, 0, small.length);
            guest.out.writeShared(large, 0, large.length);
            guest.out.write(middle, 0, middle.length);
            guest.out.writeShared(small, 10, 20);
            guest.out.flush();
            guest.out.writeShared(large, 5, large.length - 5);
            guest.out.write(small, 0, small.length);
            guest.out.flush();
        });
        listener = new TestConfig().open(loops, guests);
        try (Peer peer = Peer.narrow(listener)) {
            peer.send("x");
            assertThat(peer.receive(1000)).isEqualTo(small);
            assertThat(peer.receive(large.length)).isEqualTo(large);
            assertThat(peer.receive(middle.length)).isEqualTo(middle);
            assertThat(peer.receive(20)).isEqualTo(Arrays.copyOfRange(small, 10, 30));
            assertThat(peer.receive(large.length - 5)).isEqualTo(Arrays.copyOfRange(large, 5, large.length));
            assertThat(peer.receive(1000)).isEqualTo(small);
            Guest guest = guests.next();
            eventually(() -> guest.writable.get() == 1);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void tellsThatThePeerIsSlowAndWhenItNoLongerIs() throws Exception {
        byte[] much = bytes(16_000_000, 9);
        List<Boolean> belowHighWater = new CopyOnWriteArrayList<>();
        Guests guests = new Guests((guest, b, o, l) -> {
            belowHighWater.add(guest.out.write(much, 0, 1000));
            belowHighWater.add(guest.out.write(much, 1000, much.length - 1000));
            belowHighWater.add(guest.out.write(much, 0, 1));
            guest.out.flush();
        });
        listener = new TestConfig().open(loops, guests);
        try (Peer peer = Peer.narrow(listener)) {
            peer.send("x").receive(1);
            Guest guest = guests.next();
            for (int turn = 0; turn < 100; turn++) {
                guest.loop
                        .unwrap(io.netty.channel.EventLoop.class)
                        .submit(() -> {})
                        .sync();
            }
            assertThat(belowHighWater).containsExactly(true, false, false);
            assertThat(guest.writable).hasValue(0);
            assertThat(peer.receive(much.length)).startsWith(Arrays.copyOfRange(much, 1, 5000));
            eventually(() -> guest.writable.get() == 1);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void tellsThatThePeerIsNoLongerSlowWhenOneFlushTookAll() throws Exception {
        byte[] piece = new byte[20_000];
        Guests guests = new Guests((guest, b, o, l) -> {
            assertThat(guest.out.write(piece, 0, piece.length)).isFalse();
            guest.out.flush();
            assertThat(guest.writable).hasValue(0);
        });
        listener = new TestConfig().set("write.high.water.bytes", 10_000).open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send("x").receive(piece.length);
            Guest guest = guests.next();
            eventually(() -> guest.writable.get() == 1);
            assertThat(guest.isClosed()).isFalse();
        }
    }

    @Test
    void doesNotReadFromAPeerThatIsToWait() throws Exception {
        AtomicLong received = new AtomicLong();
        Guests guests = new Guests((guest, b, o, l) -> {
            if (received.getAndAdd(l) == 0) {
                guest.out.readable(false);
                guest.out.write(b, o, 1);
                guest.out.flush();
            }
        });
        listener = new TestConfig().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send("a").receive(1);
            byte[] flood = new byte[32_000_000];
            Thread sender = new Thread(() -> {
                try {
                    peer.send(flood);
                } catch (java.io.IOException ended) {
                    received.set(-1);
                }
            });
            sender.start();
            eventually(() -> sender.getState() == Thread.State.RUNNABLE);
            Guest guest = guests.next();
            // A turn of its loop later it would have read: at most what one read loop had begun.
            for (int turn = 0; turn < 100; turn++) {
                guest.loop
                        .unwrap(io.netty.channel.EventLoop.class)
                        .submit(() -> {})
                        .sync();
            }
            assertThat(received.get()).isLessThan(flood.length / 2);
            guest.loop.execute(() -> guest.out.readable(true));
            sender.join();
            eventually(() -> received.get() == flood.length + 1);
        }
    }

    @Test
    void givesLargeReadsInPiecesAndInOrder() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        byte[] large = bytes(2_000_000, 7);
        try (Peer peer = Peer.connect(listener)) {
            Thread sender = new Thread(() -> {
                try {
                    peer.send(large);
                } catch (java.io.IOException ended) {
                    // The assertion below says so.
                }
            });
            sender.start();
            assertThat(peer.receive(large.length)).isEqualTo(large);
            sender.join();
        }
    }

    @Test
    void sendsWhatWasAppendedBeforeItCloses() throws Exception {
        byte[] last = bytes(500_000, 4);
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.writeShared(last, 0, last.length);
            guest.out.write(last, 0, 7);
            guest.out.close(CloseCause.SERVER_DISCONNECTED);
            guest.out.write(last, 0, 7);
            guest.out.flush();
            guest.out.close(CloseCause.TIMEOUT);
        });
        listener = new TestConfig().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            peer.send("x");
            assertThat(peer.receive(last.length)).isEqualTo(last);
            assertThat(peer.receive(8)).isEqualTo(Arrays.copyOf(last, 7));
            peer.leave();
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(CloseCause.SERVER_DISCONNECTED);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void letsThePeerReadTheLastWordsThoughItWasStillSending() throws Exception {
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(new byte[] {(byte) 0xe0, 0x02, (byte) 0x95, 0x00}, 0, 4);
            guest.out.close(CloseCause.PROTOCOL_VIOLATION);
        });
        listener = new TestConfig().open(loops, guests);
        try (Peer peer = Peer.connect(listener)) {
            // More than all buffers hold: closed at once, this would be answered by a reset.
            peer.send(new byte[8_000_000]);
            assertThat(peer.receive(5)).containsExactly(0xe0, 0x02, 0x95, 0x00);
        }
        assertThat(guests.next().cause()).isEqualTo(CloseCause.PROTOCOL_VIOLATION);
    }

    @Test
    void cutsOffAPeerThatDoesNotRead() throws Exception {
        byte[] much = new byte[64_000_000];
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.writeShared(much, 0, much.length);
            guest.out.close(CloseCause.SERVER_DISCONNECTED);
        });
        listener = new TestConfig().open(loops, guests);
        try (Peer peer = Peer.narrow(listener)) {
            peer.send("x");
            assertThat(guests.next().cause()).isEqualTo(CloseCause.SERVER_DISCONNECTED);
            eventually(() -> listener.connections() == 0);
        }
    }

    @Test
    void closesQuicklyAndFlushesWhenItsFileGoes() throws Exception {
        byte[] last = bytes(300_000, 5);
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(last, 0, last.length);
            guest.out.flush();
        });
        listener = new TestConfig().open(loops, guests);
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            peers.add(Peer.connect(listener));
        }
        Peer asking = Peer.connect(listener);
        asking.send("x");
        assertThat(asking.receive(1000)).isEqualTo(Arrays.copyOf(last, 1000));
        Thread reader = new Thread(() -> {
            try {
                assertThat(asking.receive(last.length - 1000)).hasSize(last.length - 1000);
            } catch (java.io.IOException failed) {
                throw new java.io.UncheckedIOException(failed);
            }
        });
        reader.start();
        long startNanos = System.nanoTime();
        listener.deactivate();
        assertThat(System.nanoTime() - startNanos).isLessThan(4_000_000_000L);
        assertThat(listener.state()).isEqualTo(Listener.State.CLOSED);
        for (int i = 0; i < 21; i++) {
            Guest guest = guests.next();
            assertThat(guest.isClosed()).isTrue();
            assertThat(guest.cause()).isEqualTo(CloseCause.LISTENER_CLOSED);
        }
        reader.join();
        for (Peer peer : peers) {
            assertThat(peer.isEnded()).isTrue();
            peer.leave();
        }
        asking.leave();
    }

    @Test
    void waitsNoLongerThanDrainSecondsForAPeerThatDoesNotRead() throws Exception {
        byte[] much = new byte[64_000_000];
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.writeShared(much, 0, much.length);
            guest.out.flush();
        });
        listener = new TestConfig().set("drain.seconds", 1).open(loops, guests);
        try (Peer peer = Peer.narrow(listener)) {
            peer.send("x").receive(1);
            long startNanos = System.nanoTime();
            listener.deactivate();
            assertThat(System.nanoTime() - startNanos).isBetween(900_000_000L, 4_000_000_000L);
            assertThat(guests.next().cause()).isEqualTo(CloseCause.LISTENER_CLOSED);
            assertThat(listener.connections()).isZero();
        }
    }

    @Test
    void endsOnlyTheConnectionThatABugHits() throws Exception {
        Guests guests = new Guests((guest, b, o, l) -> {
            if (b[o] == '!') {
                throw new IllegalStateException("a bug, on purpose");
            }
            Guests.ECHO.received(guest, b, o, l);
        });
        listener = new TestConfig().open(loops, guests);
        try (Peer victim = Peer.connect(listener);
                Peer other = Peer.connect(listener)) {
            victim.send("!");
            assertThat(victim.isEnded()).isTrue();
            assertThat(other.send("x").receiveText(1)).isEqualTo("x");
        }
    }

    @Test
    void failsOnAPortInUseAndOpensWhenItIsFree() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener = new TestConfig().set("port", other.getLocalPort()).open(loops, new Guests());
            assertThat(listener.state()).isEqualTo(Listener.State.FAILED);
            assertThat(listener.problem())
                    .startsWith("cannot listen on 127.0.0.1:" + other.getLocalPort())
                    .contains("etc/io.courtier.listener.tcp-test.cfg");
        }
        eventually(() -> listener.state() == Listener.State.OPEN);
        assertThat(listener.problem()).isNull();
        try (Peer peer = Peer.connect(listener)) {
            assertThat(peer.send("x").receiveText(1)).isEqualTo("x");
        }
    }

    @Test
    void appliesAChangedFileWithoutDroppingConnections() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        try (Peer before = Peer.connect(listener)) {
            before.send("x").receive(1);
            int port = Peer.port(listener);
            TestConfig limited = new TestConfig().set("connections.max", 1);
            listener.modified(limited.properties());
            assertThat(Peer.port(listener)).isEqualTo(port);
            try (Peer refused = Peer.connect(listener)) {
                assertThat(refused.isEnded()).isTrue();
            }
            TestConfig moved = new TestConfig().set("backlog", 7);
            listener.modified(moved.properties());
            try (Peer after = Peer.connect(listener)) {
                assertThat(after.send("y").receiveText(1)).isEqualTo("y");
            }
            assertThat(before.send("z").receiveText(1)).isEqualTo("z");
        }
    }

    @Test
    void refusesMoreThanConnectionsMax() throws Exception {
        listener = new TestConfig().set("connections.max", 2).open(loops, new Guests());
        try (Peer first = Peer.connect(listener);
                Peer second = Peer.connect(listener)) {
            first.send("x").receive(1);
            second.send("x").receive(1);
            try (Peer third = Peer.connect(listener)) {
                assertThat(third.isEnded()).isTrue();
            }
            assertThat(listener.counters().refused.sum()).isEqualTo(1);
            first.leave();
            eventually(() -> listener.connections() == 1);
            try (Peer fourth = Peer.connect(listener)) {
                assertThat(fourth.send("y").receiveText(1)).isEqualTo("y");
            }
        }
    }

    static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void staysClosedAndSaysWhyInsteadOfThrowing() {
        try (TestLoops loops = new TestLoops("nio")) {
            TcpListener listener = new TestConfig().set("bind", "0.0.0.0").open(loops, new Guests());
            assertThat(listener.state()).isEqualTo(TcpListener.State.FAILED);
            assertThat(listener.problem()).contains("allow.anonymous=false");
            TestConfig corrected = new TestConfig().set("allow.anonymous", "false");
            listener.modified(corrected.properties());
            assertThat(listener.state()).isEqualTo(TcpListener.State.OPEN);
            TestConfig wrong = new TestConfig().set("port", "x");
            listener.modified(wrong.properties());
            assertThat(listener.state()).isEqualTo(TcpListener.State.FAILED);
            listener.deactivate();
            assertThat(listener.state()).isEqualTo(TcpListener.State.CLOSED);
        }
    }
}
