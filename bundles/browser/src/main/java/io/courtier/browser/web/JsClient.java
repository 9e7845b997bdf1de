// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.client.Client;
import io.courtier.browser.client.ClientStore;
import io.courtier.browser.client.Publication;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * A client, as JavaScript has it. What it is {@link #given} goes before the call that it is for: first the will, then the
 * properties of CONNECT, then {@link #start}.
 */
public final class JsClient {
    private final JsTypes.Platform platform;
    private final JsClientPage page;
    private final JsClientTypes.@Nullable Records records;
    private final JsGiven given = new JsGiven();
    private List<Subscribe.Request> filters = new ArrayList<>();
    private @Nullable Client started;

    @JSExport
    public JsClient(JsTypes.Platform platform, JsClientTypes.ClientPage page, JsClientTypes.@Nullable Records records) {
        this.platform = platform;
        this.page = new JsClientPage(page);
        this.records = records;
    }

    // ---- what goes before

    @JSExport
    public JsGiven given() {
        return given;
    }

    /** Throws away what was given: the call that it was for cannot be made. */
    @JSExport
    public void forget() {
        given.take();
        filters = new ArrayList<>();
    }

    @JSExport
    public void start(JsClientTypes.ClientConfig config) {
        started = new Client(
                JsClientOptions.of(config, given),
                JsPlatform.clock(platform),
                JsPlatform.random(platform),
                page,
                store());
    }

    private @Nullable ClientStore store() {
        JsClientTypes.Records to = records;
        if (to == null) return null;
        return new ClientStore() {
            @Override
            public void put(long number, byte[] record) {
                to.put((double) number, Bytes.toJs(record));
            }

            @Override
            public void delete(long number) {
                to.remove((double) number);
            }

            @Override
            public void commit(long ticket) {
                to.commit((double) ticket);
            }
        };
    }

    private Client client() {
        if (started == null) throw new IllegalStateException("the client was not started");
        return started;
    }

    @JSExport
    public void loaded(double number, Uint8Array record) {
        client().loaded((long) number, Bytes.toJava(record));
    }

    // ---- what the application asks

    @JSExport
    public void connect(JsClientTypes.ClientReply reply) {
        client().connect(JsClientPage.reply(reply));
    }

    @JSExport
    public void publish(String topic, Uint8Array payload, int qos, boolean retain, JsClientTypes.ClientReply reply) {
        client().publish(
                        new Publication(topic, Bytes.toJava(payload), QoS.of(qos), retain, given.take()),
                        JsClientPage.reply(reply));
    }

    /** One of the filters of the next subscribe. */
    @JSExport
    public void filter(String filter, int qos, boolean noLocal, boolean retainAsPublished, int retainHandling) {
        filters.add(new Subscribe.Request(
                filter,
                new SubscriptionOptions(QoS.of(qos), noLocal, retainAsPublished, RetainHandling.of(retainHandling))));
    }

    @JSExport
    public int subscribe(JsClientTypes.ClientReply reply) {
        List<Subscribe.Request> wanted = filters;
        filters = new ArrayList<>();
        return client().subscribe(wanted, given.take(), JsClientPage.reply(reply));
    }

    /** See {@link Client#isFor}. */
    @JSExport
    public boolean isFor(int subscription, String topic) {
        return client().isFor(subscription, TopicName.of(topic));
    }

    @JSExport
    public void unsubscribe(int subscription, JsClientTypes.ClientReply reply) {
        client().unsubscribe(subscription, JsClientPage.reply(reply));
    }

    @JSExport
    public void done(int delivery, int reason) {
        ReasonCode known = ReasonCode.of(reason);
        page.done(delivery, known == null ? ReasonCode.UNSPECIFIED_ERROR : known);
    }

    @JSExport
    public void disconnect(int reason, JsClientTypes.ClientReply reply) {
        ReasonCode known = ReasonCode.of(reason);
        client().disconnect(
                        // What is no reason is refused like one that DISCONNECT cannot have.
                        known == null ? ReasonCode.CONTINUE_AUTHENTICATION : known,
                        given.take(),
                        JsClientPage.reply(reply));
    }

    @JSExport
    public void respond(@Nullable Uint8Array data) {
        client().respond(data == null ? null : Bytes.toJava(data), given.take());
    }

    @JSExport
    public void reauthenticate(@Nullable Uint8Array data, JsClientTypes.ClientReply reply) {
        client().reauthenticate(data == null ? null : Bytes.toJava(data), given.take(), JsClientPage.reply(reply));
    }

    @JSExport
    public void end() {
        client().end();
    }

    // ---- what the page tells

    @JSExport
    public void opened(int connection) {
        client().opened(connection);
    }

    @JSExport
    public void received(int connection, Uint8Array bytes) {
        client().received(connection, Bytes.toJava(bytes));
    }

    @JSExport
    public void closed(int connection, String why) {
        client().closed(connection, why);
    }

    @JSExport
    public void stored(double ticket) {
        client().stored((long) ticket);
    }

    @JSExport
    public void storeLost(String why) {
        client().storeLost(why);
    }

    @JSExport
    public void network(boolean up) {
        client().network(up);
    }

    @JSExport
    public void suspend() {
        client().suspend();
    }

    @JSExport
    public void resume() {
        client().resume();
    }

    @JSExport
    public void tick() {
        client().tick();
    }

    // ---- what can be asked

    @JSExport
    public String state() {
        return JsClientOptions.name(client().state());
    }

    @JSExport
    public int queuedMessages() {
        return client().queuedMessages();
    }

    @JSExport
    public double queuedBytes() {
        return (double) client().queuedBytes();
    }

    @JSExport
    public String clientId() {
        return client().clientIdentifier();
    }
}
