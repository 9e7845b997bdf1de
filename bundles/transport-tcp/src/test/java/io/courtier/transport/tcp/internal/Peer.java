// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import io.courtier.listener.tls.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/** A client that sends and expects bytes. */
final class Peer implements AutoCloseable {
    final Socket socket;
    private final Socket raw;

    private Peer(Socket socket, Socket raw) throws IOException {
        this.socket = socket;
        this.raw = raw;
        socket.setSoTimeout(10_000);
    }

    static Peer connect(TcpListener listener) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(listener));
        return new Peer(socket, socket);
    }

    /** With a receive buffer so small that it is soon full. */
    static Peer narrow(TcpListener listener) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(listener)));
        return new Peer(socket, socket);
    }

    /** The same connection with TLS on it, the handshake done, the name broker.test asked for. */
    Peer secured(TestCertificates.Client client) throws Exception {
        SSLSocket secured = (SSLSocket) client.factory().createSocket(socket, "broker.test", socket.getPort(), true);
        secured.setSoTimeout(10_000);
        secured.startHandshake();
        return new Peer(secured, socket);
    }

    static int port(TcpListener listener) {
        return URI.create(listener.url()).getPort();
    }

    Peer send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    Peer send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.US_ASCII));
    }

    byte[] receive(int length) throws IOException {
        return socket.getInputStream().readNBytes(length);
    }

    String receiveText(int length) throws IOException {
        return new String(receive(length), StandardCharsets.US_ASCII);
    }

    /** True if the other side ended the connection, cleanly or not. */
    boolean isEnded() throws IOException {
        try {
            return socket.getInputStream().read() < 0;
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
