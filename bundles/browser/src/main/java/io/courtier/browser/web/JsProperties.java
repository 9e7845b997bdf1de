// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.UserProperty;

/** Properties for JavaScript, one by one. The other way they come as {@link JsGiven}. */
final class JsProperties {
    private JsProperties() {}

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
