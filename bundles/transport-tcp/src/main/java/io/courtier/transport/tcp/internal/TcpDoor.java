// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import io.courtier.listener.CannotOpen;
import io.courtier.listener.Counters;
import io.courtier.listener.Door;
import io.courtier.listener.ListenerSettings;
import io.courtier.listener.SettingsReader;
import io.courtier.listener.TrustedProxies;
import io.courtier.listener.tls.TlsMaterial;
import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.EventLoops;
import io.courtier.transport.tcp.internal.connection.Loops;
import io.courtier.transport.tcp.internal.connection.Reception;
import io.courtier.transport.tcp.internal.tls.TlsContext;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** MQTT over TCP and TLS, on the broker's own loops. */
final class TcpDoor implements Door<ListenerSettings> {
    private final String name;
    private final Loops loops;
    private final ConnectionAcceptor acceptor;
    private volatile @Nullable Reception reception;
    private @Nullable ListenerPort port;

    TcpDoor(String name, EventLoops loops, ConnectionAcceptor acceptor) {
        this.name = name;
        this.loops = new Loops(loops);
        this.acceptor = acceptor;
    }

    @Override
    public ListenerSettings read(SettingsReader reader) throws CannotOpen {
        return reader.listener(TrustedProxies.NONE);
    }

    @Override
    public ListenerSettings listener(ListenerSettings settings) {
        return settings;
    }

    @Override
    public InetSocketAddress open(ListenerSettings wanted, @Nullable TlsMaterial tls) throws CannotOpen {
        Reception.Terms terms = new Reception.Terms(wanted, tls == null ? null : TlsContext.of(tls));
        Reception guests = reception;
        if (guests == null) {
            guests = new Reception(name, loops, acceptor, terms);
            reception = guests;
        } else if (!guests.terms().settings().samePort(wanted)) {
            shut();
        }
        guests.offer(terms);
        if (port == null) {
            port = ListenerPort.open(wanted, loops, guests);
        }
        return port.address();
    }

    @Override
    public void renew(TlsMaterial tls) throws CannotOpen {
        Reception guests = reception;
        if (guests != null) {
            guests.offer(new Reception.Terms(guests.terms().settings(), TlsContext.of(tls)));
        }
    }

    @Override
    public void shut() {
        if (port != null) {
            port.close();
            port = null;
        }
    }

    @Override
    public boolean empty(long nanos) throws InterruptedException {
        Reception guests = reception;
        if (guests == null) {
            return true;
        }
        guests.closeAll();
        boolean inTime = guests.awaitGone(nanos);
        loops.settle();
        return inTime;
    }

    @Override
    public int connections() {
        Reception guests = reception;
        return guests == null ? 0 : guests.open();
    }

    @Override
    public void tick() {
        Reception guests = reception;
        if (guests != null) {
            guests.tell();
        }
    }

    @Override
    public String scheme(ListenerSettings settings) {
        return settings.tls() == null ? "mqtt" : "mqtts";
    }

    @Override
    public String path(ListenerSettings settings) {
        return "";
    }

    @Override
    public String workings() {
        Reception guests = reception;
        TlsContext tls = guests == null ? null : guests.terms().tls();
        return "io=" + loops.io() + " tls=" + (tls == null ? "none" : tls.provider());
    }

    @Override
    public @Nullable Counters counters() {
        Reception guests = reception;
        return guests == null ? null : guests.counters();
    }
}
