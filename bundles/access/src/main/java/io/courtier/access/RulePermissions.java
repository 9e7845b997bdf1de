// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Permissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules let one session do; in each list the first that matches decides, and where none does, it may not.
 *
 * <p>A rule matches a subscription when it covers it. So one that is wider than a deny ({@code #}, and
 * {@code deny all secret/#}) passes that deny and may be allowed by a later rule; the messages that are denied are then held
 * back one by one, by {@link #mayReceive}, which asks the rules for subscribing too. That holds back as well what comes by a
 * subscription that was allowed once and is no more. Immutable.
 */
final class RulePermissions implements Permissions {
    private static final String NO_RULE = "no rule matches";

    private final Verdict[] publish;
    private final Verdict[] subscribe;
    private final Verdict[] receive;
    private final boolean limitsReceiving;

    RulePermissions(List<Verdict> publish, List<Verdict> subscribe, List<Verdict> receive) {
        this.publish = publish.toArray(new Verdict[0]);
        this.subscribe = subscribe.toArray(new Verdict[0]);
        this.receive = receive.toArray(new Verdict[0]);
        limitsReceiving = !allowsEverything(receive);
    }

    @Override
    public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
        return allows(onPublishing(topic, qos, retain));
    }

    @Override
    public boolean maySubscribe(TopicFilter filter, QoS qos) {
        return allows(onSubscribing(filter, qos));
    }

    @Override
    public boolean limitsReceiving() {
        return limitsReceiving;
    }

    @Override
    public boolean mayReceive(TopicName topic) {
        return allows(onReceiving(topic));
    }

    @Override
    public String whyPublish(TopicName topic, QoS qos, boolean retain) {
        return why(onPublishing(topic, qos, retain));
    }

    @Override
    public String whySubscribe(TopicFilter filter, QoS qos) {
        return why(onSubscribing(filter, qos));
    }

    @Override
    public String whyReceive(TopicName topic) {
        return why(onReceiving(topic));
    }

    private @Nullable Verdict onPublishing(TopicName topic, QoS qos, boolean retain) {
        for (Verdict verdict : publish) if (verdict.isForPublishing(topic, qos, retain)) return verdict;
        return null;
    }

    private @Nullable Verdict onSubscribing(TopicFilter filter, QoS qos) {
        for (Verdict verdict : subscribe) if (verdict.isForSubscribing(filter, qos)) return verdict;
        return null;
    }

    private @Nullable Verdict onReceiving(TopicName topic) {
        for (Verdict verdict : receive) if (verdict.isFor(topic)) return verdict;
        return null;
    }

    private static boolean allows(@Nullable Verdict first) {
        return first != null && first.allow();
    }

    private static String why(@Nullable Verdict first) {
        return first == null ? NO_RULE : first.origin();
    }

    /** Whether every topic meets a rule that allows it before any that denies. */
    private static boolean allowsEverything(List<Verdict> verdicts) {
        boolean ordinary = false;
        boolean reserved = false;
        for (Verdict verdict : verdicts) {
            if (!verdict.allow()) return false;
            ordinary |= verdict.isForAllOrdinary();
            reserved |= verdict.isForAllReserved();
            if (ordinary && reserved) return true;
        }
        return false;
    }
}
