// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Stands before a server on loopback and holds each of its answers back for a while. Any thread. */
final class Delay implements AutoCloseable {
    private final int to;
    private final ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile long nanos;

    /** @param to the server's port */
    Delay(int to) throws IOException {
        this.to = to;
        run(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** From the next answer on. */
    void set(int millis) {
        nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = server.accept();
            Socket behind = new Socket(InetAddress.getLoopbackAddress(), to);
            sockets.add(client);
            sockets.add(behind);
            run(() -> pass(client, behind, false));
            run(() -> pass(behind, client, true));
        }
    }

    private void pass(Socket from, Socket into, boolean late) throws IOException {
        try (from;
                into) {
            InputStream in = from.getInputStream();
            OutputStream out = into.getOutputStream();
            byte[] buffer = new byte[16 * 1024];
            for (int length; (length = in.read(buffer)) >= 0; ) {
                if (late && nanos > 0) LockSupport.parkNanos(nanos);
                out.write(buffer, 0, length);
            }
        } finally {
            sockets.remove(from);
            sockets.remove(into);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void run(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException closed) {
                // By either side, or by the test.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) socket.close();
    }
}
