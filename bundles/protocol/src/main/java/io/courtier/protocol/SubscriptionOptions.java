// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** What a client asks of one subscription. Before MQTT 5 only the QoS exists. [MQTT-3.8.3-5] */
public record SubscriptionOptions(
        QoS maximumQoS, boolean noLocal, boolean retainAsPublished, RetainHandling retainHandling) {
    public static SubscriptionOptions of(QoS maximumQoS) {
        return new SubscriptionOptions(maximumQoS, false, false, RetainHandling.SEND);
    }
}
