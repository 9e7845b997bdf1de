// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.access.BrokenRule;
import io.courtier.browser.broker.ChangesOnly;
import io.courtier.browser.broker.TabBroker;
import io.courtier.browser.broker.TabGate;
import io.courtier.browser.broker.TabHistory;
import io.courtier.browser.broker.TabLimits;
import io.courtier.browser.broker.TabPort;
import io.courtier.browser.broker.TabStores;
import io.courtier.core.Counters;
import io.courtier.core.SystemTopics;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Uint8Array;

/** A broker, as JavaScript has it. */
public final class JsBroker {
    private final JsTypes.Platform platform;
    private final JsTypes.BrokerHost host;
    private final TabGate gate;
    private final TabStores stores;
    private final Map<String, String> limits = new HashMap<>();
    private @Nullable TabHistory history;
    private @Nullable TabBroker started;

    @JSExport
    public JsBroker(JsTypes.Platform platform, JsTypes.BrokerHost host, JsTypes.Storage storage) {
        this.platform = platform;
        this.host = host;
        JsAuthenticator page = new JsAuthenticator(host);
        gate = new TabGate(page, page, this::turn);
        stores = new TabStores(new JsStorage(storage));
    }

    /** Before {@link #start}: a limit by the name that it has in {@link TabLimits}. */
    @JSExport
    public void limit(String name, String value) {
        limits.put(name, value);
    }

    /**
     * Before {@link #start}: what was published is kept for who asks for it. See {@link TabHistory.Bounds}; -1 stands for what
     * is usual.
     *
     * @param filters with line feeds between them; empty: what is usual
     */
    @JSExport
    public void history(String filters, double perTopic, double bytes, double seconds) {
        TabHistory.Bounds usual = TabHistory.Bounds.DEFAULT;
        List<TopicFilter> of = filters(filters);
        TabHistory.Bounds bounds = new TabHistory.Bounds(
                of.isEmpty() ? usual.filters() : of,
                perTopic == -1 ? usual.perTopicMax() : (int) perTopic,
                bytes == -1 ? usual.bytesMax() : (long) bytes,
                seconds == -1 ? usual.secondsMax() : (long) seconds);
        history = new TabHistory(bounds, stores.history());
    }

    private static List<TopicFilter> filters(String lines) {
        List<TopicFilter> filters = new ArrayList<>();
        for (int from = 0; from < lines.length(); ) {
            int end = lines.indexOf('\n', from);
            if (end < 0) end = lines.length();
            filters.add(TopicFilter.of(lines.substring(from, end)));
            from = end + 1;
        }
        return filters;
    }

    /** Before {@link #start}: of topics of these filters, with line feeds between them, only what changes is routed. */
    @JSExport
    public void changesOnly(String filters) {
        gate.changesOnly(new ChangesOnly(filters(filters)));
    }

    /** A message of the past that the storage has, by position. */
    @JSExport
    public void past(double position, Uint8Array record) {
        if (history != null) history.loaded((long) position, Bytes.toJava(record));
    }

    /** What the storage has was given: makes sessions of it, then tells the host that it is ready. */
    @JSExport
    public void start() {
        TabBroker broker = new TabBroker(
                TabLimits.of(limits),
                gate,
                new JsEvents(host, gate),
                JsPlatform.random(platform),
                stores,
                history,
                JsPlatform.clock(platform),
                host::again);
        started = broker;
        broker.restore(host::ready);
    }

    private TabBroker broker() {
        if (started == null) throw new IllegalStateException("the broker was not started");
        return started;
    }

    private void turn(Runnable task) {
        broker().turn(task);
    }

    @JSExport
    public JsPort open(String listener, String address, boolean anonymousAllowed, JsTypes.PortSink sink) {
        return new JsPort(broker().open(listener, address, anonymousAllowed, new TabPort.Output() {
            @Override
            public void bytes(byte[] bytes) {
                sink.bytes(Bytes.toJs(bytes));
            }

            @Override
            public void closed() {
                sink.closed();
            }
        }));
    }

    /** Other rules count: see {@link TabGate#access}. Gives what is wrong with them, or null. */
    @JSExport
    public @Nullable String access(@Nullable String text) {
        try {
            gate.access(text);
        } catch (BrokenRule broken) {
            return broken.getMessage();
        }
        TabBroker broker = started;
        if (broker != null) broker.permissionsChanged();
        return null;
    }

    /** Tells each connected client. */
    @JSExport
    public void clients(JsTypes.ClientVisitor visitor) {
        turn(() -> broker().shard()
                .forEachConnected(each -> visitor.client(
                        each.clientIdentifier(),
                        each.userName(),
                        each.version().toString(),
                        each.listener(),
                        each.remoteAddress(),
                        each.subscriptions(),
                        each.queued(),
                        each.inflight())));
    }

    /** Tells each number that the broker counts. */
    @JSExport
    public void counters(JsTypes.CounterVisitor visitor) {
        turn(() -> {
            Counters now = broker().shard().counters();
            visitor.count("clientsConnected", (double) now.clientsConnected);
            visitor.count("sessions", (double) now.sessions);
            visitor.count("subscriptions", (double) now.subscriptions);
            visitor.count("retainedMessages", broker().retainedMessages());
            visitor.count("messagesReceived", (double) now.messagesReceived);
            visitor.count("messagesSent", (double) now.messagesSent);
            visitor.count("messagesDropped", (double) now.messagesDropped);
            visitor.count("messagesQueued", (double) now.messagesQueued);
            visitor.count("bytesReceived", (double) now.bytesReceived);
            visitor.count("bytesSent", (double) now.bytesSent);
            visitor.count("protocolErrors", (double) now.protocolErrors);
        });
    }

    /** Ends a client's connection, as an administrator does; its session stays. */
    @JSExport
    public void disconnect(String clientIdentifier) {
        turn(() -> broker().shard().disconnect(clientIdentifier, ReasonCode.ADMINISTRATIVE_ACTION, "by the page"));
    }

    @JSExport
    public void startSystemTopics(int everySeconds) {
        broker().startSystemTopics(new SystemTopics("in a browser"), everySeconds);
    }

    @JSExport
    public void stopSystemTopics() {
        broker().stopSystemTopics();
    }

    @JSExport
    public void tick() {
        broker().tick();
    }

    @JSExport
    public void again() {
        broker().turn();
    }

    @JSExport
    public void committed(double ticket) {
        stores.committed((long) ticket);
        broker().durable();
    }

    @JSExport
    public void trouble(int reason, String why) {
        ReasonCode of = ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
        if (reason == ReasonCode.QUOTA_EXCEEDED.code()) of = ReasonCode.QUOTA_EXCEEDED;
        // What may be missed goes first.
        if (of == ReasonCode.QUOTA_EXCEEDED && history != null) history.halve();
        stores.trouble(reason == 0 ? null : of, why);
        broker().durable();
    }

    @JSExport
    public void loaded(double position, Uint8Array record) {
        stores.loaded((long) position, Bytes.toJava(record));
    }

    @JSExport
    public void kept(Uint8Array message) {
        stores.kept(Bytes.toJava(message));
    }

    /** No position from this one on was ever given away. */
    @JSExport
    public void begin(double next) {
        stores.begin((long) next);
    }

    @JSExport
    public void close() {
        broker().close();
    }
}
