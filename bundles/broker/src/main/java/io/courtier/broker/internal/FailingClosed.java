// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Permissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The permissions of a plugin for one session: where they throw, they say no. */
final class FailingClosed implements Permissions {
    private static final Logger LOG = LoggerFactory.getLogger(FailingClosed.class);

    private final String clientIdentifier;
    private final Permissions permissions;
    private final boolean limitsReceiving;
    private boolean told;

    FailingClosed(String clientIdentifier, Permissions permissions) {
        this.clientIdentifier = clientIdentifier;
        this.permissions = permissions;
        this.limitsReceiving = permissions.limitsReceiving();
    }

    @Override
    public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
        try {
            return permissions.mayPublish(topic, qos, retain);
        } catch (RuntimeException e) {
            return no(e);
        }
    }

    @Override
    public boolean maySubscribe(TopicFilter filter, QoS qos) {
        try {
            return permissions.maySubscribe(filter, qos);
        } catch (RuntimeException e) {
            return no(e);
        }
    }

    @Override
    public boolean limitsReceiving() {
        return limitsReceiving;
    }

    @Override
    public boolean mayReceive(TopicName topic) {
        try {
            return permissions.mayReceive(topic);
        } catch (RuntimeException e) {
            return no(e);
        }
    }

    @Override
    public @Nullable String whyPublish(TopicName topic, QoS qos, boolean retain) {
        return permissions.whyPublish(topic, qos, retain);
    }

    @Override
    public @Nullable String whySubscribe(TopicFilter filter, QoS qos) {
        return permissions.whySubscribe(filter, qos);
    }

    @Override
    public @Nullable String whyReceive(TopicName topic) {
        return permissions.whyReceive(topic);
    }

    private boolean no(RuntimeException e) {
        // Once for each session: it may be asked for each message.
        if (!told) {
            LOG.error(
                    "permissions {} of client {} failed: it may not",
                    permissions.getClass().getName(),
                    clientIdentifier,
                    e);
        }
        told = true;
        return false;
    }
}
