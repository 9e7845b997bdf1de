// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.EventLoops;
import io.courtier.spi.transport.Listener;
import io.courtier.transport.ws.internal.WsListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.util.Map;

/** Runs the WebSocket listener component without OSGi, as its container would: defaults and port 0. */
final class WsListenerHost implements AutoCloseable {
    private final WsListener listener;

    WsListenerHost(EventLoops loops, ConnectionAcceptor acceptor) {
        listener = new WsListener(
                loops, acceptor, Map.of("service.pid", "io.courtier.listener.ws~test", "port", 0, "drain.seconds", 1));
        if (listener.state() != Listener.State.OPEN) throw new IllegalStateException(listener.problem());
    }

    int port() {
        return URI.create(listener.url()).getPort();
    }

    @Override
    public void close() {
        try {
            Method deactivate = WsListener.class.getDeclaredMethod("deactivate");
            deactivate.setAccessible(true);
            deactivate.invoke(listener);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }
}
