// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.auth;

import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/** What one session may do. Asked on its event loop for each new topic: it must answer at once and always the same. */
@ConsumerType
public interface Permissions {
    boolean mayPublish(TopicName topic, QoS qos, boolean retain);

    /** Whether it may subscribe; a shared filter is asked without its {@code $share/name}. */
    boolean maySubscribe(TopicFilter filter, QoS qos);

    /** Whether {@link #mayReceive} ever says no; where not, it is not asked for each message. */
    default boolean limitsReceiving() {
        return false;
    }

    /** Whether a message may reach it, though it subscribed: asked when a filter is wider than what it may read. */
    default boolean mayReceive(TopicName topic) {
        return true;
    }

    /** For people: what {@link #mayPublish} follows, {@code line 7: allow all ops/#}; null where it cannot be told. */
    default @Nullable String whyPublish(TopicName topic, QoS qos, boolean retain) {
        return null;
    }

    /** The same for {@link #maySubscribe}. */
    default @Nullable String whySubscribe(TopicFilter filter, QoS qos) {
        return null;
    }

    /** The same for {@link #mayReceive}. */
    default @Nullable String whyReceive(TopicName topic) {
        return null;
    }

    /** Everything. For tests and for the broker itself. */
    Permissions ALL = new Permissions() {
        @Override
        public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
            return true;
        }

        @Override
        public boolean maySubscribe(TopicFilter filter, QoS qos) {
            return true;
        }
    };

    /** Nothing: where no authorizer is there to ask. */
    Permissions NONE = new Permissions() {
        @Override
        public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
            return false;
        }

        @Override
        public boolean maySubscribe(TopicFilter filter, QoS qos) {
            return false;
        }
    };
}
