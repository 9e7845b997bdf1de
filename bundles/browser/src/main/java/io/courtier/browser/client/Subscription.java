// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.TopicFilter;
import java.util.ArrayList;
import java.util.List;

/** What one SUBSCRIBE asked for. */
final class Subscription {
    /** Names it for the application; its Subscription Identifier too, unless the application chose one. */
    final int number;

    final List<Subscribe.Request> requests;
    final List<TopicFilter> filters = new ArrayList<>();
    final Properties properties;
    final int identifier;
    Reply reply;
    long record;
    /** The session on the server has it. */
    boolean granted;
    /** It was refused once it had been granted: nobody waits for the answer. */
    boolean again;
    /** From the store: nobody in this page asked for it yet. */
    boolean restored;
    /** Of the SUBSCRIBE under way; 0: none. */
    int packetIdentifier;

    /** @throws IllegalArgumentException where a filter is none */
    Subscription(int number, List<Subscribe.Request> requests, Properties properties, Reply reply) {
        this.number = number;
        this.requests = requests;
        this.properties = properties;
        this.reply = reply;
        identifier = (int) properties.integer(Property.SUBSCRIPTION_IDENTIFIER, number);
        for (Subscribe.Request request : requests) filters.add(TopicFilter.of(request.topicFilter()));
    }

    boolean hasFilter(String filter) {
        for (TopicFilter each : filters) if (each.toString().equals(filter)) return true;
        return false;
    }
}
