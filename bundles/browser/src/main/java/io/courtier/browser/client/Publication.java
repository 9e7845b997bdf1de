// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.PacketType;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.UserProperty;
import io.courtier.protocol.Utf8;

/** What an application asks to have published. */
public record Publication(String topic, byte[] payload, QoS qos, boolean retain, Properties properties) {
    /** @throws IllegalArgumentException where no PUBLISH can carry it */
    ApplicationMessage message(long epochMillis) {
        for (int i = 0; i < properties.size(); i++) {
            Property name = properties.name(i);
            if (!name.isLegalIn(PacketType.PUBLISH)
                    || name == Property.SUBSCRIPTION_IDENTIFIER // [MQTT-3.3.4-6]
                    || name == Property.TOPIC_ALIAS) {
                throw new IllegalArgumentException("an application does not set " + name);
            }
            Object value = properties.value(i);
            if (value instanceof String text) string(text, name);
            if (value instanceof byte[] bytes && bytes.length > 65_535) {
                throw new IllegalArgumentException(name + " of more than 65,535 bytes");
            }
            if (value instanceof UserProperty pair) {
                string(pair.name(), name);
                string(pair.value(), name);
            }
            if (name == Property.RESPONSE_TOPIC) TopicName.of((String) value); // [MQTT-3.3.2-14]
        }
        if (payload.length > 268_000_000) throw new IllegalArgumentException("no packet holds so large a payload");
        long expiry = properties.integer(Property.MESSAGE_EXPIRY_INTERVAL, -1);
        return new ApplicationMessage(
                TopicName.of(topic),
                payload,
                qos,
                retain,
                properties,
                null,
                expiry < 0 ? ApplicationMessage.NEVER : epochMillis + expiry * 1_000);
    }

    private static void string(String text, Property name) {
        int length = Utf8.length(text);
        if (length < 0 || length > 65_535) throw new IllegalArgumentException(name + " is no string of MQTT");
    }
}
