// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import java.nio.charset.StandardCharsets;

/** A message as a client's library handed it over; {@code original} is the library's own object. */
record Arrival(String topic, byte[] payload, int qos, boolean retained, Object original) {
    String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        String shown = payload.length > 40 ? payload.length + " bytes" : text();
        return topic + "=" + shown + " qos=" + qos + (retained ? " retained" : "");
    }
}
