// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.UserProperty;
import org.teavm.jso.typedarrays.Uint8Array;

/** Properties over the border, one by one. */
final class JsProperties {
    private Properties.Builder gathered = Properties.builder();

    void number(int identifier, double value) {
        Property property = property(identifier);
        if (!property.isInteger()) throw new IllegalArgumentException(property + " is no number");
        gathered.set(property, (long) value);
    }

    void text(int identifier, String value) {
        Property property = property(identifier);
        if (property.type() != Property.Type.UTF8_STRING) throw new IllegalArgumentException(property + " is no text");
        gathered.set(property, value);
    }

    void bytes(int identifier, Uint8Array value) {
        Property property = property(identifier);
        if (property.type() != Property.Type.BINARY_DATA)
            throw new IllegalArgumentException(property + " is not bytes");
        gathered.set(property, Bytes.toJava(value));
    }

    void pair(String name, String value) {
        gathered.userProperty(name, value);
    }

    /** All that was gathered since the last time. */
    Properties take() {
        Properties all = gathered.build();
        gathered = Properties.builder();
        return all;
    }

    private static Property property(int identifier) {
        Property property = Property.of(identifier);
        if (property == null) throw new IllegalArgumentException("no property " + identifier);
        return property;
    }

    static void give(Properties properties, JsClientTypes.PropertySink to) {
        for (int i = 0; i < properties.size(); i++) {
            Property name = properties.name(i);
            Object value = properties.value(i);
            if (value instanceof Long number) to.number(name.identifier(), (double) number.longValue());
            else if (value instanceof String text) to.text(name.identifier(), text);
            else if (value instanceof byte[] bytes) to.bytes(name.identifier(), Bytes.toJs(bytes));
            else if (value instanceof UserProperty pair) to.pair(pair.name(), pair.value());
        }
    }
}
