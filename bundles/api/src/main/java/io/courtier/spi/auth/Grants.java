// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import io.courtier.protocol.TopicFilter;
import java.util.List;

/**
 * Topics that an authenticator grants a client, a token's claims for instance. They allow nothing by themselves: the authorizer
 * says whether they count, and within which bounds.
 *
 * @param publish {@value #FILTERS_MAX} at most, none of them shared; IllegalArgumentException otherwise
 * @param subscribe the same
 */
public record Grants(List<TopicFilter> publish, List<TopicFilter> subscribe) {
    /** Held for each session, and walked for each topic that it asks for. */
    public static final int FILTERS_MAX = 100;

    public static final Grants NONE = new Grants(List.of(), List.of());

    public Grants {
        publish = checked(publish);
        subscribe = checked(subscribe);
    }

    private static List<TopicFilter> checked(List<TopicFilter> filters) {
        if (filters.size() > FILTERS_MAX) throw new IllegalArgumentException("more than " + FILTERS_MAX + " filters");
        for (TopicFilter each : filters) {
            if (each.isShared()) throw new IllegalArgumentException(each + " is a shared filter");
        }
        return List.copyOf(filters);
    }
}
