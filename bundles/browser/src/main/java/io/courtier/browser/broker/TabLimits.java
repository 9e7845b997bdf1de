// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.core.FairUse;
import io.courtier.core.Limits;
import java.util.HashMap;
import java.util.Map;

/** The limits of a tab's broker: those of the core, smaller where a tab has less room, but for what a page gives by the names that they have there. */
public final class TabLimits {
    private static final Limits TAB = Limits.DEFAULT;

    private final Map<String, String> given;

    private TabLimits(Map<String, String> given) {
        this.given = new HashMap<>(given);
    }

    /** @throws IllegalArgumentException says which is unknown, is no number or is out of its range */
    public static Limits of(Map<String, String> given) {
        TabLimits limits = new TabLimits(given);
        Limits all = limits.all();
        if (!limits.given.isEmpty())
            throw new IllegalArgumentException(limits.given.keySet().iterator().next() + " is no limit");
        return all;
    }

    private Limits all() {
        return new Limits(
                integer("packetBytesMax", 16 << 20),
                integer("receiveMaximum", TAB.receiveMaximum()),
                integer("inflightMax", TAB.inflightMax()),
                integer("topicAliasMaximum", TAB.topicAliasMaximum()),
                integer("topicAliasMaximumOutbound", TAB.topicAliasMaximumOutbound()),
                integer("keepAliveSecondsMax", TAB.keepAliveSecondsMax()),
                number("sessionExpirySecondsMax", TAB.sessionExpirySecondsMax()),
                integer("sessionsMax", 10_000),
                integer("subscriptionsPerSessionMax", TAB.subscriptionsPerSessionMax()),
                integer("topicLevelsMax", TAB.topicLevelsMax()),
                integer("queueMessagesMax", TAB.queueMessagesMax()),
                number("queueBytesMax", 32 << 20),
                number("shardQueueBytesMax", 128 << 20),
                integer("retainedMessagesMax", 100_000),
                number("retainedBytesMax", 64 << 20),
                integer("maximumQoS", TAB.maximumQoS()),
                either("retainAvailable", TAB.retainAvailable()),
                either("wildcardSubscriptionAvailable", TAB.wildcardSubscriptionAvailable()),
                either("sharedSubscriptionAvailable", TAB.sharedSubscriptionAvailable()),
                either("subscriptionIdentifierAvailable", TAB.subscriptionIdentifierAvailable()),
                integer("clientIdentifierBytesMax", TAB.clientIdentifierBytesMax()),
                integer("connectSeconds", TAB.connectSeconds()),
                integer("fanOutSlice", 4_096),
                integer("mailboxMessagesMax", TAB.mailboxMessagesMax()),
                number("mailboxBytesMax", TAB.mailboxBytesMax()),
                either("revealNotAuthorized", TAB.revealNotAuthorized()),
                text("responseInformation", TAB.responseInformation()),
                number("messageSecondsMax", TAB.messageSecondsMax()),
                queueFull(),
                fairUse());
    }

    private FairUse fairUse() {
        FairUse tab = TAB.fairUse();
        return new FairUse(
                integer("clientConnectsPerMinute", tab.clientConnectsPerMinute()),
                integer("userConnectsPerMinute", tab.userConnectsPerMinute()),
                integer("clientMessagesPerSecond", tab.clientMessagesPerSecond()),
                number("clientBytesPerSecond", tab.clientBytesPerSecond()),
                integer("userMessagesPerSecond", tab.userMessagesPerSecond()),
                number("userBytesPerSecond", tab.userBytesPerSecond()),
                integer("burstSeconds", tab.burstSeconds()),
                excess(),
                integer("sessionsPerUserMax", tab.sessionsPerUserMax()),
                integer("takeOversMax", tab.takeOversMax()),
                integer("takeOverSeconds", tab.takeOverSeconds()));
    }

    private FairUse.Excess excess() {
        String text = text("excess", "");
        for (FairUse.Excess each : FairUse.Excess.values()) if (each.name().equals(text)) return each;
        if (text.isEmpty()) return TAB.fairUse().excess();
        throw new IllegalArgumentException("excess is PAUSE or DISCONNECT, not " + text);
    }

    private Limits.QueueFull queueFull() {
        String text = text("queueFull", "");
        for (Limits.QueueFull each : Limits.QueueFull.values()) if (each.name().equals(text)) return each;
        if (text.isEmpty()) return TAB.queueFull();
        throw new IllegalArgumentException("queueFull is DROP_NEWEST, DROP_OLDEST or REFUSE, not " + text);
    }

    private String text(String name, String otherwise) {
        String text = given.remove(name);
        return text == null ? otherwise : text;
    }

    private boolean either(String name, boolean otherwise) {
        String text = text(name, otherwise ? "true" : "false");
        if (!text.equals("true") && !text.equals("false"))
            throw new IllegalArgumentException(name + " is true or false, not " + text);
        return text.equals("true");
    }

    private int integer(String name, int otherwise) {
        long number = number(name, otherwise);
        if (number != (int) number) throw new IllegalArgumentException(name + " is too large: " + number);
        return (int) number;
    }

    private long number(String name, long otherwise) {
        String text = text(name, "" + otherwise);
        try {
            long number = Long.parseLong(text);
            if (number >= 0) return number;
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(name + " is a whole number, not " + text);
    }
}
