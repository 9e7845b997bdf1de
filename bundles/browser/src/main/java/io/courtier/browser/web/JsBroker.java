// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.Clock;
import io.courtier.browser.broker.TabBroker;
import io.courtier.browser.broker.TabStores;
import io.courtier.core.CoreEvents;
import io.courtier.core.Limits;
import io.courtier.protocol.ReasonCode;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Uint8Array;

/** A broker, as JavaScript has it. */
public final class JsBroker {
    private final TabBroker broker;
    private final TabStores stores;

    @JSExport
    public JsBroker(JsTypes.Platform platform, JsTypes.BrokerHost host, JsTypes.Storage storage) {
        stores = new TabStores(new JsStorage(storage));
        broker = new TabBroker(
                Limits.DEFAULT,
                new JsPlugins(host, task -> turn(task)),
                CoreEvents.NONE,
                () -> (long) platform.random() << 32 | platform.random() & 0xFFFF_FFFFL,
                stores,
                new Clock() {
                    @Override
                    public long nanos() {
                        return (long) (platform.now() * 1e6);
                    }

                    @Override
                    public long epochMillis() {
                        return (long) platform.epoch();
                    }
                },
                host::again);
        broker.restore(host::ready);
    }

    private void turn(Runnable task) {
        broker.turn(task);
    }

    @JSExport
    public JsPort open(String listener, String address, boolean anonymousAllowed, JsTypes.PortSink sink) {
        return new JsPort(broker.open(listener, address, anonymousAllowed, new TabBroker.PortOutput() {
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

    @JSExport
    public void tick() {
        broker.tick();
    }

    @JSExport
    public void again() {
        broker.turn();
    }

    @JSExport
    public void committed(double ticket) {
        stores.committed((long) ticket);
        broker.durable();
    }

    @JSExport
    public void trouble(int reason, String why) {
        stores.trouble(reason == 0 ? null : ReasonCode.QUOTA_EXCEEDED, why);
        broker.durable();
    }

    @JSExport
    public void loaded(double position, Uint8Array record) {
        stores.loaded((long) position, Bytes.toJava(record));
    }

    @JSExport
    public void close() {
        broker.close();
    }
}
