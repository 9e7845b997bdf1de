// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import io.courtier.transport.ws.internal.connection.Reception;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.ProxyConnectionFactory;

/** Wants a PROXY header of those who must send one, and takes it from nobody else. */
final class ProxiedConnections extends AbstractConnectionFactory {
    private final Reception reception;
    private final ProxyConnectionFactory proxied;
    private final ConnectionFactory direct;

    ProxiedConnections(Reception reception, ConnectionFactory next) {
        super("courtier-front");
        this.reception = reception;
        this.direct = next;
        this.proxied = new ProxyConnectionFactory(next.getProtocol()) {
            @Override
            protected void nextProtocol(Connector connector, EndPoint endPoint, ByteBuffer buffer) {
                reception.counters().proxyHeadersMissing.increment();
                reception
                        .refusals()
                        .happened("refused " + endPoint.getRemoteSocketAddress() + ", which sent no PROXY header though"
                                + " proxy.protocol.from names it");
                endPoint.close();
            }
        };
        installBean(proxied);
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        boolean trusted = endPoint.getRemoteSocketAddress() instanceof InetSocketAddress peer
                && reception.settings().listener().proxies().contains(peer);
        return (trusted ? proxied : direct).newConnection(connector, endPoint);
    }
}
