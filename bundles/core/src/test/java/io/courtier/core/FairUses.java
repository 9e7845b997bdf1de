// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Map;

/** Fair use with some of its limits set, the others as they are by default, among all the other limits as they are. */
final class FairUses {
    private FairUses() {}

    static Limits with(Map<String, Object> changes) {
        return changed(Limits.DEFAULT, Map.of("fairUse", changed(FairUse.DEFAULT, changes)));
    }

    private static <R extends Record> R changed(R defaults, Map<String, Object> changes) {
        try {
            RecordComponent[] components = defaults.getClass().getRecordComponents();
            Class<?>[] types = new Class<?>[components.length];
            Object[] values = new Object[components.length];
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                Object value = changes.get(components[i].getName());
                values[i] = value != null ? value : components[i].getAccessor().invoke(defaults);
            }
            @SuppressWarnings("unchecked")
            Constructor<R> constructor = (Constructor<R>) defaults.getClass().getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
