// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.broker.internal.RunningBroker;
import io.courtier.core.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The broker as it runs, two event loops and a TCP listener on a free port of loopback; without OSGi. */
public final class TcpDoor implements Door {
    private static final int PATIENCE_MILLIS = 5_000;

    private final RunningBroker broker;
    private final TcpListenerHost listener;

    public TcpDoor(Limits limits) {
        this(limits, Map.of());
    }

    /** @param entries what the listener's file says beyond the defaults: {@code tls.provider} and such */
    public TcpDoor(Limits limits, Map<String, Object> entries) {
        broker = RunningHouse.open(limits);
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

    private static final class SocketWire implements Wire {
        private final Socket socket;

        SocketWire(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
        }

        @Override
        public void send(byte[] bytes) {
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                // The broker closed: what it said last is still to be read.
            }
        }

        @Override
        public byte @Nullable [] receive() {
            byte[] buffer = new byte[64 * 1024];
            try {
                InputStream in = socket.getInputStream();
                int n = in.read(buffer);
                return n < 0 ? null : java.util.Arrays.copyOf(buffer, n);
            } catch (IOException e) {
                return null;
            }
        }

        @Override
        public boolean awaitClosed() {
            byte[] rest = new byte[4_096];
            try {
                while (true) if (socket.getInputStream().read(rest) < 0) return true;
            } catch (SocketTimeoutException e) {
                return false;
            } catch (IOException e) {
                return true;
            }
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void reading(boolean wanted) {
            // Whoever does not call receive does not read.
        }
    }
}
