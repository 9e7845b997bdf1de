// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.QoS;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.Will;
import org.jspecify.annotations.Nullable;

/** Something that happened to a session. */
public sealed interface SessionRecord {
    String clientIdentifier();

    /** It began, or its client connected again. */
    record Connected(String clientIdentifier, long expirySeconds, @Nullable Will will) implements SessionRecord {}

    /** Its connection ended at this time; from then on the Session Expiry Interval runs. */
    record Disconnected(String clientIdentifier, long expirySeconds, long epochMillis) implements SessionRecord {}

    /** It ended, and all that was kept for it. */
    record Ended(String clientIdentifier) implements SessionRecord {}

    /** @param subscriptionIdentifier 0 for none */
    record Subscribed(
            String clientIdentifier, String topicFilter, SubscriptionOptions options, int subscriptionIdentifier)
            implements SessionRecord {}

    record Unsubscribed(String clientIdentifier, String topicFilter) implements SessionRecord {}

    /** A message waits for it, under a number that grows within the session. */
    record Queued(String clientIdentifier, long number, ApplicationMessage message, QoS qos, boolean retain)
            implements SessionRecord {}

    /** A queued message was given its Packet Identifier. */
    record Sent(String clientIdentifier, long number, int packetIdentifier) implements SessionRecord {}

    /** PUBREC came for a QoS 2 message: only PUBREL is owed. */
    record Released(String clientIdentifier, int packetIdentifier) implements SessionRecord {}

    /** A message is finished. */
    record Finished(String clientIdentifier, long number) implements SessionRecord {}

    /** A QoS 2 message came under this Packet Identifier and awaits its PUBREL. */
    record Received(String clientIdentifier, int packetIdentifier) implements SessionRecord {}

    /** Its PUBREL came. */
    record Completed(String clientIdentifier, int packetIdentifier) implements SessionRecord {}
}
