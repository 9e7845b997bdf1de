// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A client of WebSocket that writes its frames itself, so that it can cut them anywhere. */
public final class WsWire implements Wire {
    /** How a client cuts its bytes into frames. */
    enum Framing {
        /** As nearly all clients do. */
        PACKETS,
        /** Frames of 1 to 5 bytes, each a message. */
        CRUMBS,
        /** One message of fragments, some of them empty, with a ping between them. */
        FRAGMENTS,
        /** A frame that ends within the fixed header, and one with all the rest. */
        HEAD_AND_REST
    }

    static final int TEXT = 1;
    static final int PING = 9;
    static final int PONG = 10;
    private static final int CONTINUATION = 0;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PATIENCE_MILLIS = 20_000;
    /** Beyond these, crumbs cost more than they show. */
    private static final int CRUMBLED_BYTES_MAX = 500;

    private static final byte[] MASK = {0x5a, 0x17, (byte) 0xc3, 0x08};

    private final Socket socket;
    private final DataInputStream in;
    private final Framing framing;
    private final int status;
    private final @Nullable String subprotocol;
    private int closeCode;

    /** Each packet is a message, as nearly all clients do it. */
    public WsWire(int port) throws IOException {
        this(port, "mqtt", Framing.PACKETS);
    }

    /** @param subprotocols as the field has them; empty for none */
    WsWire(int port, String subprotocols, Framing framing) throws IOException {
        this.framing = framing;
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        String offer = subprotocols.isEmpty() ? "" : "Sec-WebSocket-Protocol: " + subprotocols + "\r\n";
        String request = "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + offer + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        status = Integer.parseInt(line().substring("HTTP/1.1 ".length()).substring(0, 3));
        String chosen = null;
        for (String line = line(); !line.isEmpty(); line = line()) {
            if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-protocol:"))
                chosen = line.substring(line.indexOf(':') + 1).strip();
        }
        subprotocol = chosen;
    }

    /** Of the answer to the upgrade: 101. */
    int status() {
        return status;
    }

    /** What the server chose, or null. */
    @Nullable
    String subprotocol() {
        return subprotocol;
    }

    /** Of the close frame that came, or 0. */
    int closeCode() {
        return closeCode;
    }

    @Override
    public void send(byte[] bytes) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        switch (framing) {
            case PACKETS -> frame(frames, true, BINARY, bytes, 0, bytes.length);
            case CRUMBS -> {
                int at = 0;
                for (int crumb = 1; at < Math.min(bytes.length, CRUMBLED_BYTES_MAX); crumb = crumb % 5 + 1) {
                    int upTo = Math.min(bytes.length, at + crumb);
                    frame(frames, true, BINARY, bytes, at, upTo);
                    at = upTo;
                }
                if (at < bytes.length) frame(frames, true, BINARY, bytes, at, bytes.length);
            }
            case FRAGMENTS -> {
                int third = bytes.length / 3;
                frame(frames, false, BINARY, bytes, 0, third);
                frame(frames, true, PING, new byte[] {'p'}, 0, 1);
                frame(frames, false, CONTINUATION, bytes, third, third);
                frame(frames, false, CONTINUATION, bytes, third, 2 * third);
                frame(frames, true, CONTINUATION, bytes, 2 * third, bytes.length);
            }
            case HEAD_AND_REST -> {
                frame(frames, true, BINARY, bytes, 0, 1);
                frame(frames, true, BINARY, bytes, 1, bytes.length);
            }
        }
        write(frames.toByteArray());
    }

    /** One frame of any kind, whole. */
    void send(int opcode, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame(frame, true, opcode, payload, 0, payload.length);
        write(frame.toByteArray());
    }

    private void write(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            // The broker closed: what it said last is still to be read.
        }
    }

    private static void frame(ByteArrayOutputStream to, boolean last, int opcode, byte[] bytes, int from, int upTo) {
        int length = upTo - from;
        to.write((last ? 0x80 : 0) | opcode);
        if (length < 126) {
            to.write(0x80 | length);
        } else if (length < 65_536) {
            to.write(0x80 | 126);
            to.write(length >>> 8);
            to.write(length);
        } else {
            to.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) to.write((int) ((long) length >>> shift));
        }
        to.writeBytes(MASK);
        for (int i = 0; i < length; i++) to.write(bytes[from + i] ^ MASK[i & 3]);
    }

    @Override
    public byte @Nullable [] receive() {
        try {
            return next();
        } catch (IOException e) {
            return null;
        }
    }

    /** The payload of the next frame with data, or null where the broker closed. */
    private byte @Nullable [] next() throws IOException {
        while (true) {
            int opcode;
            try {
                opcode = in.readUnsignedByte() & 0x0f;
            } catch (EOFException e) {
                return null;
            }
            long length = in.readUnsignedByte();
            if (length == 126) length = in.readUnsignedShort();
            else if (length == 127) length = in.readLong();
            byte[] payload = new byte[Math.toIntExact(length)];
            in.readFully(payload);
            switch (opcode) {
                case BINARY, CONTINUATION -> {
                    if (payload.length > 0) return payload;
                }
                case CLOSE -> {
                    closeCode = payload.length < 2 ? 1005 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
                    send(CLOSE, Arrays.copyOf(payload, Math.min(2, payload.length)));
                    return null;
                }
                case PING -> send(PONG, payload);
                case PONG -> {
                    // To the ping between fragments.
                }
                default -> throw new IllegalStateException("a frame of kind " + opcode);
            }
        }
    }

    @Override
    public boolean awaitClosed() {
        try {
            while (next() != null) {
                // What came before.
            }
            return socket.getInputStream().read() < 0;
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

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) line.append((char) c);
        return line.toString().strip();
    }
}
