// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.core.Limits;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Map;

/** The default limits with some of them changed. */
final class LimitsOf {
    private LimitsOf() {}

    static Limits keepAlive(int seconds) {
        return with(Map.of("keepAliveSecondsMax", seconds));
    }

    static Limits with(Map<String, Object> changes) {
        try {
            RecordComponent[] components = Limits.class.getRecordComponents();
            Class<?>[] types = new Class<?>[components.length];
            Object[] values = new Object[components.length];
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                Object value = changes.get(components[i].getName());
                values[i] = value != null ? value : components[i].getAccessor().invoke(Limits.DEFAULT);
            }
            Constructor<Limits> constructor = Limits.class.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
