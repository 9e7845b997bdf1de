// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import io.courtier.listener.Guests;
import io.courtier.listener.TestLoops;
import java.util.HashMap;
import java.util.Map;

/** A configuration file for a test: loopback, a free port, the defaults for the rest. */
final class TestConfig {
    private final Map<String, Object> properties = new HashMap<>();

    TestConfig() {
        properties.put("service.pid", WsListener.FACTORY_PID + "~test");
        set("port", 0);
    }

    TestConfig set(String key, Object value) {
        properties.put(key, value);
        return this;
    }

    Map<String, Object> properties() {
        return properties;
    }

    WsListener open(TestLoops loops, Guests guests) {
        return new WsListener(loops, guests, properties, 20);
    }
}
