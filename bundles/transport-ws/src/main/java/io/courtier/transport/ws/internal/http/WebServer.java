// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import io.courtier.listener.CannotOpen;
import io.courtier.listener.tls.RevocationLists;
import io.courtier.listener.tls.TlsMaterial;
import io.courtier.transport.ws.internal.connection.Reception;
import java.net.InetSocketAddress;
import java.security.cert.CertPathValidatorException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * Jetty for one listener. The server lives as long as the listener; ports come and go with their settings, and one that is
 * shut stays until the last connection that came by it has gone. One thread at a time.
 */
public final class WebServer {
    /** How long a connection may stay without a request, or an answer without progress. */
    static final long IDLE_MILLIS = 30_000;

    private static final int REQUEST_HEADER_BYTES_MAX = 16 * 1024;
    private static final int THREADS_BEYOND_SELECTORS_MAX = 16;

    private final Reception reception;
    private final Patience patience;
    private final Server server;
    private final int selectors;
    private final List<ListeningPort> shut = new ArrayList<>();
    private @Nullable ListeningPort port;
    private SslContextFactory.@Nullable Server tls;

    public WebServer(Reception reception, Handler content) throws CannotOpen {
        this.reception = reception;
        patience = new Patience(reception);
        selectors = Math.max(1, reception.loops() / 2);
        QueuedThreadPool threads = new QueuedThreadPool(2 * selectors + THREADS_BEYOND_SELECTORS_MAX, selectors + 2);
        threads.setName("courtier-" + reception.listener());
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        server = new Server(threads);
        server.setErrorHandler(new Refusal());
        server.setStopAtShutdown(false);
        server.setHandler(new Gate(reception, patience, new Upgrade(reception, threads, content)));
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        // Jetty looks its own services up by it.
        Thread.currentThread().setContextClassLoader(Server.class.getClassLoader());
        try {
            server.start();
        } catch (Exception broken) {
            throw CannotOpen.ever("the HTTP server does not start: " + broken);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    /** Listens by the settings of the reception; a port that is open already is kept. */
    public InetSocketAddress open(@Nullable TlsMaterial material) throws CannotOpen {
        if (port != null) {
            if (material != null) {
                renew(material);
            }
            return port.address();
        }
        tls = material == null ? null : TlsFactory.of(material);
        reception.believe(
                material == null ? List.of() : material.authorities(), material == null ? null : material.revocation());
        HttpConfiguration configuration = configuration();
        ConnectionFactory http = new HttpConnectionFactory(configuration);
        List<ConnectionFactory> factories = new ArrayList<>();
        ConnectionFactory first = http;
        if (tls != null) {
            SslConnectionFactory secure = new SslConnectionFactory(tls, http.getProtocol());
            secure.addBean(new TlsFailures());
            // By any name: whether the certificate has it is for the client to judge.
            configuration.addCustomizer(new SecureRequestCustomizer(false));
            first = secure;
            factories.add(secure);
        }
        factories.add(0, new ProxiedConnections(reception, first));
        factories.add(http);
        ListeningPort opened = ListeningPort.open(
                reception.settings().listener(),
                server,
                reception,
                selectors,
                factories.toArray(new ConnectionFactory[0]));
        opened.addBean(patience);
        try {
            server.addConnector(opened);
            opened.start();
        } catch (Exception broken) {
            server.removeConnector(opened);
            opened.shut();
            throw CannotOpen.now("the port does not open: " + broken);
        }
        port = opened;
        return opened.address();
    }

    /** New certificates for new connections. */
    public void renew(TlsMaterial material) throws CannotOpen {
        if (tls != null) {
            TlsFactory.reload(tls, material);
            reception.believe(material.authorities(), material.revocation());
        }
    }

    /** Accepts no more. Connections stay. */
    public void shut() {
        if (port != null) {
            port.shut();
            shut.add(port);
            port = null;
        }
    }

    public void tick(long nowNanos) {
        patience.tick(nowNanos);
        for (Iterator<ListeningPort> old = shut.iterator(); old.hasNext(); ) {
            ListeningPort empty = old.next();
            if (empty.isEmpty()) {
                remove(empty);
                old.remove();
            }
        }
    }

    /** Ends whatever is left. */
    public void stop() {
        shut();
        shut.forEach(ListeningPort::cutOff);
        try {
            server.stop();
        } catch (Exception broken) {
            Reception.LOG.warn("listener={} did not stop well", reception.listener(), broken);
        }
    }

    private void remove(ListeningPort empty) {
        try {
            empty.stop();
        } catch (Exception broken) {
            Reception.LOG.warn("listener={} has an old port that did not stop well", reception.listener(), broken);
        }
        server.removeConnector(empty);
    }

    private static HttpConfiguration configuration() {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendXPoweredBy(false);
        configuration.setRequestHeaderSize(REQUEST_HEADER_BYTES_MAX);
        configuration.setIdleTimeout(IDLE_MILLIS);
        configuration.setRelativeRedirectAllowed(true);
        return configuration;
    }

    /** Counts handshakes that came to nothing. */
    private final class TlsFailures implements SslHandshakeListener {
        @Override
        public void handshakeFailed(Event event, Throwable failure) {
            CertPathValidatorException refusal = RevocationLists.refusal(failure);
            if (refusal != null) {
                reception.sayRefused(refusal);
            }
            reception.counters().tlsFailed.increment();
            Reception.LOG.debug(
                    "listener={} remote={} TLS handshake failed: {}",
                    reception.listener(),
                    event.getEndPoint().getRemoteSocketAddress(),
                    String.valueOf(failure));
        }
    }
}
