// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

import java.util.HashMap;
import java.util.Map;

/**
 * What a server before MQTT 5, which knows no No Local, will send back: by topic and payload, once for each time that it was
 * sent. However long a message waits to be sent, its echo is expected; once the server has it, for a while only.
 */
final class Echoes {
    private static final int SENT_MAX = 10_000;

    /** It comes within so long, or not at all. */
    private static final long ECHO_NANOS = 10_000_000_000L;

    /** As many as are under way. */
    private final Map<Long, Integer> underWay = new HashMap<>();

    private final Fingerprints sent = new Fingerprints(SENT_MAX, ECHO_NANOS);

    void sending(String topic, byte[] payload) {
        underWay.merge(Fingerprints.print(topic, payload), 1, Integer::sum);
    }

    /** The server has it. */
    void sent(String topic, byte[] payload, long nowNanos) {
        if (isTaken(topic, payload)) sent.add(topic, payload, nowNanos);
    }

    /** The server does not take it. */
    void notSent(String topic, byte[] payload) {
        isTaken(topic, payload);
    }

    /** Whether it was expected. */
    boolean take(String topic, byte[] payload, long nowNanos) {
        return isTaken(topic, payload) || sent.take(topic, payload, nowNanos);
    }

    private boolean isTaken(String topic, byte[] payload) {
        long print = Fingerprints.print(topic, payload);
        Integer count = underWay.remove(print);
        if (count != null && count > 1) underWay.put(print, count - 1);
        return count != null;
    }
}
