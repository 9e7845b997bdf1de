// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

import io.courtier.browser.client.ClientOptions;
import java.util.List;

/**
 * What a bridge is to do.
 *
 * @param name of the session that it has with the local broker: a bridge of the same name goes on with it
 * @param identity what it writes into messages that it carries, to know them again: no other bridge has it
 * @param remote how it connects to the other side; a first connection that fails is tried again, too
 * @param backlogSeconds how long the local broker keeps what the bridge has not carried, while it is away
 * @param fingerprintSeconds for loops over several bridges of which one speaks MQTT 3.1.1: a message that equals another in
 *     topic and payload is not carried again for so long, whoever published it. 0: it is
 */
public record BridgeOptions(
        String name,
        String identity,
        ClientOptions remote,
        List<Mapping> mappings,
        long backlogSeconds,
        long fingerprintSeconds) {
    public static final int MAPPINGS_MAX = 1_000;

    public BridgeOptions {
        if (name.isEmpty() || identity.isEmpty()) throw new IllegalArgumentException("a bridge has a name");
        if (mappings.isEmpty() || mappings.size() > MAPPINGS_MAX) {
            throw new IllegalArgumentException("a bridge has 1 to " + MAPPINGS_MAX + " mappings");
        }
        if (backlogSeconds < 0 || backlogSeconds > 0xFFFF_FFFFL) throw new IllegalArgumentException("backlogSeconds");
        if (fingerprintSeconds < 0 || fingerprintSeconds > 86_400) {
            throw new IllegalArgumentException("fingerprintSeconds is from 0 to a day");
        }
    }
}
