// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.Will;

/** What the properties of a will say. */
final class WillMessage {
    private WillMessage() {}

    static long delaySeconds(Will will) {
        return will.properties().integer(Property.WILL_DELAY_INTERVAL, 0);
    }

    /** The message that it becomes when its time has come: only then does its expiry begin to run. */
    static ApplicationMessage message(Will will, String publisher, long epochMillis) {
        Properties properties = will.properties().toBuilder()
                .without(Property.WILL_DELAY_INTERVAL)
                .build();
        return new ApplicationMessage(
                will.topic(),
                will.payload(),
                will.qos(),
                will.retain(),
                properties,
                publisher,
                PublishFlow.expiresAtMillis(properties, epochMillis));
    }
}
