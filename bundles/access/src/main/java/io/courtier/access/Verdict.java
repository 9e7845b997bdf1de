// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rule says to one client.
 *
 * @param within what was granted to it: the rule is for topics that one of these has too; null where it does not ask
 * @param origin the rule, for people
 */
record Verdict(boolean allow, RuleFilter filter, Asked asked, @Nullable List<RuleFilter> within, String origin) {
    /** The same, for what was granted alone. */
    Verdict within(List<TopicFilter> granted) {
        List<RuleFilter> filters = new ArrayList<>(granted.size());
        for (TopicFilter each : granted) filters.add(RuleFilter.of(each));
        return new Verdict(allow, filter, asked, filters, origin);
    }

    boolean isForPublishing(TopicName topic, QoS qos, boolean retain) {
        return asked.fits(qos, retain) && isFor(topic);
    }

    /** Where it covers all of it. */
    boolean isForSubscribing(TopicFilter requested, QoS qos) {
        if (!asked.fits(qos) || !filter.covers(requested)) return false;
        if (within == null) return true;
        for (int i = 0; i < within.size(); i++) if (within.get(i).covers(requested)) return true;
        return false;
    }

    /** Whatever is asked. */
    boolean isFor(TopicName topic) {
        if (!filter.matches(topic)) return false;
        if (within == null) return true;
        for (int i = 0; i < within.size(); i++) if (within.get(i).matches(topic)) return true;
        return false;
    }

    /** Whether it is for every topic that begins with $. */
    boolean isForAllReserved() {
        return within == null && filter.coversReserved();
    }

    /** Whether it is for every topic that does not. */
    boolean isForAllOrdinary() {
        return within == null && filter.coversOrdinary();
    }
}
