// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import static io.courtier.listener.Eventually.eventually;
import static io.courtier.transport.ws.internal.WsPeer.BINARY;
import static io.courtier.transport.ws.internal.WsPeer.CLOSE;
import static io.courtier.transport.ws.internal.WsPeer.CONTINUATION;
import static io.courtier.transport.ws.internal.WsPeer.PING;
import static io.courtier.transport.ws.internal.WsPeer.PONG;
import static io.courtier.transport.ws.internal.WsPeer.TEXT;
import static io.courtier.transport.ws.internal.WsPeer.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.listener.Guests;
import io.courtier.listener.Guests.Guest;
import io.courtier.listener.TestLoops;
import io.courtier.spi.transport.CloseCause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes of MQTT in frames of every kind, and what no frame may be. */
class FramesTest {
    private final TestLoops loops = new TestLoops("nio");
    private WsListener listener;

    @AfterEach
    void close() {
        if (listener != null) {
            listener.deactivate();
        }
        loops.close();
    }

    // ---- any frames, one stream [MQTT-6.0.0-2]

    @Test
    void joinsPacketsThatAreSplitAtEveryByte() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        String packets = "0123456789abcdefghij";
        try (WsPeer peer = connect()) {
            for (int split = 0; split <= packets.length(); split++) {
                peer.binary(packets.substring(0, split)).binary(packets.substring(split));
                assertThat(peer.receiveText(packets.length())).isEqualTo(packets);
            }
        }
    }

    @Test
    void joinsFramesOfOneByte() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        byte[] stream = bytes(5_000, 1);
        try (WsPeer peer = connect()) {
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            for (byte one : stream) {
                frames.write(frame(true, BINARY, one));
            }
            peer.send(frames.toByteArray());
            assertThat(peer.receive(stream.length)).isEqualTo(stream);
        }
    }

    @Test
    void readsFramesThatArriveByteByByte() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        byte[] payload = bytes(300, 2);
        try (WsPeer peer = connect()) {
            for (byte one : frame(true, BINARY, payload)) {
                peer.send(new byte[] {one});
            }
            assertThat(peer.receive(payload.length)).isEqualTo(payload);
        }
    }

    @Test
    void joinsFragmentsWithControlFramesBetweenThem() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        try (WsPeer peer = connect()) {
            peer.send(frame(false, BINARY, (byte) 'a', (byte) 'b'));
            assertThat(peer.receiveText(2)).isEqualTo("ab");
            peer.send(frame(true, PING, (byte) 'p'));
            assertThat(peer.nextFrame().payload()).containsExactly('p');
            peer.send(frame(false, CONTINUATION))
                    .send(frame(true, PONG, (byte) 'x'))
                    .send(frame(false, CONTINUATION, (byte) 'c'))
                    .send(frame(true, CONTINUATION, (byte) 'd'))
                    .binary("e");
            assertThat(peer.receiveText(3)).isEqualTo("cde");
        }
    }

    @Test
    void ignoresEmptyFrames() throws Exception {
        Guests guests = new Guests((guest, b, o, length) -> {
            if (length == 0) {
                guest.wrong = new IllegalStateException("nothing was received");
            }
            Guests.ECHO.received(guest, b, o, length);
        });
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary()
                    .binary()
                    .send(frame(false, BINARY))
                    .send(frame(true, CONTINUATION))
                    .binary("x");
            assertThat(peer.receiveText(1)).isEqualTo("x");
            assertThat(guests.next().wrong).isNull();
        }
    }

    /** RFC 6455 wants the shortest form; who uses a longer one harms nobody. */
    @ParameterizedTest
    @CsvSource({"0, 1", "125, 1", "126, 2", "65535, 2", "65536, 8", "65537, 8", "1000000, 8"})
    void readsFramesOfAnyLength(int length, int form) throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        byte[] payload = bytes(length, length);
        try (WsPeer peer = connect()) {
            Thread sender = sending(peer, frame(0x80 | BINARY, payload, form, true));
            assertThat(peer.receive(length)).isEqualTo(payload);
            assertThat(peer.binary("x").receiveText(1)).isEqualTo("x");
            sender.join();
        }
    }

    @Test
    void keepsTheOrderOfFramesOfAllSizes() throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        byte[] stream = bytes(3_000_000, 3);
        Random sizes = new Random(4);
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int at = 0; at < stream.length; ) {
            int length = Math.min(stream.length - at, 1 << sizes.nextInt(18));
            boolean first = sizes.nextBoolean();
            byte[] payload = Arrays.copyOfRange(stream, at, at + length);
            if (first) {
                frames.write(frame(true, BINARY, payload));
            } else {
                frames.write(frame(false, BINARY, payload));
                frames.write(frame(true, CONTINUATION));
            }
            at += length;
        }
        try (WsPeer peer = connect()) {
            Thread sender = sending(peer, frames.toByteArray());
            assertThat(peer.receive(stream.length)).isEqualTo(stream);
            sender.join();
        }
    }

    @Test
    void sendsATurnAsOneFrame() throws Exception {
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(b, o, l);
            guest.out.write(b, o, l);
            guest.out.write(b, o, l);
            guest.out.flush();
        });
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            WsPeer.Frame answer = peer.binary("ab").nextFrame();
            assertThat(answer.fin()).isTrue();
            assertThat(answer.opcode()).isEqualTo(BINARY);
            assertThat(answer.payload()).containsExactly('a', 'b', 'a', 'b', 'a', 'b');
        }
    }

    // ---- what no frame may be

    @Test
    void closesOnATextFrame() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("x").receive(1);
            // [MQTT-6.0.0-1]
            peer.send(frame(true, TEXT, (byte) 'h', (byte) 'i')).binary("late");
            assertThat(peer.closeCode()).isEqualTo(1003);
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(CloseCause.PROTOCOL_VIOLATION);
            peer.send(WsPeer.closeFrame(1003));
            assertThat(peer.isEnded()).isTrue();
            eventually(() -> listener.connections() == 0);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void givesNothingOfATextMessageToTheBroker() throws Exception {
        AtomicInteger received = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, length) -> received.addAndGet(length));
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("abc")
                    .send(frame(false, TEXT, (byte) 'h'))
                    .send(frame(true, CONTINUATION, (byte) 'i'))
                    .binary("late");
            assertThat(peer.closeCode()).isEqualTo(1003);
            assertThat(guests.next().cause()).isEqualTo(CloseCause.PROTOCOL_VIOLATION);
            assertThat(received).hasValue(3);
        }
    }

    @Test
    void cutsOffWhoDoesNotAnswerTheClose() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.send(frame(true, TEXT, (byte) 'h'));
            assertThat(peer.closeCode()).isEqualTo(1003);
            // Talks on instead, for as long as it may.
            Thread talker = new Thread(() -> {
                try {
                    while (true) {
                        peer.binary("more");
                        Thread.yield();
                    }
                } catch (IOException ended) {
                    // As it should.
                }
            });
            talker.start();
            endsWithPatience();
            talker.join(5_000);
            assertThat(talker.isAlive()).isFalse();
        }
    }

    /** First byte, mask or not, payload bytes. */
    @ParameterizedTest
    @CsvSource({
        "unmasked,                     130, false, 1",
        "unmasked ping,                137, false, 1",
        "RSV1 without an extension,    194, true,  1",
        "RSV2,                         162, true,  1",
        "RSV3,                         146, true,  1",
        "opcode 3,                     131, true,  1",
        "opcode 7,                     135, true,  1",
        "opcode 11,                    139, true,  1",
        "opcode 15,                    143, true,  1",
        "a continuation of nothing,    128, true,  1",
        "a ping in fragments,            9, true,  1",
        "a close in fragments,           8, true,  2",
        "a ping of 126 bytes,          137, true,  126",
    })
    void closesOnAFrameThatIs(String what, int firstByte, boolean masked, int length) throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("x").receive(1);
            peer.send(frame(firstByte, new byte[length], length < 126 ? 1 : 2, masked));
            assertThat(peer.closeCode()).as(what).isEqualTo(1002);
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(CloseCause.PROTOCOL_VIOLATION);
            assertThat(peer.isEnded()).isTrue();
            eventually(() -> listener.connections() == 0);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void closesOnAMessageThatBeginsWithinAnother() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.send(frame(false, BINARY, (byte) 'a')).send(frame(true, BINARY, (byte) 'b'));
            assertThat(peer.closeCode()).isEqualTo(1002);
            assertThat(guests.next().cause()).isEqualTo(CloseCause.PROTOCOL_VIOLATION);
        }
    }

    @Test
    void closesOnALengthThatIsNegative() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            byte f = (byte) 0xff;
            peer.send(new byte[] {(byte) 0x82, f, f, f, f, f, f, f, f, f, 1, 2, 3, 4});
            assertThat(peer.closeCode()).isIn(1002, 1009);
            assertThat(guests.next().cause()).isEqualTo(CloseCause.PROTOCOL_VIOLATION);
        }
    }

    /** In one frame, in fragments, in fragments that each are allowed; and just not. */
    @ParameterizedTest
    @CsvSource({"2001, 1, 1009", "2001, 3, 1009", "2001, 2001, 1009", "2000, 1, 1000", "2000, 7, 1000"})
    void limitsTheBytesOfAMessage(int length, int fragments, int code) throws Exception {
        AtomicInteger received = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, l) -> received.addAndGet(l));
        listener = new TestConfig().set("message.bytes.max", 2000).open(loops, guests);
        try (WsPeer peer = connect()) {
            // A message before counts for nothing.
            peer.binary(new byte[1500]);
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            int sent = 0;
            for (int i = 1; i <= fragments; i++) {
                int upTo = length * i / fragments;
                frames.write(frame(i == fragments, i == 1 ? BINARY : CONTINUATION, new byte[upTo - sent]));
                sent = upTo;
            }
            frames.write(WsPeer.closeFrame(1000));
            peer.send(frames.toByteArray());
            assertThat(peer.closeCode()).isEqualTo(code);
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(code == 1000 ? CloseCause.PEER_CLOSED : CloseCause.PROTOCOL_VIOLATION);
            assertThat(received.get()).isLessThanOrEqualTo(3500);
            if (code == 1000) {
                assertThat(received).hasValue(3500);
            }
        }
    }

    @Test
    void doesNotReserveWhatALengthAnnounces() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            // 4 GB are announced, 3 bytes come.
            peer.send(new byte[] {(byte) 0x82, (byte) 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c'});
            WsPeer.Frame frame = peer.nextFrame();
            assertThat(frame.opcode()).isIn(BINARY, CLOSE);
            if (frame.opcode() == CLOSE) {
                assertThat(frame.closeCode()).isIn(1002, 1009);
            }
        }
        assertThat(guests.next().cause()).isIn(CloseCause.PEER_CLOSED, CloseCause.PROTOCOL_VIOLATION);
    }

    // ---- control frames

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125})
    void answersAPingWithItsPayload(int length) throws Exception {
        listener = new TestConfig().open(loops, new Guests());
        byte[] payload = bytes(length, 5);
        try (WsPeer peer = connect()) {
            WsPeer.Frame pong = peer.send(frame(true, PING, payload)).nextFrame();
            assertThat(pong.opcode()).isEqualTo(PONG);
            assertThat(pong.payload()).isEqualTo(payload);
            assertThat(peer.send(frame(true, PONG, payload)).binary("x").receiveText(1))
                    .isEqualTo("x");
        }
    }

    @Test
    void stopsReadingFromWhoSendsPingsAndTakesNoAnswer() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        ByteArrayOutputStream burst = new ByteArrayOutputStream();
        for (int i = 0; i < 500; i++) {
            burst.write(frame(true, PING, new byte[125]));
        }
        try (WsPeer flooder = narrowPeer();
                WsPeer other = connect()) {
            Thread flood = new Thread(() -> {
                try {
                    while (true) {
                        flooder.send(burst.toByteArray());
                    }
                } catch (IOException ended) {
                    // At the end of the test.
                }
            });
            flood.start();
            // It hangs in a write: what it sends is not read any more.
            eventually(() -> isStuck(flood));
            assertThat(other.binary("still here").receiveText(10)).isEqualTo("still here");
            assertThat(other.send(frame(true, PING, (byte) 'p')).nextFrame().opcode())
                    .isEqualTo(PONG);
            flooder.reset();
            flood.join();
        }
    }

    // ---- the end

    @ParameterizedTest
    @CsvSource({"1000, 1000", "1001, 1001", "3000, 3000", "4999, 4999", "1005, 1002", "1006, 1002", "999, 1002"})
    void answersAClose(int sent, int answered) throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("x").receive(1);
            peer.send(WsPeer.closeFrame(sent));
            assertThat(peer.closeCode()).isEqualTo(answered);
            assertThat(peer.isEnded()).isTrue();
            Guest guest = guests.next();
            assertThat(guest.cause())
                    .isEqualTo(answered == 1002 ? CloseCause.PROTOCOL_VIOLATION : CloseCause.PEER_CLOSED);
            eventually(() -> listener.connections() == 0);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void answersACloseWithoutACode() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.send(frame(true, CLOSE));
            assertThat(peer.closeCode()).isIn(1000, 1005);
            assertThat(peer.isEnded()).isTrue();
            assertThat(guests.next().cause()).isEqualTo(CloseCause.PEER_CLOSED);
        }
    }

    @Test
    void givesTheBrokerWhatCameBeforeTheClose() throws Exception {
        AtomicInteger received = new AtomicInteger();
        Guests guests = new Guests((guest, b, o, l) -> received.addAndGet(l));
        listener = new TestConfig().open(loops, guests);
        for (int round = 0; round < 20; round++) {
            received.set(0);
            try (WsPeer peer = connect()) {
                ByteArrayOutputStream last = new ByteArrayOutputStream();
                for (int i = 0; i < 100; i++) {
                    last.write(frame(true, BINARY, new byte[100]));
                }
                last.write(WsPeer.closeFrame(1000));
                peer.send(last.toByteArray());
                Guest guest = guests.next();
                assertThat(guest.cause()).isEqualTo(CloseCause.PEER_CLOSED);
                assertThat(received).hasValue(10_000);
                assertThat(guest.wrong).isNull();
            }
        }
    }

    @Test
    void closesFirstAndWaitsForTheAnswer() throws Exception {
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
        try (WsPeer peer = connect()) {
            peer.binary("x");
            assertThat(peer.receive(last.length)).isEqualTo(last);
            assertThat(peer.receive(7)).isEqualTo(Arrays.copyOf(last, 7));
            assertThat(peer.closeCode()).isEqualTo(1000);
            Guest guest = guests.next();
            assertThat(guest.isClosed()).isFalse();
            peer.send(WsPeer.closeFrame(1000));
            assertThat(peer.isEnded()).isTrue();
            assertThat(guest.cause()).isEqualTo(CloseCause.SERVER_DISCONNECTED);
            assertThat(guest.wrong).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CLIENT_DISCONNECTED, 1000",
        "SERVER_DISCONNECTED, 1000",
        "PROTOCOL_VIOLATION,  1002",
        "TIMEOUT,             1008",
        "LISTENER_CLOSED,     1001",
        "IO_ERROR,            1011",
    })
    void saysWhyItCloses(CloseCause cause, int code) throws Exception {
        listener = new TestConfig().open(loops, new Guests((guest, b, o, l) -> guest.out.close(cause)));
        try (WsPeer peer = connect()) {
            assertThat(peer.binary("x").closeCode()).isEqualTo(code);
            peer.send(WsPeer.closeFrame(code));
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void letsThePeerReadTheLastWordsThoughItWasStillSending() throws Exception {
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.write(new byte[] {(byte) 0xe0, 0x02, (byte) 0x95, 0x00}, 0, 4);
            guest.out.close(CloseCause.PROTOCOL_VIOLATION);
        });
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            // More than all buffers hold: closed at once, this would be answered by a reset.
            peer.binary(new byte[8_000_000]);
            assertThat(peer.receive(4)).containsExactly(0xe0, 0x02, 0x95, 0x00);
            assertThat(peer.closeCode()).isEqualTo(1002);
            peer.send(WsPeer.closeFrame(1002));
        }
        assertThat(guests.next().cause()).isEqualTo(CloseCause.PROTOCOL_VIOLATION);
    }

    @Test
    void countsAResetAsClosedByThePeer() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        for (int round = 0; round < 20; round++) {
            WsPeer peer = connect();
            peer.binary("x").receive(1);
            peer.binary(new byte[round * 1000]).reset();
            Guest guest = guests.next();
            assertThat(guest.cause()).isEqualTo(CloseCause.PEER_CLOSED);
            eventually(() -> listener.connections() == 0);
            assertThat(guest.wrong).isNull();
        }
    }

    @Test
    void closesWhenThePeerShutsItsHalf() throws Exception {
        Guests guests = new Guests();
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = connect()) {
            peer.binary("x").receive(1);
            peer.socket.shutdownOutput();
            assertThat(peer.isEnded()).isTrue();
            assertThat(guests.next().cause()).isEqualTo(CloseCause.PEER_CLOSED);
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
        try (WsPeer victim = connect()) {
            // Before there is another: two that come at once come to two loops, in any order.
            Guests.Guest hit = guests.next();
            try (WsPeer other = connect()) {
                victim.binary("!");
                assertThat(victim.isEnded()).isTrue();
                assertThat(hit.cause()).isEqualTo(CloseCause.IO_ERROR);
                assertThat(other.binary("x").receiveText(1)).isEqualTo("x");
            }
        }
    }

    @Test
    void cutsOffAPeerThatDoesNotReadTheLastWords() throws Exception {
        byte[] much = new byte[64_000_000];
        Guests guests = new Guests((guest, b, o, l) -> {
            guest.out.writeShared(much, 0, much.length);
            guest.out.close(CloseCause.SERVER_DISCONNECTED);
        });
        listener = new TestConfig().open(loops, guests);
        try (WsPeer peer = narrowPeer()) {
            peer.binary("x");
            peer.nextFrame();
            endsWithPatience();
            assertThat(guests.next().cause()).isEqualTo(CloseCause.SERVER_DISCONNECTED);
        }
    }

    /** Not before its five seconds are over, and then at once. */
    private void endsWithPatience() throws Exception {
        listener.door().tick(System.nanoTime() + TimeUnit.SECONDS.toNanos(4));
        assertThat(listener.connections()).isEqualTo(1);
        eventually(() -> {
            listener.door().tick(System.nanoTime() + TimeUnit.SECONDS.toNanos(6));
            return listener.connections() == 0;
        });
    }

    /** Whether it has been in the same place for a while: writing to a socket that takes no more. */
    private static boolean isStuck(Thread thread) throws InterruptedException {
        for (int look = 0; look < 50; look++) {
            StackTraceElement[] stack = thread.getStackTrace();
            boolean writing = Arrays.stream(stack)
                            .anyMatch(at -> at.getMethodName().equals("park"))
                    && Arrays.stream(stack).anyMatch(at -> at.getMethodName().equals("write"));
            if (!writing) {
                return false;
            }
            Thread.sleep(5);
        }
        return true;
    }

    static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static Thread sending(WsPeer peer, byte[] bytes) {
        Thread sender = new Thread(() -> {
            try {
                peer.send(bytes);
            } catch (IOException ended) {
                // What is received says so.
            }
        });
        sender.start();
        return sender;
    }

    private WsPeer connect() throws Exception {
        return WsPeer.connect(listener).upgraded();
    }

    private WsPeer narrowPeer() throws Exception {
        return WsPeer.narrow(listener).upgraded();
    }
}
