// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.EventLoops;
import io.courtier.spi.transport.Listener;
import io.courtier.transport.tcp.internal.TcpListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/** Runs the TCP listener component without OSGi, as its container would: defaults, port 0, and the entries of a file. */
final class TcpListenerHost implements AutoCloseable {
    private final TcpListener listener;

    TcpListenerHost(EventLoops loops, ConnectionAcceptor acceptor, Map<String, Object> entries) {
        Map<String, Object> properties =
                new HashMap<>(Map.of("service.pid", "io.courtier.listener.tcp~test", "port", 0));
        properties.putAll(entries);
        listener = new TcpListener(loops, acceptor, properties);
        if (listener.state() != Listener.State.OPEN) throw new IllegalStateException(listener.problem());
    }

    int port() {
        return URI.create(listener.url()).getPort();
    }

    @Override
    public void close() {
        try {
            Method deactivate = TcpListener.class.getDeclaredMethod("deactivate");
            deactivate.setAccessible(true);
            deactivate.invoke(listener);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }
}
