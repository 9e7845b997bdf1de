// SPDX-License-Identifier: Apache-2.0
package io.courtier.itests;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Clients that come one after the other, every second with the wrong password, and note what they are told and when. */
final class Newcomers implements AutoCloseable {
    private static final int ACCEPTED = 0;
    private static final int BAD_USER_NAME_OR_PASSWORD = 4;

    private final int port;
    private final List<String> wrong = new ArrayList<>();
    private final Thread thread = new Thread(this::come, "newcomers");
    private volatile boolean coming = true;
    private final List<Long> rightNanos = new ArrayList<>();
    private final List<Long> wrongNanos = new ArrayList<>();
    private volatile int judged;

    Newcomers(int port) {
        this.port = port;
        thread.start();
    }

    private void come() {
        while (coming) {
            boolean good = judged % 2 == 0;
            long begunNanos = System.nanoTime();
            try {
                int code = connect(port, "device", good ? "secret" : "guess " + judged);
                int expected = good ? ACCEPTED : BAD_USER_NAME_OR_PASSWORD;
                if (code != expected) wrong.add((good ? "right" : "wrong") + " password: " + code);
            } catch (IOException e) {
                wrong.add(e.toString());
            }
            (good ? rightNanos : wrongNanos).add(System.nanoTime() - begunNanos);
            judged++;
        }
    }

    /** What CONNACK says. */
    static int connect(int port, String user, String password) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(30_000);
            byte[] name = user.getBytes(StandardCharsets.US_ASCII);
            byte[] secret = password.getBytes(StandardCharsets.US_ASCII);
            ByteBuffer connect = ByteBuffer.allocate(128);
            connect.put((byte) 0x10)
                    .put((byte) (10 + 2 + 2 + name.length + 2 + secret.length))
                    .put(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 4, (byte) 0xC2, 0, 0, 0, 0})
                    .putShort((short) name.length)
                    .put(name)
                    .putShort((short) secret.length)
                    .put(secret);
            socket.getOutputStream().write(connect.array(), 0, connect.position());
            byte[] answer = new byte[4];
            new DataInputStream(socket.getInputStream()).readFully(answer);
            return answer[3];
        }
    }

    int judged() {
        return judged;
    }

    List<String> wrong() throws InterruptedException {
        coming = false;
        thread.join();
        return wrong;
    }

    /**
     * Ends them, and says how many were judged and how many milliseconds they waited from the opening of a connection to
     * CONNACK: the median of those with the right password, of those with a wrong one, and the worst of all.
     */
    String waited() throws InterruptedException {
        close();
        return "%d | %.1f | %.1f | %.1f"
                .formatted(
                        judged,
                        median(rightNanos),
                        median(wrongNanos),
                        Math.max(Collections.max(rightNanos), Collections.max(wrongNanos)) / 1e6);
    }

    private static double median(List<Long> nanos) {
        return nanos.stream().sorted().toList().get(nanos.size() / 2) / 1e6;
    }

    @Override
    public void close() throws InterruptedException {
        coming = false;
        thread.join();
    }
}
