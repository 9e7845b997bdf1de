// SPDX-License-Identifier: Apache-2.0
package io.courtier.api;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one client may do with one topic, and why.
 *
 * @param attributes what else is known of it, from its certificate or token
 * @param connected false for a session whose client is away
 * @param authenticator who says who it is
 * @param subscriptions its filters that match the topic
 */
public record Explanation(
        String clientIdentifier,
        @Nullable String userName,
        Set<String> roles,
        String authenticator,
        Map<String, String> attributes,
        String listener,
        boolean connected,
        Decision publish,
        Decision subscribe,
        Decision receive,
        List<String> subscriptions) {

    /** @param why the rule that decides, null where none was named */
    public record Decision(boolean allowed, @Nullable String why) {}
}
