// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import io.courtier.transport.ws.internal.connection.Reception;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.websocket.core.WebSocketConnection;

/**
 * Ends connections that get nowhere: no request within {@code handshake.timeout.ms}, however many bytes trickle in, or
 * none for a while after the last one. An idle timeout alone is fooled by one byte now and then. Any thread.
 */
final class Patience implements Connection.Listener {
    /** When what is expected next began to be expected, by the socket; {@link #BUSY} while a request is answered. */
    private final Map<EndPoint, Expectation> waiting = new ConcurrentHashMap<>();

    private static final Expectation BUSY = new Expectation(System.nanoTime(), Long.MAX_VALUE);

    private record Expectation(long sinceNanos, long patienceNanos) {}

    private final Reception reception;

    Patience(Reception reception) {
        this.reception = reception;
    }

    @Override
    public void onOpened(Connection connection) {
        EndPoint socket = socket(connection.getEndPoint());
        if (connection instanceof WebSocketConnection) {
            // From here on the broker's own limits hold: CONNECT in time, then Keep Alive.
            waiting.remove(socket);
        } else {
            long patienceNanos = TimeUnit.MILLISECONDS.toNanos(
                    reception.settings().listener().handshakeTimeoutMillis());
            waiting.putIfAbsent(socket, new Expectation(System.nanoTime(), patienceNanos));
        }
    }

    @Override
    public void onClosed(Connection connection) {
        if (!connection.getEndPoint().isOpen()) {
            waiting.remove(socket(connection.getEndPoint()));
        }
    }

    void requested(Request request) {
        EndPoint socket = socket(request.getConnectionMetaData().getConnection().getEndPoint());
        if (waiting.replace(socket, BUSY) != null) {
            Request.addCompletionListener(
                    request,
                    failure -> waiting.replace(
                            socket,
                            new Expectation(System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(WebServer.IDLE_MILLIS))));
        }
    }

    void tick(long nowNanos) {
        waiting.keySet().removeIf(socket -> !socket.isOpen());
        waiting.forEach((socket, expected) -> {
            if (nowNanos - expected.sinceNanos() > expected.patienceNanos()) {
                reception.counters().handshakeTimeouts.increment();
                Reception.LOG.debug(
                        "listener={} remote={} no request in time",
                        reception.listener(),
                        socket.getRemoteSocketAddress());
                socket.close();
            }
        });
    }

    /** Below TLS, and below what a PROXY header said. */
    private static EndPoint socket(EndPoint endPoint) {
        if (endPoint instanceof SslConnection.SslEndPoint secured) {
            return socket(secured.getSslConnection().getEndPoint());
        }
        return endPoint instanceof EndPoint.Wrapper wrapper ? socket(wrapper.unwrap()) : endPoint;
    }
}
