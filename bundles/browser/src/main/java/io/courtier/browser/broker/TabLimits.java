// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.core.Limits;

/** The limits of a tab's broker, one by one: what {@link Limits} says, and smaller where a tab has less room. */
public final class TabLimits {
    private static final Limits USUAL = Limits.DEFAULT;

    private int packetBytesMax = 16 << 20;
    private int receiveMaximum = USUAL.receiveMaximum();
    private int inflightMax = USUAL.inflightMax();
    private int topicAliasMaximum = USUAL.topicAliasMaximum();
    private int keepAliveSecondsMax = USUAL.keepAliveSecondsMax();
    private long sessionExpirySecondsMax = USUAL.sessionExpirySecondsMax();
    private int sessionsMax = 10_000;
    private int queueMessagesMax = USUAL.queueMessagesMax();
    private long queueBytesMax = 32 << 20;
    private int retainedMessagesMax = 100_000;
    private long retainedBytesMax = 64 << 20;
    private int maximumQoS = USUAL.maximumQoS();
    private boolean retainAvailable = true;
    private boolean wildcardSubscriptionAvailable = true;
    private boolean sharedSubscriptionAvailable = true;
    private boolean subscriptionIdentifierAvailable = true;

    /**
     * Sets one by its name in {@link Limits}; what is available is 1 or 0.
     *
     * @throws IllegalArgumentException for another name, or a number that is not whole
     */
    public void set(String name, double value) {
        if (value != Math.floor(value) || Math.abs(value) > 1e15) {
            throw new IllegalArgumentException(name + " must be a whole number");
        }
        long whole = (long) value;
        int number = (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, whole));
        switch (name) {
            case "packetBytesMax" -> packetBytesMax = number;
            case "receiveMaximum" -> receiveMaximum = number;
            case "inflightMax" -> inflightMax = number;
            case "topicAliasMaximum" -> topicAliasMaximum = number;
            case "keepAliveSecondsMax" -> keepAliveSecondsMax = number;
            case "sessionExpirySecondsMax" -> sessionExpirySecondsMax = whole;
            case "sessionsMax" -> sessionsMax = number;
            case "queueMessagesMax" -> queueMessagesMax = number;
            case "queueBytesMax" -> queueBytesMax = whole;
            case "retainedMessagesMax" -> retainedMessagesMax = number;
            case "retainedBytesMax" -> retainedBytesMax = whole;
            case "maximumQoS" -> maximumQoS = number;
            case "retainAvailable" -> retainAvailable = whole != 0;
            case "wildcardSubscriptionAvailable" -> wildcardSubscriptionAvailable = whole != 0;
            case "sharedSubscriptionAvailable" -> sharedSubscriptionAvailable = whole != 0;
            case "subscriptionIdentifierAvailable" -> subscriptionIdentifierAvailable = whole != 0;
            default -> throw new IllegalArgumentException("there is no limit " + name);
        }
    }

    /** @throws IllegalArgumentException naming what is out of its range */
    public Limits limits() {
        return new Limits(
                packetBytesMax,
                receiveMaximum,
                inflightMax,
                topicAliasMaximum,
                USUAL.topicAliasMaximumOutbound(),
                keepAliveSecondsMax,
                sessionExpirySecondsMax,
                sessionsMax,
                USUAL.subscriptionsPerSessionMax(),
                USUAL.topicLevelsMax(),
                queueMessagesMax,
                queueBytesMax,
                Math.max(queueBytesMax, 128 << 20),
                retainedMessagesMax,
                retainedBytesMax,
                maximumQoS,
                retainAvailable,
                wildcardSubscriptionAvailable,
                sharedSubscriptionAvailable,
                subscriptionIdentifierAvailable,
                USUAL.clientIdentifierBytesMax(),
                USUAL.connectSeconds(),
                // Others want their turn sooner where one thread draws the page, too.
                4_096,
                USUAL.mailboxMessagesMax(),
                USUAL.mailboxBytesMax(),
                USUAL.revealNotAuthorized(),
                USUAL.responseInformation(),
                USUAL.messageSecondsMax(),
                USUAL.queueFull(),
                USUAL.fairUse());
    }
}
