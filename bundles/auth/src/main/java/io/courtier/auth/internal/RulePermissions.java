// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.spi.auth.Permissions;
import java.util.List;

/**
 * What the rules let one session do; in each list the first that matches decides, and where none does, it may not.
 *
 * <p>A rule matches a subscription when it covers it. So one that is wider than a deny ({@code #}, and
 * {@code deny all secret/#}) passes that deny and may be allowed by a later rule; the messages that are denied are then held
 * back one by one, by {@link #mayReceive}, which asks the rules for subscribing too. That holds back as well what comes by a
 * subscription that was allowed once and is no more. Immutable.
 */
final class RulePermissions implements Permissions {
    /** @param origin the rule, for people */
    record Verdict(boolean allow, RuleFilter filter, String origin) {}

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
        return decide(publish, topic);
    }

    @Override
    public boolean maySubscribe(TopicFilter filter, QoS qos) {
        for (Verdict verdict : subscribe) if (verdict.filter().covers(filter)) return verdict.allow();
        return false;
    }

    @Override
    public boolean limitsReceiving() {
        return limitsReceiving;
    }

    @Override
    public boolean mayReceive(TopicName topic) {
        return decide(receive, topic);
    }

    @Override
    public String whyPublish(TopicName topic) {
        return why(publish, topic);
    }

    @Override
    public String whySubscribe(TopicFilter filter) {
        for (Verdict verdict : subscribe) if (verdict.filter().covers(filter)) return verdict.origin();
        return NO_RULE;
    }

    @Override
    public String whyReceive(TopicName topic) {
        return why(receive, topic);
    }

    private static String why(Verdict[] verdicts, TopicName topic) {
        for (Verdict verdict : verdicts) if (verdict.filter().matches(topic)) return verdict.origin();
        return NO_RULE;
    }

    private static boolean decide(Verdict[] verdicts, TopicName topic) {
        for (Verdict verdict : verdicts) if (verdict.filter().matches(topic)) return verdict.allow();
        return false;
    }

    /** Whether every topic meets a rule that allows it before any that denies. */
    private static boolean allowsEverything(List<Verdict> verdicts) {
        boolean ordinary = false;
        boolean reserved = false;
        for (Verdict verdict : verdicts) {
            if (!verdict.allow()) return false;
            ordinary |= verdict.filter().coversOrdinary();
            reserved |= verdict.filter().coversReserved();
            if (ordinary && reserved) return true;
        }
        return false;
    }
}
