// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.broker.TabGate;
import io.courtier.core.CoreEvents;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.spi.transport.CloseCause;
import io.courtier.spi.transport.ConnectionInfo;
import org.jspecify.annotations.Nullable;

/** Tells the page what it may want to show. */
final class JsEvents implements CoreEvents {
    private final JsTypes.BrokerHost host;
    private final TabGate gate;

    JsEvents(JsTypes.BrokerHost host, TabGate gate) {
        this.host = host;
        this.gate = gate;
    }

    @Override
    public void connected(String client, @Nullable String userName, ProtocolVersion version, ConnectionInfo info) {
        host.event("connected", client, 0, userName == null ? "" : userName);
    }

    @Override
    public void refused(String client, ConnectionInfo info, ReasonCode reason, String why) {
        host.event("refused", client, reason.code(), why);
    }

    @Override
    public void refusedInStorm(String client, ConnectionInfo info, ReasonCode reason, String why) {
        refused(client, info, reason, why);
    }

    @Override
    public void disconnected(String client, CloseCause cause, @Nullable ReasonCode reason, String why) {
        host.event("disconnected", client, reason == null ? 0 : reason.code(), why.isEmpty() ? cause.name() : why);
    }

    @Override
    public void dropped(String client, Drop drop) {
        if (drop == Drop.REFUSED) gate.refused();
        host.event("dropped", client, 0, drop.name());
    }

    @Override
    public void subscribed(String client, TopicFilter filter) {
        gate.subscribed(filter);
        host.event("subscribed", client, 0, filter.toString());
    }

    @Override
    public void unsubscribed(String client, TopicFilter filter) {
        host.event("unsubscribed", client, 0, filter.toString());
    }

    @Override
    public void broken(String client, RuntimeException bug) {
        host.event("broken", client, 0, bug.toString());
    }
}
