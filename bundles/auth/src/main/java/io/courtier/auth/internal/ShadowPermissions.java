// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.api.AccessDifference.Action;
import io.courtier.api.Explanation.Decision;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Permissions;
import org.jspecify.annotations.Nullable;

/** Decides as the rules that count do, and notes where those that are tried would not. Of one session. */
final class ShadowPermissions implements Permissions {
    private final Permissions real;
    private final Permissions tried;
    private final String clientIdentifier;
    private final @Nullable String userName;
    private final Differences differences;

    ShadowPermissions(
            Permissions real,
            Permissions tried,
            String clientIdentifier,
            @Nullable String userName,
            Differences differences) {
        this.real = real;
        this.tried = tried;
        this.clientIdentifier = clientIdentifier;
        this.userName = userName;
        this.differences = differences;
    }

    @Override
    public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
        boolean may = real.mayPublish(topic, qos, retain);
        if (differs(may, tried.mayPublish(topic, qos, retain))) {
            note(
                    Action.PUBLISH,
                    topic.toString(),
                    qos.value(),
                    retain,
                    new Decision(may, real.whyPublish(topic, qos, retain)),
                    new Decision(!may, tried.whyPublish(topic, qos, retain)));
        }
        return may;
    }

    @Override
    public boolean maySubscribe(TopicFilter filter, QoS qos) {
        boolean may = real.maySubscribe(filter, qos);
        if (differs(may, tried.maySubscribe(filter, qos))) {
            note(
                    Action.SUBSCRIBE,
                    filter.toString(),
                    qos.value(),
                    false,
                    new Decision(may, real.whySubscribe(filter, qos)),
                    new Decision(!may, tried.whySubscribe(filter, qos)));
        }
        return may;
    }

    /** Asked for each message during a trial that might hold some back; the answer is the same as without. */
    @Override
    public boolean limitsReceiving() {
        return real.limitsReceiving() || tried.limitsReceiving();
    }

    @Override
    public boolean mayReceive(TopicName topic) {
        boolean may = real.mayReceive(topic);
        if (differs(may, tried.mayReceive(topic))) {
            note(
                    Action.RECEIVE,
                    topic.toString(),
                    0,
                    false,
                    new Decision(may, real.whyReceive(topic)),
                    new Decision(!may, tried.whyReceive(topic)));
        }
        return may;
    }

    private boolean differs(boolean may, boolean would) {
        differences.asked();
        return may != would;
    }

    private void note(Action action, String topic, int qos, boolean retain, Decision now, Decision would) {
        differences.add(new Differences.Question(clientIdentifier, userName, action, topic, qos, retain), now, would);
    }

    @Override
    public @Nullable String whyPublish(TopicName topic, QoS qos, boolean retain) {
        return real.whyPublish(topic, qos, retain);
    }

    @Override
    public @Nullable String whySubscribe(TopicFilter filter, QoS qos) {
        return real.whySubscribe(filter, qos);
    }

    @Override
    public @Nullable String whyReceive(TopicName topic) {
        return real.whyReceive(topic);
    }
}
