// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import org.jspecify.annotations.Nullable;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * What JavaScript gives one by one, before the call that it is for: properties by their identifiers, and a will. Each throws
 * where the standard has no such thing.
 */
public final class JsGiven {
    private Properties.Builder properties = Properties.builder();
    private @Nullable Will will;

    JsGiven() {}

    @JSExport
    public void number(int identifier, double value) {
        Property property = property(identifier);
        if (!property.isInteger()) throw new IllegalArgumentException(property + " is no number");
        properties.set(property, (long) value);
    }

    @JSExport
    public void text(int identifier, String value) {
        Property property = property(identifier);
        if (property.type() != Property.Type.UTF8_STRING) throw new IllegalArgumentException(property + " is no text");
        properties.set(property, value);
    }

    @JSExport
    public void bytes(int identifier, Uint8Array value) {
        Property property = property(identifier);
        if (property.type() != Property.Type.BINARY_DATA)
            throw new IllegalArgumentException(property + " is not bytes");
        properties.set(property, Bytes.toJava(value));
    }

    /** A User Property. */
    @JSExport
    public void pair(String name, String value) {
        properties.userProperty(name, value);
    }

    private static Property property(int identifier) {
        Property property = Property.of(identifier);
        if (property == null) throw new IllegalArgumentException("no property " + identifier);
        return property;
    }

    /** The properties that were given before are the will's. */
    @JSExport
    public void will(String topic, Uint8Array payload, int qos, boolean retain) {
        will = new Will(TopicName.of(topic), Bytes.toJava(payload), QoS.of(qos), retain, take());
    }

    @Nullable
    Will will() {
        return will;
    }

    /** All properties since the last time. */
    Properties take() {
        Properties all = properties.build();
        properties = Properties.builder();
        return all;
    }
}
