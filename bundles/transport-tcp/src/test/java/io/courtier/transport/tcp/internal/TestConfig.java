// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** A configuration file for a test: loopback, a free port, the defaults for the rest. */
public final class TestConfig {
    private final Map<String, Object> properties = new HashMap<>();

    public TestConfig() {
        properties.put("service.pid", SettingsReader.FACTORY_PID + "~test");
        set("port", 0);
    }

    public TestConfig set(String key, Object value) {
        properties.put(key, value);
        return this;
    }

    public Map<String, Object> properties() {
        return properties;
    }

    /** As Declarative Services makes it: a value of the wrong type fails when it is asked for. */
    public Config config() {
        Map<String, Object> values = Map.copyOf(properties);
        return (Config)
                Proxy.newProxyInstance(Config.class.getClassLoader(), new Class<?>[] {Config.class}, (p, m, a) -> {
                    Object value = values.get(m.getName().replace('_', '.'));
                    if (value == null) {
                        return m.getDefaultValue();
                    }
                    if (m.getReturnType() == int.class) {
                        return Integer.valueOf(value.toString());
                    }
                    return m.getReturnType() == boolean.class ? Boolean.valueOf(value.toString()) : value.toString();
                });
    }

    TcpListener open(TestLoops loops, Guests guests) {
        return new TcpListener(loops, guests, config(), properties, 20);
    }
}
