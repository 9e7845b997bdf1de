// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The retained messages that are still to be sent to one client, subscription by subscription. Of a filter that comes again
 * only the last counts: whoever subscribes again and again to much, and takes little, has it under way once.
 */
final class RetainedDeliveries {
    private final Map<String, RetainedDelivery> byFilter = new LinkedHashMap<>(4);

    boolean isEmpty() {
        return byFilter.isEmpty();
    }

    /** @param replay those that were in it are not sent twice */
    void add(Subscription subscription, @Nullable Replay replay) {
        String filter = subscription.filter.toString();
        byFilter.remove(filter);
        List<ApplicationMessage> messages =
                subscription.session.shard.retained().match(subscription.filter);
        if (replay != null) messages.removeIf(replay::has);
        RetainedDelivery delivery = new RetainedDelivery(subscription, messages);
        if (!delivery.isDone()) byFilter.put(filter, delivery);
    }

    void forget(String filter) {
        byFilter.remove(filter);
    }

    /** The QoS of the next one. There must be one. */
    int nextQoS() {
        return byFilter.values().iterator().next().nextQoS();
    }

    /** Delivers the next one. There must be one. */
    void deliverNext() {
        Iterator<RetainedDelivery> all = byFilter.values().iterator();
        RetainedDelivery first = all.next();
        first.deliverNext();
        if (first.isDone()) all.remove();
    }
}
