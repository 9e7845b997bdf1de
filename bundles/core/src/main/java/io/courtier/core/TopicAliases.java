// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.TopicName;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The Topic Aliases of one connection, one table for each direction; they die with it. [MQTT-3.3.2-7] */
final class TopicAliases {
    private final @Nullable TopicName[] inbound;
    private final int outboundMax;
    private final Map<TopicName, Integer> outbound = new HashMap<>();

    TopicAliases(int inboundMax, int outboundMax) {
        this.inbound = new TopicName[inboundMax + 1];
        this.outboundMax = outboundMax;
    }

    boolean isLegal(int alias) {
        return alias > 0 && alias < inbound.length;
    }

    void set(int alias, TopicName topic) {
        inbound[alias] = topic;
    }

    /** The topic of an alias, or null where the client never set it. */
    @Nullable
    TopicName topic(int alias) {
        return inbound[alias];
    }

    /**
     * The alias that we use for a topic: positive, the client knows it; negative, it must be told now (the alias is the
     * amount); 0, there is none left for it.
     */
    int outbound(TopicName topic) {
        Integer known = outbound.get(topic);
        if (known != null) return known;
        if (outbound.size() >= outboundMax) return 0;
        int alias = outbound.size() + 1;
        outbound.put(topic, alias);
        return -alias;
    }

    /** The client was not told of an alias after all. Only for the last one that was set. */
    void forget(TopicName topic) {
        outbound.remove(topic);
    }
}
