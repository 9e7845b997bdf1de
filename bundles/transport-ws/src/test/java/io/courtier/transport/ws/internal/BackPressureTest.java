// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import static io.courtier.listener.Eventually.eventually;
import static io.courtier.transport.ws.internal.FramesTest.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.listener.Guests;
import io.courtier.listener.Guests.Guest;
import io.courtier.listener.TestLoops;
import io.courtier.spi.transport.CloseCause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever is slow slows the other side down, and loses nothing. */
class BackPressureTest {
    private final TestLoops loops = new TestLoops("nio");
    private WsListener listener;

    @AfterEach
    void close() {
        if (listener != null) {
            listener.deactivate();
        }
        loops.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 60_000, 1_000_000})
    void doesNotReadFromAPeerThatIsToWait(int frameBytes) throws Exception {
        AtomicLong received = new AtomicLong();
        Guests guests = new Guests((guest, b, o, l) -> {
            if (received.getAndAdd(l) == 0) {
                guest.out.readable(false);
                guest.out.write(b, o, 1);
                guest.out.flush();
            }
        });
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("a").receive(1);
            Guest guest = guests.next();
            byte[] burst = frames(frameBytes, Math.max(1, 100_000 / frameBytes));
            int bursts = 16_000_000 / burst.length + 1;
            AtomicInteger sent = new AtomicInteger();
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < bursts; i++) {
                        peer.send(burst);
                        sent.incrementAndGet();
                    }
                } catch (IOException ended) {
                    received.set(-1);
                }
            });
            sender.start();
            // It cannot get rid of it: our buffers and the system's are full.
            eventually(() -> isStill(sent) && sender.isAlive());
            assertThat(received).hasValue(1);
            guest.loop.execute(() -> guest.out.readable(true));
            sender.join();
            long payload = (long) bursts * frameBytes * Math.max(1, 100_000 / frameBytes);
            eventually(() -> received.get() == payload + 1);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void losesAndDoublesNothingWhenReadingStopsAndGoesOnAllTheTime() throws Exception {
        byte[] stream = bytes(2_000_000, 6);
        AtomicInteger turns = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.readable(false);
            if (turns.incrementAndGet() % 3 == 0) {
                guest.out.readable(true);
                guest.out.readable(false);
            }
            guest.loop.execute(() -> guest.loop.execute(() -> guest.out.readable(true)));
            Guests.ECHO.received(guest, b, o, l);
        });
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            Thread sender = new Thread(() -> {
                try {
                    for (int at = 0; at < stream.length; at += 1000) {
                        peer.binary(Arrays.copyOfRange(stream, at, at + 1000));
                    }
                } catch (IOException ended) {
                    // What is received says so.
                }
            });
            sender.start();
            assertThat(peer.receive(stream.length)).isEqualTo(stream);
            assertThat(guests.next().wrong).isNull();
        }
    }

    @Test
    void givesTheLastBytesBeforeTheEndThoughThePeerWasToWait() throws Exception {
        AtomicInteger received = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.readable(false);
            received.addAndGet(l);
        });
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("a");
            eventually(() -> received.get() == 1);
            peer.binary("goodbye").send(WsPeer.closeFrame(1000));
            assertThat(guests.next().cause()).isEqualTo(CloseCause.PEER_CLOSED);
            assertThat(received).hasValue(8);
        }
    }

    @Test
    void closesThoughThePeerWasToWaitAndSends() throws Exception {
        Guests guests = new Guests((guest, b, o, l) -> guest.out.readable(false));
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("a");
            Guest guest = guests.next();
            Thread sender = new Thread(() -> {
                try {
                    peer.binary(new byte[16_000_000]);
                    peer.send(WsPeer.closeFrame(1000));
                } catch (IOException ended) {
                    guest.wrong = ended;
                }
            });
            sender.start();
            guest.loop.execute(() -> guest.out.close(CloseCause.TIMEOUT));
            assertThat(peer.closeCode()).isEqualTo(1008);
            assertThat(guest.cause()).isEqualTo(CloseCause.TIMEOUT);
            sender.join();
            assertThat(guest.wrong).isNull();
        }
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
        try (WsPeer peer = narrow()) {
            peer.binary("x");
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
    void tellsThatThePeerIsSlowAndOnceWhenItNoLongerIs() throws Exception {
        byte[] much = bytes(16_000_000, 9);
        List<Boolean> belowHighWater = new CopyOnWriteArrayList<>();
        Guests guests = new Guests((guest, b, o, l) -> {
            belowHighWater.add(guest.out.write(much, 0, 1000));
            belowHighWater.add(guest.out.write(much, 1000, much.length - 1000));
            belowHighWater.add(guest.out.write(much, 0, 1));
            guest.out.flush();
        });
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = narrow()) {
            peer.binary("x");
            Guest guest = guests.next();
            assertThat(peer.receive(1)).containsExactly(much[0]);
            for (int turn = 0; turn < 100; turn++) {
                turn(guest);
            }
            assertThat(belowHighWater).containsExactly(true, false, false);
            assertThat(guest.writable).hasValue(0);
            assertThat(peer.receive(much.length - 1)).isEqualTo(Arrays.copyOfRange(much, 1, much.length));
            assertThat(peer.receive(1)).containsExactly(much[0]);
            eventually(() -> guest.writable.get() == 1);
            turn(guest);
            assertThat(guest.writable).hasValue(1);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void saysNothingBetweenTheLowAndTheHighWaterMark() throws Exception {
        byte[] much = new byte[8_000_000];
        Guests guests = new Guests((guest, b, o, l) -> {
            if (b[o] == 'm') {
                guest.out.writeShared(much, 0, much.length);
            } else {
                guest.out.write(b, o, l);
            }
            guest.out.flush();
        });
        listener = new TestConfig()
                .set("write.high.water.bytes", 7_000_000)
                .set("write.low.water.bytes", 1024)
                .open(loops, guests);
        try (WsPeer peer = narrow()) {
            peer.binary("m");
            // The system holds some; what it does not is below the high-water mark by then, and not below the low one.
            peer.receive(3_000_000);
            Guest guest = guests.next();
            turn(guest);
            assertThat(guest.writable).hasValue(0);
            peer.receive(5_000_000);
            eventually(() -> guest.writable.get() == 1);
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
            turn(guest);
            assertThat(guest.writable).hasValue(1);
        }
    }

    @Test
    void tellsThatThePeerIsNoLongerSlowWhenOneFlushTookAll() throws Exception {
        byte[] piece = new byte[20_000];
        Guests guests = new Guests((guest, b, o, l) -> {
            if (guest.out.write(piece, 0, piece.length)) {
                guest.wrong = new IllegalStateException("not over the high-water mark");
            }
            guest.out.flush();
            if (guest.writable.get() != 0) {
                guest.wrong = new IllegalStateException("told within a flush");
            }
        });
        listener = new TestConfig().set("write.high.water.bytes", 10_000).open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("x").receive(piece.length);
            Guest guest = guests.next();
            eventually(() -> guest.writable.get() == 1);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void sendsOneLargePayloadToManyWholly() throws Exception {
        byte[] shared = bytes(5_000_000, 8);
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(b, o, l);
            guest.out.writeShared(shared, 0, shared.length);
            guest.out.write(b, o, l);
            guest.out.flush();
        });
        listener = new TestConfig().open(loops, guests);
        List<WsPeer> peers = List.of(connect(), connect(), narrow(), narrow());
        for (WsPeer peer : peers) {
            peer.binary("x");
        }
        for (WsPeer peer : peers) {
            assertThat(peer.receiveText(1)).isEqualTo("x");
            assertThat(peer.receive(shared.length)).isEqualTo(shared);
            assertThat(peer.receiveText(1)).isEqualTo("x");
            peer.close();
        }
    }

    @Test
    void echoesMuchInBothDirectionsAtOnce() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        byte[] stream = bytes(8_000_000, 10);
        try (WsPeer peer = narrow()) {
            Thread sender = new Thread(() -> {
                try {
                    for (int at = 0; at < stream.length; at += 50_000) {
                        peer.binary(Arrays.copyOfRange(stream, at, at + 50_000));
                    }
                } catch (IOException ended) {
                    // What is received says so.
                }
            });
            sender.start();
            assertThat(peer.receive(stream.length)).isEqualTo(stream);
        }
    }

    private static void turn(Guest guest) throws InterruptedException {
        guest.loop.unwrap(io.netty.channel.EventLoop.class).submit(() -> {}).sync();
    }

    /** Whether nothing was sent for a while. */
    private static boolean isStill(AtomicInteger sent) throws InterruptedException {
        int before = sent.get();
        Thread.sleep(100);
        return sent.get() == before;
    }

    private static byte[] frames(int payloadBytes, int count) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            frames.writeBytes(WsPeer.frame(true, WsPeer.BINARY, new byte[payloadBytes]));
        }
        return frames.toByteArray();
    }

    private WsPeer connect() throws Exception {
        return WsPeer.connect(listener).upgraded();
    }

    private WsPeer narrow() throws Exception {
        return WsPeer.narrow(listener).upgraded();
    }
}
