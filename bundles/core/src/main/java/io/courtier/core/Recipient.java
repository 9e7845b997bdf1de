// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import org.jspecify.annotations.Nullable;

/**
 * How one session has the messages of one topic, all its matching subscriptions taken together: one copy, at the highest
 * QoS that any of them grants, with all their identifiers. [MQTT-3.3.4-2] [MQTT-3.3.4-4]
 *
 * @param noLocal some of the subscriptions do not want the client's own messages
 * @param local how it has its own messages then, null: not at all
 */
record Recipient(
        Session session,
        int maximumQoS,
        boolean retainAsPublished,
        @Nullable Matched matched,
        boolean noLocal,
        @Nullable Recipient local) {

    /** This and another subscription of the same session together. */
    Recipient and(Recipient other) {
        Recipient own = noLocal ? local : this;
        Recipient others = other.noLocal ? other.local : other;
        return new Recipient(
                session,
                Math.max(maximumQoS, other.maximumQoS),
                retainAsPublished || other.retainAsPublished,
                Matched.both(matched, other.matched),
                noLocal || other.noLocal,
                own == null ? others : others == null ? own : noLocal || other.noLocal ? own.and(others) : null);
    }
}
