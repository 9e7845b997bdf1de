// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.spi.transport.OutboundBytes;

/** Whether a connection is read: as long as there is no reason against it. */
final class Reading {
    /** Why a connection is not read for the moment. */
    enum Obstacle {
        /** An authenticator is thinking. */
        AUTHENTICATION,
        /** A shard that the client may publish to has more waiting than it should. */
        CONGESTION,
        /** Many answers to the client wait until they are durable. */
        STORE,
        /** The client leaves more answers unread than anybody should. */
        UNREAD_ANSWERS,
        /** The client or its user has published more than its rate allows. */
        RATE
    }

    private final OutboundBytes out;
    private int obstacles;

    Reading(OutboundBytes out) {
        this.out = out;
    }

    /** Stops reading for this reason. False: it had stopped for it already. */
    boolean stop(Obstacle why) {
        if (isStoppedBy(why)) return false;
        if (obstacles == 0) out.readable(false);
        obstacles |= bit(why);
        return true;
    }

    /** This reason is no more: reads on, unless there is another. */
    void goOn(Obstacle why) {
        if (!isStoppedBy(why)) return;
        obstacles &= ~bit(why);
        if (obstacles == 0) out.readable(true);
    }

    boolean isStoppedBy(Obstacle why) {
        return (obstacles & bit(why)) != 0;
    }

    private static int bit(Obstacle why) {
        return 1 << why.ordinal();
    }
}
