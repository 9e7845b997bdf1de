// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import org.jspecify.annotations.Nullable;

/** What the server said in CONNACK that it takes. */
record ServerLimits(
        int receiveMaximum,
        QoS maximumQoS,
        boolean retain,
        long maximumPacketSize,
        int topicAliasMaximum,
        boolean wildcards,
        boolean identifiers,
        boolean shared) {
    static ServerLimits of(Properties said) {
        return new ServerLimits(
                (int) said.integer(Property.RECEIVE_MAXIMUM, 65_535),
                QoS.of((int) said.integer(Property.MAXIMUM_QOS, 2)),
                said.integer(Property.RETAIN_AVAILABLE, 1) == 1,
                said.integer(Property.MAXIMUM_PACKET_SIZE, 268_435_460),
                (int) said.integer(Property.TOPIC_ALIAS_MAXIMUM, 0),
                said.integer(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 1) == 1,
                said.integer(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 1) == 1,
                said.integer(Property.SHARED_SUBSCRIPTION_AVAILABLE, 1) == 1);
    }

    /** The reason why the server would not take such a message, or null. [MQTT-3.2.2-11] [MQTT-3.2.2-14] */
    @Nullable
    ReasonCode refuses(QoS qos, boolean retained) {
        if (qos.value() > maximumQoS.value()) return ReasonCode.QOS_NOT_SUPPORTED;
        return retained && !retain ? ReasonCode.RETAIN_NOT_SUPPORTED : null;
    }

    /** The same for a filter. */
    @Nullable
    ReasonCode refuses(TopicFilter filter) {
        if (filter.isShared() && !shared) return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        return filter.hasWildcards() && !wildcards ? ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED : null;
    }
}
