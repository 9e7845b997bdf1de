// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener;

import io.courtier.listener.tls.RevocationLists;
import io.courtier.listener.tls.TlsMaterial;
import io.courtier.listener.tls.TlsRenewal;
import io.courtier.listener.tls.TlsSettings;
import io.courtier.spi.transport.Listener;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The life of one listener, whatever it speaks: opens, follows the changes of its file without dropping a connection,
 * takes new certificates up, closes. What is wrong is said once and tried again while it may pass. Called on the threads
 * of configuration and of its own timer, never on a loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The timer's task catches what it throws.
public final class ListenerLife<S> implements Listener {
    public static final long TICK_MILLIS = 2000;
    private static final long EXPIRY_WARNING_DAYS = 14;

    private final Logger log;
    private final Door<S> door;
    private final ScheduledExecutorService timer;
    private volatile SettingsReader reader;
    private @Nullable S settings;
    private @Nullable TlsRenewal renewal;
    private @Nullable RevocationLists revocation;
    private boolean mayPass;
    private volatile State state = State.OPENING;
    private volatile @Nullable String problem;
    private volatile String url = "";

    /** Opens. */
    public ListenerLife(Logger log, Door<S> door, SettingsReader reader, long tickMillis) {
        this.log = log;
        this.door = door;
        this.reader = reader;
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "courtier-" + name());
            thread.setDaemon(true);
            return thread;
        });
        follow(reader);
        timer.scheduleWithFixedDelay(this::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
    }

    /** Applies a changed file. Connections stay; new ones get the new terms. */
    public synchronized void follow(SettingsReader changed) {
        reader = changed;
        if (!changed.unknownKeys().isEmpty()) {
            log.warn(
                    "listener={} unknown keys in {}: {}",
                    name(),
                    changed.file(),
                    String.join(", ", changed.unknownKeys()));
        }
        open();
    }

    /** Closes. Clients get up to drain.seconds to take what was sent to them. */
    public synchronized void close() {
        timer.shutdownNow();
        state = State.DRAINING;
        door.shut();
        S last = settings;
        try {
            int open = door.connections();
            boolean inTime = door.empty(
                    last == null
                            ? 0
                            : TimeUnit.SECONDS.toNanos(door.listener(last).drainSeconds()));
            if (last != null) {
                log.info("listener={} closed connections={} cutOff={} {}", name(), open, !inTime, door.counters());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
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
        return door.connections();
    }

    public @Nullable Counters counters() {
        return door.counters();
    }

    private void open() {
        try {
            S wanted = door.read(reader);
            ListenerSettings listener = door.listener(wanted);
            url = url(wanted, listener.address());
            TlsSettings tls = listener.tls();
            TlsMaterial material = tls == null ? null : TlsMaterial.load(tls);
            url = url(wanted, door.open(wanted, material));
            settings = wanted;
            renewal = material == null ? null : new TlsRenewal(material);
            revocation = material == null ? null : material.revocation();
            say(listener, material);
            problem = null;
            state = State.OPEN;
        } catch (CannotOpen cannot) {
            failed(cannot);
        } catch (RuntimeException | LinkageError bug) {
            log.error("listener={} closed after an internal error", name(), bug);
            failed(CannotOpen.ever("internal error: " + bug));
        }
    }

    private void say(ListenerSettings listener, @Nullable TlsMaterial tls) {
        log.info("listener={} open url={} {}", name(), url, door.workings());
        if (tls != null) {
            sayLooseKeys(tls);
            sayExpiry(tls.certificate());
            sayRevocation();
        }
        if (listener.opensTheHouse()) {
            log.warn(
                    "listener={} lets clients of other machines in without credentials: allow.anonymous=true in {}",
                    name(),
                    listener.file());
        }
    }

    /** A listener that was told something wrong does not go on as before: what it was told may be to let fewer in. */
    private void failed(CannotOpen cannot) {
        door.shut();
        renewal = null;
        revocation = null;
        mayPass = cannot.mayPass();
        if (!cannot.sentence().equals(problem)) {
            log.error("listener={} not open: {}", name(), cannot.sentence());
        }
        problem = cannot.sentence();
        state = State.FAILED;
    }

    private synchronized void tick() {
        if (timer.isShutdown()) {
            return;
        }
        try {
            door.tick();
            sayExpiredLists();
            if (state == State.FAILED && mayPass) {
                open();
            } else if (state == State.OPEN && renewal != null) {
                renew(renewal);
            }
        } catch (RuntimeException bug) {
            log.error("listener={} internal error", name(), bug);
        }
    }

    private void renew(TlsRenewal from) {
        try {
            TlsMaterial renewed = from.look();
            if (renewed != null) {
                door.renew(renewed);
                log.info("listener={} uses the new certificate files for new connections", name());
                revocation = renewed.revocation();
                sayLooseKeys(renewed);
                sayExpiry(renewed.certificate());
                sayRevocation();
            }
        } catch (CannotOpen broken) {
            log.error("listener={} keeps the old certificate files: {}", name(), broken.sentence());
        }
    }

    private void sayLooseKeys(TlsMaterial tls) {
        for (String sentence : tls.looseKeys()) {
            log.warn("listener={} {}", name(), sentence);
        }
    }

    private void sayExpiry(X509Certificate certificate) {
        long days = Duration.between(Instant.now(), certificate.getNotAfter().toInstant())
                .toDays();
        String subject = certificate.getSubjectX500Principal().getName();
        if (days < EXPIRY_WARNING_DAYS) {
            log.warn("listener={} certificate={} expires in {} days: renew it", name(), subject, days);
        } else {
            log.info("listener={} certificate={} expires in {} days", name(), subject, days);
        }
    }

    private void sayRevocation() {
        if (revocation != null) {
            log.info("listener={} revocation lists: {}", name(), revocation);
            sayExpiredLists();
        }
    }

    private void sayExpiredLists() {
        if (revocation != null) {
            for (String sentence : revocation.newlyExpired(Instant.now())) {
                log.error("listener={} {}", name(), sentence);
            }
        }
    }

    private String url(S wanted, InetSocketAddress address) {
        return door.scheme(wanted) + "://" + text(address) + door.path(wanted);
    }

    /** {@code 127.0.0.1:1883}, {@code [::1]:1883}. */
    public static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
