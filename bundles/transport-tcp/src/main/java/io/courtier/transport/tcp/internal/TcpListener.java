// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.EventLoops;
import io.courtier.spi.transport.Listener;
import io.courtier.transport.tcp.internal.connection.Counters;
import io.courtier.transport.tcp.internal.connection.Loops;
import io.courtier.transport.tcp.internal.connection.Reception;
import io.courtier.transport.tcp.internal.tls.TlsContext;
import io.courtier.transport.tcp.internal.tls.TlsRenewal;
import io.courtier.transport.tcp.internal.tls.TlsSettings;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listener for each {@code etc/io.courtier.listener.tcp-NAME.cfg}. Opens as the file appears, follows its changes
 * without dropping a connection, closes as it goes. What is wrong is said once and tried again while it may pass. Called
 * on the threads of configuration and of its own timer, never on a loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The timer's task catches what it throws.
@Component(
        service = Listener.class,
        immediate = true,
        configurationPid = SettingsReader.FACTORY_PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Config.class, factory = true)
public final class TcpListener implements Listener {
    private static final Logger LOG = LoggerFactory.getLogger("io.courtier.transport.tcp");
    private static final long TICK_MILLIS = 2000;
    private static final long EXPIRY_WARNING_DAYS = 14;

    private final Loops loops;
    private final ConnectionAcceptor acceptor;
    private final ScheduledExecutorService timer;
    private volatile SettingsReader reader;
    private @Nullable ListenerSettings settings;
    private volatile @Nullable Reception reception;
    private @Nullable ListenerPort port;
    private @Nullable TlsRenewal renewal;
    private boolean mayPass;
    private volatile State state = State.OPENING;
    private volatile @Nullable String problem;
    private volatile String url;

    @Activate
    public TcpListener(
            @Reference EventLoops loops,
            @Reference ConnectionAcceptor acceptor,
            Config config,
            Map<String, Object> properties) {
        this(loops, acceptor, config, properties, TICK_MILLIS);
    }

    TcpListener(
            EventLoops loops, ConnectionAcceptor acceptor, Config config, Map<String, ?> properties, long tickMillis) {
        this.loops = new Loops(loops);
        this.acceptor = acceptor;
        reader = new SettingsReader(config, properties);
        url = "mqtt://" + properties.get("bind") + ":" + properties.get("port");
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "courtier-" + name());
            thread.setDaemon(true);
            return thread;
        });
        sayUnknownKeys();
        open();
        timer.scheduleWithFixedDelay(this::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
    }

    /** Applies a changed file. Connections stay; new ones get the new terms. */
    @Modified
    synchronized void modified(Config config, Map<String, Object> properties) {
        reader = new SettingsReader(config, properties);
        sayUnknownKeys();
        open();
    }

    /** Closes. Clients get up to drain.seconds to take what was sent to them. */
    @Deactivate
    synchronized void deactivate() {
        timer.shutdownNow();
        ListenerSettings last = settings;
        Reception guests = reception;
        state = State.DRAINING;
        closePort();
        if (guests != null && last != null) {
            int open = guests.open();
            guests.closeAll();
            try {
                boolean inTime = guests.awaitGone(TimeUnit.SECONDS.toNanos(last.drainSeconds()));
                loops.settle();
                LOG.info("listener={} closed connections={} cutOff={} {}", name(), open, !inTime, guests.counters());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        state = State.CLOSED;
    }

    @Override
    public String name() {
        return reader.name();
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public @Nullable String problem() {
        return problem;
    }

    @Override
    public int connections() {
        Reception guests = reception;
        return guests == null ? 0 : guests.open();
    }

    @Nullable
    Counters counters() {
        Reception guests = reception;
        return guests == null ? null : guests.counters();
    }

    private synchronized void open() {
        try {
            ListenerSettings wanted = reader.read();
            url = url(wanted, wanted.address());
            TlsSettings tls = wanted.tls();
            TlsContext context = tls == null ? null : TlsContext.load(tls);
            apply(wanted, context);
            renewal = context == null ? null : new TlsRenewal(context);
            problem = null;
            state = State.OPEN;
        } catch (CannotOpen cannot) {
            failed(cannot);
        } catch (RuntimeException | LinkageError bug) {
            LOG.error("listener={} closed after an internal error", name(), bug);
            failed(CannotOpen.ever("internal error: " + bug));
        }
    }

    private void apply(ListenerSettings wanted, @Nullable TlsContext context) throws CannotOpen {
        Reception.Terms terms = new Reception.Terms(wanted, context);
        Reception guests = reception;
        if (guests == null) {
            guests = new Reception(wanted.name(), loops, acceptor, terms);
            reception = guests;
        }
        ListenerSettings before = settings;
        if (port != null && (before == null || !before.samePort(wanted))) {
            closePort();
        }
        guests.offer(terms);
        settings = wanted;
        if (port == null) {
            port = ListenerPort.open(wanted, loops, guests);
        }
        url = url(wanted, port.address());
        LOG.info(
                "listener={} open url={} io={} tls={}",
                name(),
                url,
                loops.io(),
                context == null ? "none" : context.provider());
        if (context != null) {
            sayExpiry(context.certificate());
        }
        if (wanted.opensTheHouse()) {
            LOG.warn(
                    "listener={} lets clients of other machines in without credentials: allow.anonymous=true in {}",
                    name(),
                    wanted.file());
        }
    }

    /** A listener that was told something wrong does not go on as before: what it was told may be to let fewer in. */
    private void failed(CannotOpen cannot) {
        closePort();
        renewal = null;
        mayPass = cannot.mayPass();
        if (!cannot.sentence().equals(problem)) {
            LOG.error("listener={} not open: {}", name(), cannot.sentence());
        }
        problem = cannot.sentence();
        state = State.FAILED;
    }

    private synchronized void tick() {
        if (timer.isShutdown()) {
            return;
        }
        try {
            Reception guests = reception;
            if (guests != null) {
                guests.tell();
            }
            if (state == State.FAILED && mayPass) {
                open();
            } else if (state == State.OPEN && renewal != null) {
                renew(renewal);
            }
        } catch (RuntimeException bug) {
            LOG.error("listener={} internal error", name(), bug);
        }
    }

    private void renew(TlsRenewal from) {
        Reception guests = reception;
        ListenerSettings current = settings;
        if (guests == null || current == null) {
            return;
        }
        try {
            TlsContext renewed = from.look();
            if (renewed != null) {
                guests.offer(new Reception.Terms(current, renewed));
                LOG.info("listener={} uses the new certificate files for new connections", name());
                sayExpiry(renewed.certificate());
            }
        } catch (CannotOpen broken) {
            LOG.error("listener={} keeps the old certificate: {}", name(), broken.sentence());
        }
    }

    private void closePort() {
        if (port != null) {
            port.close();
            port = null;
        }
    }

    private void sayUnknownKeys() {
        if (!reader.unknownKeys().isEmpty()) {
            LOG.warn(
                    "listener={} unknown keys in {}: {}",
                    name(),
                    reader.file(),
                    String.join(", ", reader.unknownKeys()));
        }
    }

    private void sayExpiry(X509Certificate certificate) {
        long days = Duration.between(Instant.now(), certificate.getNotAfter().toInstant())
                .toDays();
        String subject = certificate.getSubjectX500Principal().getName();
        if (days < EXPIRY_WARNING_DAYS) {
            LOG.warn("listener={} certificate={} expires in {} days: renew it", name(), subject, days);
        } else {
            LOG.info("listener={} certificate={} expires in {} days", name(), subject, days);
        }
    }

    private static String url(ListenerSettings settings, InetSocketAddress address) {
        return (settings.tls() == null ? "mqtt://" : "mqtts://") + ListenerPort.text(address);
    }
}
