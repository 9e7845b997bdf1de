// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.TopicFilter;
import java.util.ArrayList;
import java.util.List;

/**
 * Publishers of what a session subscribed to are told that it wants no more for now, from the making of this to {@link
 * #welcome}. Not those of its shared subscriptions: others of the group may have room.
 */
final class TurnedAway {
    private final Routes routes;
    private final List<TopicFilter> filters = new ArrayList<>();

    TurnedAway(Session session) {
        routes = session.shard.routes();
        for (Subscription subscription : session.subscriptions()) {
            if (!subscription.filter.isShared()) filters.add(subscription.filter);
        }
        for (TopicFilter filter : filters) routes.full(filter, 1);
    }

    /** Publishers may come again. */
    void welcome() {
        for (TopicFilter filter : filters) routes.full(filter, -1);
    }
}
