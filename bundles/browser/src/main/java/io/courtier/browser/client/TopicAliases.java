// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.TopicName;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The Topic Aliases of one connection, both ways: those of the server by number, ours for the topics used last. */
final class TopicAliases {
    /** A shorter topic costs no more than its alias. */
    private static final int TOPIC_BYTES_MIN = 5;

    private final @Nullable TopicName[] in;
    private final int outMax;
    private final Map<TopicName, Integer> out = new LinkedHashMap<>(16, 0.75f, true);

    TopicAliases(int inMax, int outMax) {
        in = new TopicName[inMax + 1];
        this.outMax = outMax;
    }

    /** The topic of a PUBLISH; null where its alias is beyond the maximum, or stands for none. */
    @Nullable
    TopicName resolve(TopicName topic, int alias) {
        if (alias == 0) return topic;
        if (alias >= in.length) return null;
        if (topic.length() > 0) in[alias] = topic;
        return in[alias];
    }

    /** The alias that the server knows for a topic; 0: none. */
    int known(TopicName topic) {
        Integer alias = outMax == 0 ? null : out.get(topic);
        return alias == null ? 0 : alias;
    }

    /** An alias for a topic that has none, which the PUBLISH must set; 0: it is not worth one. */
    int assign(TopicName topic) {
        if (outMax == 0 || topic.length() < TOPIC_BYTES_MIN) return 0;
        int alias = out.size() + 1;
        if (alias > outMax) {
            TopicName eldest = out.keySet().iterator().next();
            Integer freed = out.remove(eldest);
            alias = freed == null ? 0 : freed;
        }
        out.put(topic, alias);
        return alias;
    }
}
