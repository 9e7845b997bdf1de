// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A Network Connection over a socket. What comes is waited for some seconds. */
public final class SocketWire implements Wire {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;

    public SocketWire(Socket socket) throws IOException {
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
            return n < 0 ? null : Arrays.copyOf(buffer, n);
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
