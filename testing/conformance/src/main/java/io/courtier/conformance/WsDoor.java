// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.broker.internal.RunningBroker;
import io.courtier.core.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The same broker as behind {@link TcpDoor}, behind a WebSocket listener. Its clients frame their bytes in turn in each of the
 * ways that the standard allows [MQTT-6.0.0-2].
 */
public final class WsDoor implements Door {
    private final RunningBroker broker;
    private final WsListenerHost listener;
    private final AtomicInteger wires = new AtomicInteger();

    public WsDoor(Limits limits) {
        broker = RunningHouse.open(limits);
        listener = new WsListenerHost(broker.loops(), broker);
    }

    int port() {
        return listener.port();
    }

    @Override
    public Wire open() {
        WsWire.Framing[] framings = WsWire.Framing.values();
        return open("mqtt", framings[Math.floorMod(wires.getAndIncrement(), framings.length)]);
    }

    WsWire open(String subprotocols, WsWire.Framing framing) {
        try {
            return new WsWire(port(), subprotocols, framing);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean movesTime() {
        return false;
    }

    @Override
    public void advance(Duration by) {
        throw new UnsupportedOperationException("real time cannot be moved");
    }

    @Override
    public void close() {
        listener.close();
        broker.close();
    }
}
