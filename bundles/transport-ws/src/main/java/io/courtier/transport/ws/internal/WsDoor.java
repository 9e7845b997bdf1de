// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import io.courtier.listener.CannotOpen;
import io.courtier.listener.Counters;
import io.courtier.listener.Door;
import io.courtier.listener.ListenerSettings;
import io.courtier.listener.SettingsReader;
import io.courtier.listener.tls.TlsMaterial;
import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.EventLoops;
import io.courtier.transport.ws.internal.connection.Reception;
import io.courtier.transport.ws.internal.content.Contents;
import io.courtier.transport.ws.internal.content.Mount;
import io.courtier.transport.ws.internal.http.WebServer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** MQTT over WebSocket and static content, on Jetty. */
final class WsDoor implements Door<WsSettings> {
    private final String name;
    private final EventLoops loops;
    private final ConnectionAcceptor acceptor;
    private final Contents contents = new Contents();
    private List<Mount> offered = List.of();
    private volatile @Nullable Reception reception;
    private @Nullable WebServer server;

    WsDoor(String name, EventLoops loops, ConnectionAcceptor acceptor) {
        this.name = name;
        this.loops = loops;
        this.acceptor = acceptor;
    }

    /** What bundles have to serve, the highest ranked first. Any thread. */
    synchronized void offer(List<Mount> mounts) {
        offered = mounts;
        serve();
    }

    private synchronized void serve() {
        Reception guests = reception;
        if (guests == null || server == null) {
            return;
        }
        WsSettings settings = guests.settings();
        List<Mount> wanted = new ArrayList<>();
        if (settings.folder() != null) {
            wanted.add(Mount.folder(settings.folder()));
        }
        Set<String> names = new HashSet<>();
        for (Mount mount : offered) {
            if (settings.serves(mount.name()) && names.add(mount.name())) {
                wanted.add(mount);
            }
        }
        contents.serve(wanted);
    }

    /** Whether something is served at /. */
    boolean hasPage() {
        return contents.hasPage();
    }

    @Override
    public WsSettings read(SettingsReader reader) throws CannotOpen {
        return WsSettings.read(reader);
    }

    @Override
    public ListenerSettings listener(WsSettings settings) {
        return settings.listener();
    }

    @Override
    public InetSocketAddress open(WsSettings wanted, @Nullable TlsMaterial tls) throws CannotOpen {
        Reception guests = reception;
        WebServer open = server;
        if (guests == null || open == null) {
            guests = new Reception(name, loops, acceptor, wanted);
            open = new WebServer(guests, contents);
            server = open;
            reception = guests;
        } else {
            ListenerSettings before = guests.settings().listener();
            boolean samePort = before.samePort(wanted.listener())
                    && (before.tls() == null) == (wanted.listener().tls() == null);
            if (!samePort) {
                open.shut();
            }
            guests.offer(wanted);
        }
        InetSocketAddress address = open.open(tls);
        serve();
        return address;
    }

    @Override
    public void renew(TlsMaterial tls) throws CannotOpen {
        if (server != null) {
            server.renew(tls);
        }
    }

    @Override
    public void shut() {
        if (server != null) {
            server.shut();
        }
    }

    @Override
    public boolean empty(long nanos) throws InterruptedException {
        Reception guests = reception;
        if (guests == null || server == null) {
            return true;
        }
        boolean inTime = guests.empty(nanos);
        server.stop();
        guests.settle();
        return inTime;
    }

    @Override
    public int connections() {
        Reception guests = reception;
        return guests == null ? 0 : guests.open();
    }

    @Override
    public void tick() {
        tick(System.nanoTime());
    }

    void tick(long nowNanos) {
        Reception guests = reception;
        if (guests != null && server != null) {
            guests.tick(nowNanos);
            server.tick(nowNanos);
        }
    }

    @Override
    public String scheme(WsSettings settings) {
        return settings.listener().tls() == null ? "ws" : "wss";
    }

    @Override
    public String path(WsSettings settings) {
        return settings.path().equals("*") ? "/" : settings.path();
    }

    @Override
    public String workings() {
        Reception guests = reception;
        boolean tls = guests != null && guests.settings().listener().tls() != null;
        return "io=jetty tls=" + (tls ? "jdk" : "none");
    }

    @Override
    public @Nullable Counters counters() {
        Reception guests = reception;
        return guests == null ? null : guests.counters();
    }
}
