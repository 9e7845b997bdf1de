// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.QoS;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All messages since the last check, and the clock by which everybody says what was before what. */
final class Book {
    private final List<Message> messages = new ArrayList<>();
    private int first = 1;
    private final long startNanos = System.nanoTime();
    private long tick;

    /** Another moment, later than any before: nanoseconds since the first. */
    long tick() {
        return tick = Math.max(tick + 1, System.nanoTime() - startNanos);
    }

    Message write(int publisher, int topic, QoS qos, int expirySeconds) {
        Message message = new Message(first + messages.size(), publisher, topic, qos, expirySeconds, tick());
        messages.add(message);
        return message;
    }

    /** Null: it is of an earlier page, or there never was one. */
    @Nullable
    Message find(int number) {
        int at = number - first;
        return at >= 0 && at < messages.size() ? messages.get(at) : null;
    }

    /** Whether there was a message of that number before this page. */
    boolean isEarlier(int number) {
        return number > 0 && number < first;
    }

    List<Message> messages() {
        return messages;
    }

    /** Everything so far has been checked, and is finished. */
    void turnPage() {
        first += messages.size();
        messages.clear();
    }
}
