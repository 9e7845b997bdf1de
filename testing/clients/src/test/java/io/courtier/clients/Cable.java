// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** A way to a port that can be cut: both ends see a reset, and bytes under way are lost. */
public final class Cable implements AutoCloseable {
    private final ServerSocket door;
    private final int port;
    private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
    private final Semaphore whole = new Semaphore(1);

    public Cable(int port) {
        this.port = port;
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    public int port() {
        return door.getLocalPort();
    }

    /** Cuts what is connected now; who comes later gets through. */
    public void cut() {
        for (Socket end : ends) reset(end);
    }

    /** Cuts it, and who comes later waits until it is mended. */
    public void cutForLonger() {
        whole.acquireUninterruptibly();
        cut();
    }

    public void mend() {
        whole.release();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                whole.acquireUninterruptibly();
                whole.release();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                for (Socket end : new Socket[] {client, server}) {
                    end.setTcpNoDelay(true);
                    ends.add(end);
                }
                start(() -> pump(client, server));
                start(() -> pump(server, client));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n; (n = in.read(buffer)) >= 0; ) out.write(buffer, 0, n);
            to.shutdownOutput();
        } catch (IOException e) {
            reset(from);
            reset(to);
        }
    }

    private void reset(Socket end) {
        ends.remove(end);
        try {
            end.setSoLinger(true, 0);
            end.close();
        } catch (IOException e) {
            // It is gone, which was the wish.
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "cable");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}
