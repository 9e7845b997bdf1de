// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import org.jspecify.annotations.Nullable;

/**
 * A decision that rules on trial would have made otherwise.
 *
 * @param topic a topic name; a filter where the client subscribes. It, and the names, are cut where they are very long
 * @param qos of the message or the subscription; 0 where it receives
 * @param retain whether it published a message to be retained
 * @param now what counts
 * @param tried what would count
 * @param times how often the broker asked: once for a run of messages to one topic, and sometimes more often than once for a
 *     message on its way to a client
 */
public record AccessDifference(
        String clientIdentifier,
        @Nullable String userName,
        Action action,
        String topic,
        int qos,
        boolean retain,
        Explanation.Decision now,
        Explanation.Decision tried,
        long times) {
    /** What a client does. */
    public enum Action {
        PUBLISH,
        SUBSCRIBE,
        RECEIVE
    }
}
