// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import java.util.HashSet;
import java.util.Set;

/** Which Packet Identifiers are in use, by PUBLISH, SUBSCRIBE and UNSUBSCRIBE alike. [MQTT-2.2.1-3] */
final class PacketIdentifiers {
    private final Set<Integer> used = new HashSet<>();
    private int last;

    /** One that is not in use. The bounds of {@link ClientOptions.Bounds} leave some. */
    int take() {
        if (used.size() >= 65_535) throw new IllegalStateException("no Packet Identifier is left");
        do last = last == 65_535 ? 1 : last + 1;
        while (!used.add(last));
        return last;
    }

    /** It is in use: a record says so. */
    void use(int identifier) {
        used.add(identifier);
        last = Math.max(last, identifier);
    }

    void free(int identifier) {
        used.remove(identifier);
    }
}
