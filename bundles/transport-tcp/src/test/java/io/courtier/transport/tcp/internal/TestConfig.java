// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import io.courtier.listener.Guests;
import io.courtier.listener.TestLoops;
import java.util.HashMap;
import java.util.Map;

/** A configuration file for a test: loopback, a free port, the defaults for the rest. */
public final class TestConfig {
    private final Map<String, Object> properties = new HashMap<>();

    public TestConfig() {
        properties.put("service.pid", TcpListener.FACTORY_PID + "~test");
        set("port", 0);
    }

    public TestConfig set(String key, Object value) {
        properties.put(key, value);
        return this;
    }

    public Map<String, Object> properties() {
        return properties;
    }

    TcpListener open(TestLoops loops, Guests guests) {
        return new TcpListener(loops, guests, properties, 20);
    }
}
