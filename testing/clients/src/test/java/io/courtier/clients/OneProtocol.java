// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** A factory for clients that can only be given a factory: its sockets speak one version of TLS. */
final class OneProtocol extends SSLSocketFactory {
    private final SSLSocketFactory all;
    private final String protocol;

    OneProtocol(SSLSocketFactory all, String protocol) {
        this.all = all;
        this.protocol = protocol;
    }

    private Socket only(Socket socket) {
        ((SSLSocket) socket).setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return all.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return all.getSupportedCipherSuites();
    }

    @Override
    public Socket createSocket() throws IOException {
        return only(all.createSocket());
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        return only(all.createSocket(socket, host, port, autoClose));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return only(all.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return only(all.createSocket(host, port, localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return only(all.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return only(all.createSocket(address, port, localAddress, localPort));
    }
}
