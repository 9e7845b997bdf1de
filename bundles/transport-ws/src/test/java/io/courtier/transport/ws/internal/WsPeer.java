// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import io.courtier.listener.tls.TestCertificates;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;

/** A client that writes HTTP and WebSocket byte by byte, sound or not, and reads what comes. */
final class WsPeer implements AutoCloseable {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final byte[] MASK = {0x37, (byte) 0xfa, 0x21, 0x3d};

    final Socket socket;
    private final Socket raw;
    private final InputStream in;
    /** Binary data of frames that were read and not asked for yet. */
    private byte[] surplus = {};

    private WsPeer(Socket socket, Socket raw) throws IOException {
        this.socket = socket;
        this.raw = raw;
        socket.setSoTimeout(10_000);
        raw.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    record Frame(boolean fin, int opcode, byte[] payload) {
        /** Of a close frame. 1005 where it has none. */
        int closeCode() {
            return payload.length < 2 ? 1005 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }
    }

    static WsPeer connect(WsListener listener) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(listener));
        return new WsPeer(socket, socket);
    }

    /** With a receive buffer so small that it is soon full. */
    static WsPeer narrow(WsListener listener) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(listener)));
        return new WsPeer(socket, socket);
    }

    /** The same connection with TLS on it, the handshake done, the name broker.test asked for. */
    WsPeer secured(TestCertificates.Client client) throws Exception {
        SSLSocket secured = (SSLSocket) client.factory().createSocket(socket, "broker.test", socket.getPort(), true);
        secured.setSoTimeout(10_000);
        secured.startHandshake();
        return new WsPeer(secured, socket);
    }

    static int port(WsListener listener) {
        return URI.create(listener.url()).getPort();
    }

    WsPeer send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    WsPeer send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    // ---- HTTP

    /** With the fields that every upgrade needs, before those that are given. */
    static String upgradeRequest(String path, String... fields) {
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Version: 13\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        return request.append("\r\n").toString();
    }

    /** A connection that speaks WebSocket from here on. */
    WsPeer upgraded() throws IOException {
        Answer answer = ask(upgradeRequest("/mqtt", "Sec-WebSocket-Protocol: mqtt"));
        if (answer.status() != 101) {
            throw new IOException("not upgraded: " + answer.status() + " " + answer.text());
        }
        return this;
    }

    Answer get(String path, String... fields) throws IOException {
        return ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n") + "\r\n");
    }

    Answer ask(String request) throws IOException {
        return send(request).answer(request.startsWith("HEAD "));
    }

    Answer answer(boolean toHead) throws IOException {
        String first = line();
        List<String> fields = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            fields.add(line);
        }
        int status = Integer.parseInt(first.split(" ", -1)[1]);
        Answer head = new Answer(status, fields, new byte[0]);
        if (toHead || status < 200 || status == 204 || status == 304) {
            return head;
        }
        String length = head.field("Content-Length");
        byte[] body;
        if ("chunked".equals(head.field("Transfer-Encoding"))) {
            body = chunks();
        } else {
            body = length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
        }
        return new Answer(status, fields, body);
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int n = Integer.parseInt(line(), 16); n > 0; n = Integer.parseInt(line(), 16)) {
            body.write(in.readNBytes(n));
            line();
        }
        line();
        return body.toByteArray();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("after \"" + line + "\"");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    // ---- frames

    static byte[] frame(boolean fin, int opcode, byte... payload) {
        return frame((fin ? 0x80 : 0) | opcode, payload);
    }

    /** Masked, with the shortest form of its length. */
    static byte[] frame(int firstByte, byte[] payload) {
        int lengthForm = payload.length < 126 ? 1 : payload.length < 65_536 ? 2 : 8;
        return frame(firstByte, payload, lengthForm, true);
    }

    /** @param lengthForm in 1, 2 or 8 bytes */
    static byte[] frame(int firstByte, byte[] payload, int lengthForm, boolean masked) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
        frame.put((byte) firstByte);
        int mask = masked ? 0x80 : 0;
        switch (lengthForm) {
            case 1 -> frame.put((byte) (mask | payload.length));
            case 2 -> frame.put((byte) (mask | 126)).putShort((short) payload.length);
            default -> frame.put((byte) (mask | 127)).putLong(payload.length);
        }
        if (masked) {
            frame.put(MASK);
        }
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (masked ? payload[i] ^ MASK[i & 3] : payload[i]));
        }
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    WsPeer binary(byte... payload) throws IOException {
        return send(frame(true, BINARY, payload));
    }

    WsPeer binary(String payload) throws IOException {
        return binary(payload.getBytes(StandardCharsets.ISO_8859_1));
    }

    static byte[] closeFrame(int code) {
        return frame(true, CLOSE, (byte) (code >> 8), (byte) code);
    }

    Frame nextFrame() throws IOException {
        int first = octet();
        int second = octet();
        if ((second & 0x80) != 0) {
            throw new IOException("a masked frame of a server");
        }
        long length = second;
        if (second == 126) {
            length = octet() << 8 | octet();
        } else if (second == 127) {
            length = ByteBuffer.wrap(in.readNBytes(8)).getLong();
        }
        byte[] payload = in.readNBytes(Math.toIntExact(length));
        if (payload.length < length) {
            throw new EOFException("in a frame");
        }
        return new Frame((first & 0x80) != 0, first & 0x0f, payload);
    }

    private int octet() throws IOException {
        int octet = in.read();
        if (octet < 0) {
            throw new EOFException("no more frames");
        }
        return octet;
    }

    /** So many bytes of binary data, however they are framed. */
    byte[] receive(int length) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.write(surplus);
        while (data.size() < length) {
            Frame frame = nextFrame();
            if (frame.opcode() != BINARY && frame.opcode() != CONTINUATION) {
                throw new IOException("opcode " + frame.opcode() + " code " + frame.closeCode() + " after "
                        + data.size() + " bytes of data");
            }
            data.write(frame.payload());
        }
        byte[] all = data.toByteArray();
        surplus = java.util.Arrays.copyOfRange(all, length, all.length);
        return java.util.Arrays.copyOf(all, length);
    }

    String receiveText(int length) throws IOException {
        return new String(receive(length), StandardCharsets.ISO_8859_1);
    }

    /** Whatever comes before it is read over. */
    int closeCode() throws IOException {
        Frame frame = nextFrame();
        while (frame.opcode() != CLOSE) {
            frame = nextFrame();
        }
        return frame.closeCode();
    }

    // ---- the end

    /** True if the other side ended the connection, cleanly or not; what came before is read over. */
    boolean isEnded() throws IOException {
        try {
            in.skip(Long.MAX_VALUE);
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException silent) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** Ends the connection at once, without the end of TLS, for which the JDK's socket would wait. */
    void leave() throws IOException {
        raw.close();
    }

    /** Ends it as one whose process was killed with bytes unread. */
    void reset() throws IOException {
        raw.setSoLinger(true, 0);
        raw.close();
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
