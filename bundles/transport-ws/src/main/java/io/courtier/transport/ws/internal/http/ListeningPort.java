// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal.http;

import io.courtier.listener.Admission;
import io.courtier.listener.CannotOpen;
import io.courtier.listener.ListenerLife;
import io.courtier.listener.ListenerSettings;
import io.courtier.transport.ws.internal.connection.Reception;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** One listening socket, and the sockets that were accepted on it: they stay when it is shut. */
@SuppressWarnings("NullAway") // Jetty's constructors take null for "the server's own".
final class ListeningPort extends ServerConnector {
    /** How long to leave connections in the backlog after accept failed: out of file descriptors, most likely. */
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private final Reception reception;
    private final ServerSocketChannel socket;
    private final InetSocketAddress address;
    private final Admission admission = new Admission();
    /** Accepted, and not yet among the connected: Jetty opens them on other threads. */
    private final AtomicInteger arriving = new AtomicInteger();

    private volatile boolean shut;

    private ListeningPort(
            Server server,
            Reception reception,
            ServerSocketChannel socket,
            int selectors,
            ConnectionFactory... factories)
            throws IOException {
        super(server, null, null, null, 1, selectors, factories);
        this.reception = reception;
        this.socket = socket;
        address = (InetSocketAddress) socket.getLocalAddress();
        // Connections outlive the socket that they came by.
        setShutdownIdleTimeout(-1);
        setIdleTimeout(WebServer.IDLE_MILLIS);
        setHost(address.getHostString());
        open(socket);
        getSelectorManager().addEventListener(new SelectorManager.AcceptListener() {
            @Override
            public void onAcceptFailed(SelectableChannel channel, Throwable failure) {
                arriving.decrementAndGet();
            }
        });
    }

    static ListeningPort open(
            ListenerSettings settings,
            Server server,
            Reception reception,
            int selectors,
            ConnectionFactory... factories)
            throws CannotOpen {
        ServerSocketChannel socket = null;
        try {
            socket = ServerSocketChannel.open();
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            socket.bind(settings.address(), settings.backlog());
            return new ListeningPort(server, reception, socket, selectors, factories);
        } catch (IOException taken) {
            close(socket);
            throw CannotOpen.now("cannot listen on " + ListenerLife.text(settings.address()) + " (" + taken.getMessage()
                    + "): stop what else listens there, or set bind and port in " + settings.file()
                    + "; it is tried again");
        }
    }

    /** With the port that the system chose. */
    InetSocketAddress address() {
        return address;
    }

    /** Whether those who came by it and have not upgraded yet came too late: what is asked of them may be more now. */
    boolean isShut() {
        return shut;
    }

    /** Accepts no more. */
    void shut() {
        shut = true;
        var ends = shutdown();
        assert !ends.isCancelled();
        // The thread that accepts was interrupted, which closes the socket.
        long deadlineNanos = System.nanoTime() + PAUSE_NANOS;
        while (socket.isOpen() && System.nanoTime() - deadlineNanos < 0) {
            LockSupport.parkNanos(1_000_000);
        }
        close(socket);
    }

    boolean isEmpty() {
        return getConnectedEndPoints().isEmpty();
    }

    void cutOff() {
        for (EndPoint endPoint : getConnectedEndPoints()) {
            endPoint.close();
        }
    }

    @Override
    public void accept(int acceptor) throws IOException {
        SocketChannel accepted = socket.accept();
        ListenerSettings settings = reception.settings().listener();
        String refusal = admission.refusal(
                arriving.get() + getConnectedEndPoints().size(),
                settings.connectionsMax(),
                settings.connectionsPerSecond(),
                System.nanoTime());
        if (refusal != null) {
            reception.counters().refused.increment();
            reception.refusals().happened(refusal);
            // With a reset, as nobody will look at what the client sent.
            accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
            accepted.close();
            return;
        }
        reception.counters().accepted.increment();
        arriving.incrementAndGet();
        accepted.configureBlocking(false);
        accepted.setOption(StandardSocketOptions.TCP_NODELAY, settings.noDelay());
        // The system finds out, in hours, about clients that vanished without Keep Alive.
        accepted.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        getSelectorManager().accept(accepted);
    }

    @Override
    protected void onEndPointOpened(EndPoint endPoint) {
        super.onEndPointOpened(endPoint);
        arriving.decrementAndGet();
    }

    @Override
    protected boolean handleAcceptFailure(Throwable failure) {
        if (!isRunning() || failure instanceof ClosedByInterruptException || !socket.isOpen()) {
            return false;
        }
        reception.refusals().happened("cannot accept connections, trying again in 1 s: " + failure);
        LockSupport.parkNanos(PAUSE_NANOS);
        return true;
    }

    private static void close(ServerSocketChannel socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException gone) {
            Reception.LOG.debug("a listening socket did not close well", gone);
        }
    }
}
