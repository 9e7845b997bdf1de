// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Property;
import io.courtier.protocol.codec.EncodedPublish;

/**
 * The encodings of the message that is being handed out: one for each layout, made when the first subscriber needs it and
 * patched for the others. A layout is whether there are properties and whether there is a Packet Identifier.
 */
final class Layouts {
    private final EncodedPublish[] layouts = {
        new EncodedPublish(), new EncodedPublish(), new EncodedPublish(), new EncodedPublish()
    };
    private final boolean[] made = new boolean[4];
    private ApplicationMessage message;
    private long epochMillis;

    Layouts(ApplicationMessage first) {
        message = first;
    }

    /** From now on the layouts are those of this message. */
    void begin(ApplicationMessage message, long epochMillis) {
        this.message = message;
        this.epochMillis = epochMillis;
        made[0] = made[1] = made[2] = made[3] = false;
    }

    EncodedPublish layout(boolean v5, boolean withIdentifier) {
        int at = (v5 ? 2 : 0) + (withIdentifier ? 1 : 0);
        EncodedPublish layout = layouts[at];
        if (!made[at]) {
            layout.encode(message, v5, withIdentifier, remainingExpirySeconds(message, epochMillis));
            made[at] = true;
        }
        return layout;
    }

    /** What is left of a Message Expiry Interval, -1 where there is none. [MQTT-3.3.2-6] */
    static long remainingExpirySeconds(ApplicationMessage message, long epochMillis) {
        if (message.expiresAtMillis() == ApplicationMessage.NEVER) return -1;
        long asked = message.properties().integer(Property.MESSAGE_EXPIRY_INTERVAL, -1);
        // Never more than was asked, though the wall clock be set back meanwhile.
        return Math.min(asked, Math.max(0, (message.expiresAtMillis() - epochMillis + 999) / 1_000));
    }
}
