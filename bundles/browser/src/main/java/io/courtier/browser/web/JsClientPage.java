// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.client.ClientHost;
import io.courtier.browser.client.Delivery;
import io.courtier.browser.client.Failure;
import io.courtier.browser.client.Reply;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells the page what its client tells. Messages that are owed an answer have a number until they get it. */
final class JsClientPage implements ClientHost {
    private final JsClientTypes.ClientPage page;
    private final Map<Integer, Delivery> owed = new HashMap<>();
    private int last;

    JsClientPage(JsClientTypes.ClientPage page) {
        this.page = page;
    }

    void done(int number, ReasonCode reason) {
        Delivery delivery = owed.remove(number);
        if (delivery != null) delivery.done(reason);
    }

    static Reply reply(JsClientTypes.ClientReply to) {
        return new Reply() {
            @Override
            public void done(List<ReasonCode> reasons, Properties properties) {
                for (ReasonCode reason : reasons) to.reason(reason.code());
                JsProperties.give(properties, to);
                to.done();
            }

            @Override
            public void failed(Failure failure) {
                JsProperties.give(failure.properties(), to);
                to.failed(kind(failure), code(failure.reason()), failure.text());
            }
        };
    }

    static String kind(Failure failure) {
        return switch (failure.kind()) {
            case REFUSED -> "refused";
            case REDIRECTED -> "redirected";
            case TAKEN_OVER -> "taken-over";
            case INVALID -> "invalid";
            case FULL -> "full";
            case EXPIRED -> "expired";
            case OFFLINE -> "offline";
            case TOO_LARGE -> "too-large";
            case TIMEOUT -> "timeout";
            case LOST -> "lost";
            case PROTOCOL -> "protocol";
            case ENDED -> "ended";
            case STORE -> "store";
        };
    }

    static int code(@Nullable ReasonCode reason) {
        return reason == null ? -1 : reason.code();
    }

    @Override
    public void open(int connection) {
        page.open(connection);
    }

    @Override
    public void send(int connection, byte[] bytes) {
        page.send(connection, Bytes.toJs(bytes));
    }

    @Override
    public void close(int connection) {
        page.close(connection);
    }

    @Override
    public void connected(ConnAck ack) {
        JsProperties.give(ack.properties(), page);
        page.connected(ack.sessionPresent());
    }

    @Override
    public void disconnected(Failure cause) {
        JsProperties.give(cause.properties(), page);
        page.disconnected(kind(cause), code(cause.reason()), cause.text());
    }

    @Override
    public void reconnecting(int attempt, long delayMillis) {
        page.reconnecting(attempt, (double) delayMillis);
    }

    @Override
    public void message(Delivery delivery) {
        Publish publish = delivery.publish();
        int number = 0;
        if (publish.qos() != QoS.AT_MOST_ONCE) owed.put(number = ++last, delivery);
        JsProperties.give(publish.properties(), page);
        for (int each : delivery.subscriptions()) page.matched(each);
        page.message(
                number,
                publish.topic().toString(),
                Bytes.toJs(publish.payload()),
                publish.qos().value(),
                publish.retain(),
                publish.dup());
    }

    @Override
    public void auth(ReasonCode reason, @Nullable String method, byte @Nullable [] data, Properties properties) {
        JsProperties.give(properties, page);
        page.auth(reason.code(), method, data == null ? null : Bytes.toJs(data));
    }

    @Override
    public void subscriptionLost(int subscription, ReasonCode reason) {
        page.subscriptionLost(subscription, reason.code());
    }

    @Override
    public void trouble(Failure failure) {
        page.trouble(kind(failure), code(failure.reason()), failure.text());
    }
}
