// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol.codec;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.UserProperty;
import io.courtier.protocol.Utf8;
import org.jspecify.annotations.Nullable;

/** Sizes and bytes of properties. */
final class PropertySection {
    private PropertySection() {}

    /** Appends the section of a packet: its length, then all properties, but without those of two names if they are given. */
    static void write(Properties properties, @Nullable Property left, @Nullable Property out, ByteBuilder to) {
        int size = 0;
        for (int i = 0; i < properties.size(); i++) {
            Property name = properties.name(i);
            if (name != left && name != out) size += size(name, properties.value(i));
        }
        to.variableByteInteger(size);
        for (int i = 0; i < properties.size(); i++) {
            Property name = properties.name(i);
            if (name != left && name != out) write(name, properties.value(i), to);
        }
    }

    /** The bytes of one property, its identifier included. */
    static int size(Property name, Object value) {
        return switch (name.type()) {
            case BYTE -> 2;
            case TWO_BYTE_INTEGER -> 3;
            case FOUR_BYTE_INTEGER -> 5;
            case VARIABLE_BYTE_INTEGER -> 1 + ByteBuilder.variableByteIntegerSize(((Long) value).intValue());
            case UTF8_STRING -> 3 + Utf8.length((String) value);
            case BINARY_DATA -> 3 + ((byte[]) value).length;
            case UTF8_STRING_PAIR -> {
                UserProperty pair = (UserProperty) value;
                yield 5 + Utf8.length(pair.name()) + Utf8.length(pair.value());
            }
        };
    }

    static void write(Property name, Object value, ByteBuilder to) {
        to.u8(name.identifier());
        switch (name.type()) {
            case BYTE -> to.u8(((Long) value).intValue());
            case TWO_BYTE_INTEGER -> to.u16(((Long) value).intValue());
            case FOUR_BYTE_INTEGER -> to.u32((Long) value);
            case VARIABLE_BYTE_INTEGER -> to.variableByteInteger(((Long) value).intValue());
            case UTF8_STRING -> to.utf8((String) value);
            case BINARY_DATA -> to.binary((byte[]) value);
            case UTF8_STRING_PAIR -> {
                UserProperty pair = (UserProperty) value;
                to.utf8(pair.name()).utf8(pair.value());
            }
        }
    }
}
