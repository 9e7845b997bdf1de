// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.bridge.Bridge;
import io.courtier.browser.bridge.BridgeHost;
import io.courtier.browser.bridge.BridgeOptions;
import io.courtier.browser.bridge.Mapping;
import io.courtier.browser.bridge.Side;
import io.courtier.browser.client.Client;
import io.courtier.browser.client.Failure;
import io.courtier.protocol.QoS;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Uint8Array;

/** A bridge, as JavaScript has it: what it is {@link #given}, as {@link JsClient}, and mappings, then {@link #start}. */
public final class JsBridge {
    private final JsTypes.Platform platform;
    private final JsClientTypes.BridgePage page;
    private final JsGiven given = new JsGiven();
    private final List<Mapping> mappings = new ArrayList<>();
    private @Nullable Bridge started;

    @JSExport
    public JsBridge(JsTypes.Platform platform, JsClientTypes.BridgePage page) {
        this.platform = platform;
        this.page = page;
    }

    @JSExport
    public JsGiven given() {
        return given;
    }

    /** @param direction in, out or both */
    @JSExport
    public void mapping(String filter, String direction, int qos, String localPrefix, String remotePrefix) {
        Mapping.Direction way =
                switch (direction) {
                    case "in" -> Mapping.Direction.IN;
                    case "out" -> Mapping.Direction.OUT;
                    case "both" -> Mapping.Direction.BOTH;
                    default -> throw new IllegalArgumentException("direction is in, out or both: " + direction);
                };
        mappings.add(new Mapping(filter, way, QoS.of(qos), localPrefix, remotePrefix));
    }

    @JSExport
    public void start(
            String name,
            String identity,
            JsClientTypes.ClientConfig config,
            double backlogSeconds,
            double fingerprintSeconds) {
        Bridge bridge = new Bridge(
                new BridgeOptions(
                        name, identity, JsClientOptions.of(config, given), mappings, (long) backlogSeconds, (long)
                                fingerprintSeconds),
                JsPlatform.clock(platform),
                JsPlatform.random(platform),
                new Page());
        started = bridge;
        bridge.start();
    }

    private Bridge bridge() {
        if (started == null) throw new IllegalStateException("the bridge was not started");
        return started;
    }

    private Client client(int side) {
        return bridge().client(side == 0 ? Side.LOCAL : Side.REMOTE);
    }

    @JSExport
    public void stop() {
        bridge().stop();
    }

    @JSExport
    public void remove() {
        bridge().remove();
    }

    @JSExport
    public void tick() {
        bridge().tick();
    }

    @JSExport
    public void opened(int side, int connection) {
        client(side).opened(connection);
    }

    @JSExport
    public void received(int side, int connection, Uint8Array bytes) {
        client(side).received(connection, Bytes.toJava(bytes));
    }

    @JSExport
    public void closed(int side, int connection, String why) {
        client(side).closed(connection, why);
    }

    @JSExport
    public void network(boolean up) {
        client(1).network(up);
    }

    @JSExport
    public String state(int side) {
        return JsClientOptions.name(client(side).state());
    }

    @JSExport
    public String clientId(int side) {
        return client(side).clientIdentifier();
    }

    /** in, out, dropped or loops. */
    @JSExport
    public double count(String what) {
        return (double)
                switch (what) {
                    case "in" -> bridge().in();
                    case "out" -> bridge().out();
                    case "dropped" -> bridge().dropped();
                    default -> bridge().loops();
                };
    }

    private final class Page implements BridgeHost {
        private static int number(Side side) {
            return side == Side.LOCAL ? 0 : 1;
        }

        @Override
        public void open(Side side, int connection) {
            page.open(number(side), connection);
        }

        @Override
        public void send(Side side, int connection, byte[] bytes) {
            page.send(number(side), connection, Bytes.toJs(bytes));
        }

        @Override
        public void close(Side side, int connection) {
            page.close(number(side), connection);
        }

        @Override
        public void status(Side side, Client.State state, @Nullable Failure cause) {
            String name = JsClientOptions.name(state);
            if (cause == null) {
                page.status(number(side), name, null, -1, "");
                return;
            }
            JsProperties.give(cause.properties(), page);
            page.status(number(side), name, JsClientPage.kind(cause), JsClientPage.code(cause.reason()), cause.text());
        }

        @Override
        public void trouble(Side side, Failure failure) {
            JsProperties.give(failure.properties(), page);
            page.trouble(number(side), JsClientPage.kind(failure), JsClientPage.code(failure.reason()), failure.text());
        }
    }
}
