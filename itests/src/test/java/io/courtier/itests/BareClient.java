// SPDX-License-Identifier: Apache-2.0
package io.courtier.itests;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An MQTT 3.1.1 client of two packets, CONNECT and PINGREQ, so that it also runs inside the container. */
final class BareClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;

    private BareClient(Socket socket) {
        this.socket = socket;
    }

    /** Opens a connection to a port of loopback and sends CONNECT; IOException if CONNACK does not accept it. */
    static BareClient connect(int port, String clientIdentifier) throws IOException {
        return connect(new Socket(InetAddress.getLoopbackAddress(), port), clientIdentifier);
    }

    /** The same for a listener that is about to open. */
    static BareClient connectSoon(int port, String clientIdentifier) throws IOException {
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (true) {
            try {
                return connect(port, clientIdentifier);
            } catch (ConnectException closed) {
                if (System.nanoTime() - deadlineNanos >= 0) throw closed;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    static BareClient connect(Socket socket, String clientIdentifier) throws IOException {
        BareClient client = new BareClient(socket);
        socket.setSoTimeout(PATIENCE_MILLIS);
        byte[] identifier = clientIdentifier.getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(0x10); // CONNECT
        packet.write(12 + identifier.length);
        packet.writeBytes(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 4}); // MQTT 3.1.1
        packet.write(2); // Clean Session
        packet.writeBytes(new byte[] {0, 60}); // Keep Alive
        packet.write(0);
        packet.write(identifier.length);
        packet.writeBytes(identifier);
        socket.getOutputStream().write(packet.toByteArray());
        client.expect(0x20, 2, 0, 0); // CONNACK, no session present, accepted
        return client;
    }

    /** Sends PINGREQ and waits for PINGRESP. */
    void ping() throws IOException {
        socket.getOutputStream().write(new byte[] {(byte) 0xC0, 0});
        expect(0xD0, 0);
    }

    private void expect(int... bytes) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        for (int each : bytes) {
            int found = in.readUnsignedByte();
            if (found != each) throw new IOException("expected byte " + each + ", not " + found);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
