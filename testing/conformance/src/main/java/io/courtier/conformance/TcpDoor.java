// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.broker.internal.RunningBroker;
import io.courtier.core.Limits;
import io.courtier.core.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;

/** The broker as it runs, two event loops and a TCP listener on a free port of loopback; without OSGi. */
public final class TcpDoor implements Door {
    private final RunningBroker broker;
    private final TcpListenerHost listener;

    public TcpDoor(Limits limits) {
        this(limits, Map.of());
    }

    /** @param entries what the listener's file says beyond the defaults: {@code tls.provider} and such */
    public TcpDoor(Limits limits, Map<String, Object> entries) {
        this(limits, entries, Stores.NONE);
    }

    /** The same on stores: what they kept is there again when the door opens. They are the caller's to close. */
    public TcpDoor(Limits limits, Map<String, Object> entries, Stores stores) {
        broker = RunningHouse.open(limits, stores);
        listener = new TcpListenerHost(broker.loops(), broker, entries);
    }

    public int port() {
        return listener.port();
    }

    public RunningBroker broker() {
        return broker;
    }

    /** Only the listener goes, as when its file is deleted or its bundle updated; the broker stays. */
    public void closeListener() {
        listener.close();
    }

    @Override
    public Wire open() {
        try {
            return new SocketWire(new Socket(InetAddress.getLoopbackAddress(), port()));
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
