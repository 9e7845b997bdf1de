// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The properties of one packet, immutable, in the order in which they came. Whether a property may stand in a packet is
 * the codec's to check; whether a value is in range is checked here.
 */
public final class Properties {
    public static final Properties NONE = new Properties(new Property[0], new Object[0]);

    private final Property[] names;
    private final Object[] values;

    private Properties(Property[] names, Object[] values) {
        this.names = names;
        this.values = values;
    }

    public static Builder builder() {
        return new Builder();
    }

    public boolean isEmpty() {
        return names.length == 0;
    }

    /** How many there are, repeated ones counted each. */
    public int size() {
        return names.length;
    }

    public Property name(int index) {
        return names[index];
    }

    /** Long for numbers, String, byte[] (not to be modified) or UserProperty. */
    public Object value(int index) {
        return values[index];
    }

    /** What they cost in memory, roughly: each its object, strings and bytes their length. */
    int weight() {
        int weight = 0;
        for (Object value : values) {
            weight += 40;
            if (value instanceof String text) weight += text.length();
            else if (value instanceof byte[] bytes) weight += bytes.length;
            else if (value instanceof UserProperty pair)
                weight += 80 + pair.name().length() + pair.value().length();
        }
        return weight;
    }

    public boolean has(Property property) {
        return find(property) != null;
    }

    /** The number, or the given one when the property is absent. */
    public long integer(Property property, long otherwise) {
        Object value = find(property);
        return value == null ? otherwise : (Long) value;
    }

    public @Nullable String string(Property property) {
        return (String) find(property);
    }

    /** The bytes, not to be modified, or null when the property is absent. */
    public byte @Nullable [] binary(Property property) {
        return (byte[]) find(property);
    }

    public List<UserProperty> userProperties() {
        List<UserProperty> found = new ArrayList<>();
        for (Object value : values) if (value instanceof UserProperty pair) found.add(pair);
        return found;
    }

    /** A builder that begins with these properties. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        for (int i = 0; i < names.length; i++) builder.add(names[i], values[i]);
        return builder;
    }

    private @Nullable Object find(Property property) {
        for (int i = 0; i < names.length; i++) if (names[i] == property) return values[i];
        return null;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < names.length; i++) {
            if (i > 0) text.append(", ");
            // The names only: values may hold secrets (Authentication Data) or a user's data.
            text.append(names[i]);
        }
        return text.append('}').toString();
    }

    /** Gathers properties; not for more than one thread. */
    public static final class Builder {
        private final List<Property> names = new ArrayList<>();
        private final List<Object> values = new ArrayList<>();

        /** Adds a number. Out of the range of its type: IllegalArgumentException. */
        public Builder set(Property property, long value) {
            long max =
                    switch (property.type()) {
                        case BYTE -> 0xFF;
                        case TWO_BYTE_INTEGER -> 0xFFFF;
                        case FOUR_BYTE_INTEGER -> 0xFFFF_FFFFL;
                        case VARIABLE_BYTE_INTEGER -> 268_435_455;
                        default -> -1;
                    };
            if (value < 0 || value > max) throw new IllegalArgumentException(property + " out of range: " + value);
            return add(property, value);
        }

        public Builder set(Property property, String value) {
            return add(property, value);
        }

        public Builder set(Property property, byte[] value) {
            return add(property, value);
        }

        public Builder userProperty(String name, String value) {
            return add(Property.USER_PROPERTY, new UserProperty(name, value));
        }

        public boolean has(Property property) {
            return names.contains(property);
        }

        /** Leaves out every occurrence of a property. */
        public Builder without(Property property) {
            for (int i = names.size() - 1; i >= 0; i--) {
                if (names.get(i) == property) {
                    names.remove(i);
                    values.remove(i);
                }
            }
            return this;
        }

        Builder add(Property property, Object value) {
            names.add(property);
            values.add(value);
            return this;
        }

        public Properties build() {
            return names.isEmpty() ? NONE : new Properties(names.toArray(new Property[0]), values.toArray());
        }
    }
}
