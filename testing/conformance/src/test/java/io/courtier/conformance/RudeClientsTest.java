// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.PubAck;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that behave badly get their answer; the others notice nothing, and memory stays where it was. */
@Timeout(60)
class RudeClientsTest {
    private final TcpDoor door = new TcpDoor(LimitsOf.with(Map.of("queueMessagesMax", 100, "connectSeconds", 1)));
    private final Client quick = new Client(door, V5);
    private final Client publisher = new Client(door, V5);

    RudeClientsTest() {
        quick.connect("quick", true);
        quick.subscribe("t/#", QoS.AT_LEAST_ONCE);
        publisher.connect("publisher", true);
    }

    @AfterEach
    void close() {
        door.close();
    }

    private void theOthersNoticeNothing(String payload) {
        assertThat(publisher.publishAndWait("t/x", payload, QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.SUCCESS);
        assertThat(quick.expectPayload()).isEqualTo(payload);
    }

    @Test
    void garbageEndsTheConnectionThatItCameOn() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(garbage);
            // Of the first packet only a CONNECT's first byte could make the broker wait for more.
            if (garbage[0] == 0x10) garbage[0] = 0;
            Wire wire = door.open();
            wire.send(garbage);
            assertThat(wire.awaitClosed()).as("seed %d, round %d", seed, i).isTrue();
        }
        theOthersNoticeNothing("after the garbage");
    }

    @Test
    void halfAConnectAndSilenceEndAfterTheConnectTime() {
        List<Wire> silent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Wire wire = door.open();
            if (i % 2 == 0) wire.send(new byte[] {0x10, 0x20, 0, 4, 'M', 'Q'});
            silent.add(wire);
        }
        theOthersNoticeNothing("meanwhile");
        for (Wire wire : silent) assertThat(wire.awaitClosed()).isTrue();
        theOthersNoticeNothing("afterwards");
    }

    @Test
    void aSubscriberThatStopsReadingIsLeftBehindAndDelaysNobody() {
        Client stuck = new Client(door, V5);
        stuck.connect("stuck", true);
        stuck.subscribe("t/#", QoS.AT_LEAST_ONCE);
        String big = "x".repeat(50_000);
        for (int i = 0; i < 600; i++) {
            publisher.publish("t/big", i + big, QoS.AT_LEAST_ONCE);
            assertThat(quick.expectPayload()).startsWith("" + i);
            publisher.expect(PubAck.class);
        }
        // 30 MB came: what the stuck one cannot have and its queue of 100 does not hold is dropped, and counted.
        awaitThat(() -> door.broker().counters().messagesDropped() > 0);
        assertThat(door.broker().counters().messagesQueued()).isLessThanOrEqualTo(100);
    }

    @Test
    void aPublisherThatNeverStopsStarvesNobody() throws Exception {
        Client sleeper = new Client(door, V5);
        sleeper.connect("sleeper", true);
        sleeper.subscribe("flood", QoS.AT_MOST_ONCE);
        AtomicBoolean stop = new AtomicBoolean();
        byte[] packet = new byte[1_009];
        packet[0] = 0x30;
        packet[1] = (byte) 0xEE;
        packet[2] = 7;
        packet[4] = 5;
        System.arraycopy("flood".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, packet, 5, 5);
        byte[] many = new byte[packet.length * 64];
        for (int i = 0; i < 64; i++) System.arraycopy(packet, 0, many, i * packet.length, packet.length);
        List<Thread> floods = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            byte[] connect = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 1, (byte) ('a' + i)};
            Thread flood = new Thread(() -> {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), door.port())) {
                    OutputStream out = socket.getOutputStream();
                    out.write(connect);
                    while (!stop.get()) out.write(many);
                } catch (java.io.IOException e) {
                    // The broker closed: the assertions below say whether it may.
                }
            });
            flood.start();
            floods.add(flood);
        }
        awaitThat(() -> door.broker().counters().messagesDropped() > 10_000);
        for (int i = 0; i < 50; i++) {
            long before = System.nanoTime();
            theOthersNoticeNothing("round " + i);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
        }
        stop.set(true);
        for (Thread flood : floods) flood.join();
        assertThat(door.broker().counters().clientsConnected()).isGreaterThanOrEqualTo(3);
    }

    private static void awaitThat(java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("it did not happen in 20 s");
            Thread.onSpinWait();
        }
    }
}
