// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.api.Broker;
import io.courtier.api.BrokerCounters;
import io.courtier.api.ClientInfo;
import io.courtier.api.Explanation;
import io.courtier.api.RefusedClient;
import io.courtier.core.Counters;
import io.courtier.core.Limits;
import io.courtier.core.RandomSource;
import io.courtier.core.Restoration;
import io.courtier.core.RetainedMessages;
import io.courtier.core.Routes;
import io.courtier.core.Shard;
import io.courtier.core.Stores;
import io.courtier.core.SystemTopics;
import io.courtier.core.Users;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionStore;
import io.courtier.spi.transport.ConnectionAcceptor;
import io.courtier.spi.transport.ConnectionInfo;
import io.courtier.spi.transport.EventLoop;
import io.courtier.spi.transport.EventLoops;
import io.courtier.spi.transport.InboundBytes;
import io.courtier.spi.transport.OutboundBytes;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A broker on real event loops, without OSGi: what the component runs, and what a test runs in five lines. */
public final class RunningBroker implements Broker, ConnectionAcceptor, AutoCloseable {
    private static final long COUNT_SECONDS = 1;
    private static final long RESTORE_SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(RunningBroker.class);

    private final String version;
    private final Stores stores;
    private final int sysSeconds;
    private final EventLoopGroup group;
    private final Loops loops;
    private final ShardRunner[] runners;
    private final RetainedMessages retained;
    private final PluginSnapshot.Holder plugins;
    private final SystemTopics systemTopics;
    private final LoggedEvents events = new LoggedEvents();
    private final long startedNanos = System.nanoTime();
    private volatile BrokerCounters counters = sum(List.of(), 0);

    /**
     * @param io {@code auto}, {@code io_uring}, {@code epoll} or {@code nio}
     * @param threads event loops, and so shards: 1 to 64
     * @param sysSeconds how often the $SYS topics are published; 0: never
     */
    public RunningBroker(
            String version, String io, int threads, Limits limits, int sysSeconds, PluginSnapshot.Holder plugins) {
        this(version, io, threads, limits, sysSeconds, plugins, Stores.NONE);
        start();
    }

    /** The same with stores. It does nothing until {@link #start}, which is called when they are there. */
    public RunningBroker(
            String version,
            String io,
            int threads,
            Limits limits,
            int sysSeconds,
            PluginSnapshot.Holder plugins,
            Stores stores) {
        this.version = version;
        this.stores = stores;
        this.sysSeconds = sysSeconds;
        this.plugins = plugins;
        String chosen = Loops.choose(io);
        group = Loops.group(chosen, threads);
        runners = new ShardRunner[threads];
        retained = new RetainedMessages(limits.retainedMessagesMax(), limits.retainedBytesMax(), stores.retained());
        Routes routes = new Routes();
        Users users = new Users();
        SecureRandom secure = new SecureRandom();
        RandomSource random = secure::nextLong;
        int i = 0;
        for (EventExecutor loop : group) {
            runners[i] = new ShardRunner(
                    i,
                    (io.netty.channel.EventLoop) loop,
                    runners,
                    limits,
                    routes,
                    retained,
                    stores,
                    users,
                    plugins,
                    events,
                    random);
            i++;
        }
        loops = Loops.of(group, chosen, runners);
        systemTopics = new SystemTopics(version);
    }

    /** Takes up what the stores kept, and begins. Once, before anybody is let in. */
    public void start() {
        restore();
        if (stores.sessions() != null) stores.sessions().onDurable(this::durable);
        if (stores.retained() != null) stores.retained().onDurable(this::durable);
        for (ShardRunner runner : runners) runner.start();
        // Both end with the group.
        var unused = group.scheduleWithFixedDelay(this::count, COUNT_SECONDS, COUNT_SECONDS, TimeUnit.SECONDS);
        if (sysSeconds > 0) {
            unused = group.scheduleWithFixedDelay(this::publishSystemTopics, 1, sysSeconds, TimeUnit.SECONDS);
        }
    }

    private void durable() {
        for (ShardRunner runner : runners) runner.durable();
    }

    private void restore() {
        long startNanos = System.nanoTime();
        retained.restore();
        SessionStore sessions = stores.sessions();
        if (sessions == null) return;
        Shard[] shards = new Shard[runners.length];
        for (int i = 0; i < shards.length; i++) shards[i] = runners[i].shard();
        Restoration restoration = new Restoration(shards, stores);
        ParkedLoops.during(group, () -> {
            for (ShardRunner runner : runners) runner.beginTurn();
            for (SessionImage.Doubt doubt : restoration.sessions()) {
                ApplicationMessage message = read(sessions, doubt.message());
                if (message != null) restoration.route(doubt, message);
            }
            if (stores.retained() != null) awaitDurable(stores.retained(), restoration.retainedAt());
            awaitDurable(sessions, restoration.end());
        });
        LOG.info(
                "{} sessions and {} retained messages were kept: they are back after {} ms",
                restoration.count(),
                retained.size(),
                (System.nanoTime() - startNanos) / 1_000_000);
    }

    private static void awaitDurable(DurableLog log, long position) {
        if (position == DurableLog.NOWHERE) return;
        Semaphore moved = new Semaphore(0);
        log.onDurable(moved::release);
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(RESTORE_SECONDS);
        try {
            while (log.durablePosition() <= position) {
                if (!moved.tryAcquire(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    LOG.warn("the store cannot write, and the broker begins all the same: {}", log.trouble());
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static @Nullable ApplicationMessage read(SessionStore store, long position) {
        CompletableFuture<@Nullable ApplicationMessage[]> found = new CompletableFuture<>();
        store.read(new long[] {position}, found::complete);
        return found.join()[0];
    }

    public EventLoops loops() {
        return loops;
    }

    /** The limits for what comes from now on. */
    public void limits(Limits limits) {
        for (ShardRunner runner : runners) runner.limits(limits);
    }

    /** Other plugins: asked from now on; the permissions of living sessions are compiled anew if the authorizer changed. */
    public void plugins(PluginSnapshot next) {
        PluginSnapshot before = plugins.current;
        plugins.current = next;
        for (ShardRunner runner : runners) runner.post(runner::pluginsChanged);
        // An authorizer that goes leaves the permissions that it gave; one that comes replaces them.
        if (next.authorizer() != null && next.authorizer() != before.authorizer()) {
            for (ShardRunner runner : runners) runner.post(runner.shard()::permissionsChanged);
        }
    }

    /** Runs a task once, later, on one of the loops. */
    void later(long nanos, Runnable task) {
        var unused = group.schedule(task, Math.max(0, nanos), TimeUnit.NANOSECONDS); // ends with the group
    }

    @Override
    public InboundBytes accept(ConnectionInfo info, EventLoop loop, OutboundBytes out) {
        return runners[loop.index()].accept(info, out);
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public void publish(ApplicationMessage message) {
        ShardRunner runner = runners[Math.floorMod(message.topic().hashCode(), runners.length)];
        runner.post(() -> runner.shard().publish(message));
    }

    @Override
    public void disconnect(String clientIdentifier) {
        ShardRunner runner = runners[Shard.homeOf(clientIdentifier, runners.length)];
        runner.post(
                () -> runner.shard().disconnect(clientIdentifier, ReasonCode.ADMINISTRATIVE_ACTION, "by an operator"));
    }

    @Override
    public void clients(Consumer<List<ClientInfo>> answer) {
        gather(
                shard -> {
                    List<ClientInfo> found = new ArrayList<>();
                    shard.forEachConnected(found::add);
                    return found;
                },
                parts -> {
                    List<ClientInfo> all = new ArrayList<>();
                    for (List<ClientInfo> part : parts) all.addAll(part);
                    answer.accept(all);
                });
    }

    @Override
    public List<RefusedClient> refused() {
        return events.refused();
    }

    @Override
    public void explain(
            String clientIdentifier, String topic, QoS qos, boolean retain, Consumer<@Nullable Explanation> answer) {
        TopicName name = TopicName.of(topic);
        ShardRunner runner = runners[Shard.homeOf(clientIdentifier, runners.length)];
        runner.post(() -> answer.accept(runner.shard().explain(clientIdentifier, name, qos, retain)));
    }

    @Override
    public void adopt(
            SessionImage.Kept session, Map<Long, ApplicationMessage> messages, Consumer<@Nullable Boolean> answer) {
        ShardRunner runner = runners[Shard.homeOf(session.clientIdentifier, runners.length)];
        runner.post(() -> answer.accept(runner.shard().adopt(session, messages)));
    }

    @Override
    public BrokerCounters counters() {
        return counters;
    }

    /** Asks every shard in a turn of its own; gives the answers together, on the loop of the last. */
    private <T> void gather(Function<Shard, T> question, Consumer<List<T>> answer) {
        List<T> answers = new ArrayList<>();
        AtomicInteger missing = new AtomicInteger(runners.length);
        for (ShardRunner runner : runners) {
            runner.post(() -> {
                T part = question.apply(runner.shard());
                synchronized (answers) {
                    answers.add(part);
                }
                if (missing.decrementAndGet() == 0) answer.accept(answers);
            });
        }
    }

    private void count() {
        gather(
                shard -> {
                    Counters copy = new Counters();
                    copy.add(shard.counters());
                    return copy;
                },
                parts -> counters = sum(parts, retained.size()));
    }

    private static BrokerCounters sum(List<Counters> parts, int retained) {
        Counters sum = new Counters();
        for (Counters part : parts) sum.add(part);
        return sum.told(retained);
    }

    private void publishSystemTopics() {
        long uptimeSeconds = (System.nanoTime() - startedNanos) / 1_000_000_000L;
        for (ApplicationMessage message : systemTopics.messages(counters, uptimeSeconds)) publish(message);
    }

    /** Tells everybody goodbye, then stops the loops. Waits some seconds at most. */
    @Override
    public void close() {
        if (group.isShuttingDown()) return;
        CountDownLatch told = new CountDownLatch(runners.length);
        for (ShardRunner runner : runners) {
            runner.post(() -> {
                runner.shard().shutDown();
                told.countDown();
            });
        }
        try {
            told.await(2, TimeUnit.SECONDS);
            group.shutdownGracefully(100, 3_000, TimeUnit.MILLISECONDS).await(4, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
