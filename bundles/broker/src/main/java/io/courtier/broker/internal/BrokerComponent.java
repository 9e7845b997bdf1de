// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.api.Broker;
import io.courtier.core.FairUse;
import io.courtier.core.Limits;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Authorizer;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Gatekeeper;
import io.courtier.spi.intercept.PublishInterceptor;
import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionStore;
import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.EventLoops;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.ComponentConstants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker as a component: one of them, configured by {@code etc/io.courtier.broker.cfg}. */
@Component(
        service = {},
        immediate = true,
        configurationPid = "io.courtier.broker")
@Designate(ocd = BrokerComponent.Config.class)
public final class BrokerComponent {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerComponent.class);

    /** The keys of {@code etc/io.courtier.broker.cfg}; each limit is explained in {@link Limits}. */
    @ObjectClassDefinition(name = "Courtier broker")
    public @interface Config {
        @AttributeDefinition(description = "How sockets are watched: auto, io_uring, epoll or nio. Read at start.")
        String io() default "auto";

        @AttributeDefinition(description = "Event loops, 0 for one per processor. Read at start.")
        int loops() default 0;

        @AttributeDefinition(description = "Seconds between the messages under $SYS; 0: none. Read at start.")
        int sys_interval_seconds() default 10;

        @AttributeDefinition(description = "What outlives the broker: sessions, retained or both. Read at start.")
        String persistence() default "sessions,retained";

        int packet_bytes_max() default 1 << 20;

        int receive_maximum() default 1_024;

        int inflight_max() default 1_024;

        int topic_alias_maximum() default 32;

        int topic_alias_maximum_outbound() default 32;

        int keep_alive_seconds_max() default 65_535;

        long session_expiry_seconds_max() default 604_800;

        int sessions_max() default 1_000_000;

        int subscriptions_per_session_max() default 100_000;

        int topic_levels_max() default 128;

        int queue_messages_max() default 100_000;

        long queue_bytes_max() default 64 << 20;

        @AttributeDefinition(description = "Bytes in all queues together; 0: a quarter of the heap.")
        long queue_bytes_total_max() default 0;

        int retained_messages_max() default 1_000_000;

        @AttributeDefinition(description = "Bytes of all retained messages; 0: a quarter of the heap. Read at start.")
        long retained_bytes_max() default 0;

        int qos_maximum() default 2;

        boolean retain_available() default true;

        boolean wildcard_subscription_available() default true;

        boolean shared_subscription_available() default true;

        boolean subscription_identifier_available() default true;

        int client_identifier_bytes_max() default 1_024;

        int connect_seconds() default 10;

        boolean reveal_not_authorized() default true;

        String response_information() default "";

        long ttl_subscriptions() default 0;

        long ttl_packets() default 0;

        String queue_full() default "drop-newest";

        int client_connects_per_minute() default 0;

        int user_connects_per_minute() default 0;

        int client_messages_per_second() default 0;

        long client_bytes_per_second() default 0;

        int user_messages_per_second() default 0;

        long user_bytes_per_second() default 0;

        int message_burst_seconds() default 1;

        @AttributeDefinition(description = "What becomes of a client that publishes more: pause or disconnect.")
        String message_rate_action() default "pause";

        int sessions_per_user_max() default 0;

        int takeover_max() default 5;

        int takeover_seconds() default 10;

        @AttributeDefinition(
                description = "How long CONNECTs wait for a guard that is being replaced, in ms. Read at start.")
        int swap_hold_ms() default 5_000;

        @AttributeDefinition(description = "A user that new authenticators must let in. Empty: none. Read at start.")
        String probe_allowed_user() default "";

        String probe_allowed_password() default "";

        @AttributeDefinition(description = "A user that new authenticators must keep out. Empty: none. Read at start.")
        String probe_denied_user() default "";

        String probe_denied_password() default "";
    }

    private static final Comparator<ServiceReference<?>> HIGHEST_FIRST = (one, other) -> other.compareTo(one);

    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final PluginSnapshot.Holder holder = new PluginSnapshot.Holder();
    private final Guards<ServiceReference<?>, Authenticator> authenticators;
    private final Chain chain;
    private final Guards<ServiceReference<?>, EnhancedAuthenticator> enhanced;
    private final Guards<ServiceReference<?>, Authorizer> authorizers;
    private final Guards<ServiceReference<?>, Gatekeeper> gatekeepers;
    private final Guards<ServiceReference<?>, PublishInterceptor> interceptors;
    private final int loops;
    private final RunningBroker broker;
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    private final BundleContext context;
    private final StoreSlots slots;
    private volatile boolean running;
    private boolean opened;

    @Activate
    public BrokerComponent(BundleContext context, Config config) {
        long holdNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(0, Math.min(config.swap_hold_ms(), 8_000)));
        authenticators = new Guards<>(HIGHEST_FIRST, holdNanos);
        chain = new Chain(Probe.of(
                config.probe_allowed_user(),
                config.probe_allowed_password(),
                config.probe_denied_user(),
                config.probe_denied_password()));
        enhanced = new Guards<>(HIGHEST_FIRST, holdNanos);
        authorizers = new Guards<>(HIGHEST_FIRST, holdNanos);
        gatekeepers = new Guards<>(HIGHEST_FIRST, holdNanos);
        interceptors = new Guards<>(HIGHEST_FIRST, 0);
        loops = config.loops() > 0
                ? Math.min(config.loops(), 64)
                : Math.min(Runtime.getRuntime().availableProcessors(), 64);
        slots = new StoreSlots(config.persistence());
        this.context = context;
        broker = new RunningBroker(
                context.getBundle().getVersion().toString(),
                config.io(),
                loops,
                limits(config, loops),
                config.sys_interval_seconds(),
                holder,
                slots.stores());
        LOG.info(
                "Courtier {} runs on {} event loops ({})",
                broker.version(),
                loops,
                broker.loops().io());
    }

    @Activate
    void activate() {
        synchronized (holder) {
            running = true;
        }
        publishPlugins();
        open();
    }

    /** Begins, once the stores are there: before that nobody may come in. */
    private void open() {
        synchronized (registrations) {
            if (!running || opened) return;
            List<String> missing = slots.missing();
            if (!missing.isEmpty()) {
                LOG.info("nobody is let in yet: waiting for the stores of {}", missing);
                return;
            }
            opened = true;
            broker.start();
            registrations.add(context.registerService(Broker.class, broker, null));
            registrations.add(context.registerService(EventLoops.class, broker.loops(), null));
            registrations.add(context.registerService(ConnectionAcceptor.class, broker, null));
        }
    }

    @Modified
    void modified(Config config) {
        broker.limits(limits(config, loops));
    }

    @Deactivate
    void deactivate() {
        synchronized (holder) {
            running = false;
        }
        synchronized (registrations) {
            for (ServiceRegistration<?> registration : registrations) registration.unregister();
        }
        broker.close();
    }

    private static Limits.QueueFull queueFull(String name) {
        for (Limits.QueueFull each : Limits.QueueFull.values()) {
            if (each.name().replace('_', '-').equalsIgnoreCase(name)) return each;
        }
        throw new IllegalArgumentException("queue.full is drop-newest, drop-oldest or refuse, not " + name);
    }

    static Limits limits(Config config, int shards) {
        long heapQuarter = Runtime.getRuntime().maxMemory() / 4;
        long queueBytes = config.queue_bytes_total_max() > 0 ? config.queue_bytes_total_max() : heapQuarter;
        return new Limits(
                config.packet_bytes_max(),
                config.receive_maximum(),
                config.inflight_max(),
                config.topic_alias_maximum(),
                config.topic_alias_maximum_outbound(),
                config.keep_alive_seconds_max(),
                config.ttl_subscriptions() > 0
                        ? Math.min(config.ttl_subscriptions(), config.session_expiry_seconds_max())
                        : config.session_expiry_seconds_max(),
                config.sessions_max(),
                config.subscriptions_per_session_max(),
                config.topic_levels_max(),
                config.queue_messages_max(),
                config.queue_bytes_max(),
                queueBytes / shards,
                config.retained_messages_max(),
                config.retained_bytes_max() > 0 ? config.retained_bytes_max() : heapQuarter,
                config.qos_maximum(),
                config.retain_available(),
                config.wildcard_subscription_available(),
                config.shared_subscription_available(),
                config.subscription_identifier_available(),
                config.client_identifier_bytes_max(),
                config.connect_seconds(),
                Limits.DEFAULT.fanOutSlice(),
                Limits.DEFAULT.mailboxMessagesMax(),
                Limits.DEFAULT.mailboxBytesMax(),
                config.reveal_not_authorized(),
                config.response_information(),
                config.ttl_packets(),
                queueFull(config.queue_full()),
                fairUse(config));
    }

    private static FairUse fairUse(Config config) {
        FairUse.Excess excess =
                switch (config.message_rate_action()) {
                    case "pause" -> FairUse.Excess.PAUSE;
                    case "disconnect" -> FairUse.Excess.DISCONNECT;
                    default ->
                        throw new IllegalArgumentException(
                                "message.rate.action must be pause or disconnect, not " + config.message_rate_action());
                };
        return new FairUse(
                config.client_connects_per_minute(),
                config.user_connects_per_minute(),
                config.client_messages_per_second(),
                config.client_bytes_per_second(),
                config.user_messages_per_second(),
                config.user_bytes_per_second(),
                config.message_burst_seconds(),
                excess,
                config.sessions_per_user_max(),
                config.takeover_max(),
                config.takeover_seconds());
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindAuthenticator(Authenticator service, ServiceReference<Authenticator> reference) {
        change(authenticators, reference, service);
    }

    void unbindAuthenticator(Authenticator service, ServiceReference<Authenticator> reference) {
        synchronized (holder) {
            if (chain.keepsOut(service)) authenticators.wentUnasked(reference);
        }
        change(authenticators, reference, null);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindEnhanced(EnhancedAuthenticator service, ServiceReference<EnhancedAuthenticator> reference) {
        change(enhanced, reference, service);
    }

    void unbindEnhanced(ServiceReference<EnhancedAuthenticator> reference) {
        change(enhanced, reference, null);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindAuthorizer(Authorizer service, ServiceReference<Authorizer> reference) {
        change(authorizers, reference, service);
    }

    void unbindAuthorizer(ServiceReference<Authorizer> reference) {
        change(authorizers, reference, null);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindGatekeeper(Gatekeeper service, ServiceReference<Gatekeeper> reference) {
        change(gatekeepers, reference, service);
    }

    void unbindGatekeeper(ServiceReference<Gatekeeper> reference) {
        change(gatekeepers, reference, null);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindInterceptor(PublishInterceptor service, ServiceReference<PublishInterceptor> reference) {
        change(interceptors, reference, service);
    }

    void unbindInterceptor(ServiceReference<PublishInterceptor> reference) {
        change(interceptors, reference, null);
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindSessionStore(SessionStore store) {
        slots.sessions.came(store);
        open();
    }

    void unbindSessionStore(SessionStore store) {
        slots.sessions.went(store);
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindRetainStore(RetainStore store) {
        slots.retained.came(store);
        open();
    }

    void unbindRetainStore(RetainStore store) {
        slots.retained.went(store);
    }

    private <T> void change(Guards<ServiceReference<?>, T> guards, ServiceReference<?> reference, @Nullable T service) {
        synchronized (holder) {
            if (service == null) guards.went(reference, System.nanoTime());
            else guards.came(reference, identity(reference, service), service);
        }
        publishPlugins();
    }

    /** The same for a component and for what an update of its bundle puts in its place. */
    private static String identity(ServiceReference<?> reference, Object service) {
        Object component = reference.getProperty(ComponentConstants.COMPONENT_NAME);
        return reference.getBundle().getSymbolicName() + "/"
                + (component == null ? service.getClass().getName() : component);
    }

    private void publishPlugins() {
        Chain.Trial trial;
        synchronized (holder) {
            if (!running) return;
            trial = chain.present(authenticators.inOrder(), authenticators.isWaiting());
            publish(trial != null);
        }
        if (trial != null) tryOut(trial);
    }

    /** @param trying new authenticators are being tried */
    private void publish(boolean trying) {
        List<Guards<?, ?>> guards = List.of(authenticators, enhanced, authorizers, gatekeepers);
        boolean holding = chain.isBroken(trying) || guards.stream().anyMatch(Guards::isWaiting);
        broker.plugins(new PluginSnapshot(
                chain.adopted(),
                enhanced.inOrder(),
                // Living sessions keep what they were given until the new one is there.
                authorizers.isWaiting() ? holder.current.authorizer() : authorizers.first(),
                interceptors.inOrder().toArray(new PublishInterceptor[0]),
                gatekeepers.inOrder(),
                holding));
        for (Guards<?, ?> each : guards) {
            if (each.isWaiting()) broker.later(each.nextDeadlineNanos() - System.nanoTime(), this::giveUp);
        }
    }

    private void tryOut(Chain.Trial trial) {
        AtomicBoolean judged = new AtomicBoolean();
        Consumer<@Nullable String> verdict = wrong -> {
            if (!judged.compareAndSet(false, true)) return;
            synchronized (holder) {
                if (!running || !chain.tried(trial, wrong == null)) return;
                if (wrong != null) {
                    LOG.error(
                            "new authenticators are kept out, because with them the probe fails: {} ({})",
                            wrong,
                            trial.candidates().stream()
                                    .filter(each -> !chain.adopted().contains(each))
                                    .map(each -> each.getClass().getName())
                                    .collect(Collectors.joining(", ")));
                }
                publish(false);
            }
        };
        broker.later(PROBE_NANOS, () -> verdict.accept("it did not answer in time"));
        trial.probe().ask(trial.candidates(), verdict);
    }

    /** Guards that did not come back in time are no longer waited for. */
    private void giveUp() {
        synchronized (holder) {
            boolean changed = false;
            for (Guards<?, ?> guards : List.of(authenticators, enhanced, authorizers, gatekeepers)) {
                for (String name : guards.giveUp(System.nanoTime())) {
                    changed = true;
                    LOG.warn("{} went and has not come back: clients are judged without it", name);
                }
            }
            if (changed) publishPlugins();
        }
    }
}
