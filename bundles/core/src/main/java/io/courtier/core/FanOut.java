// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands a message to its recipients in this shard. A turn delivers no more than a slice; what is left goes on in the next,
 * and whatever comes meanwhile waits behind it, so that no message overtakes another. [MQTT-4.6.0-5]
 */
final class FanOut {
    private static final class Unfinished {
        final ApplicationMessage message;
        final Recipient[] recipients;
        int at;
        /** Instead of a message. */
        final @Nullable Runnable task;

        Unfinished(Runnable task) {
            this(Router.NOTHING, NOBODY, 0, task);
        }

        Unfinished(ApplicationMessage message, Recipient[] recipients, int at) {
            this(message, recipients, at, null);
        }

        private Unfinished(ApplicationMessage message, Recipient[] recipients, int at, @Nullable Runnable task) {
            this.message = message;
            this.recipients = recipients;
            this.at = at;
            this.task = task;
        }
    }

    private static final Recipient[] NOBODY = {};

    private final Shard shard;
    private final ArrayDeque<Unfinished> unfinished = new ArrayDeque<>();
    /** Deliveries left for this turn. */
    private int budget;

    FanOut(Shard shard) {
        this.shard = shard;
        beginTurn();
    }

    void beginTurn() {
        budget = shard.limits().fanOutSlice();
    }

    boolean isBusy() {
        return !unfinished.isEmpty();
    }

    void deliver(ApplicationMessage message, Recipient[] recipients) {
        if (recipients.length == 0) return;
        if (!unfinished.isEmpty()) {
            unfinished.add(new Unfinished(message, recipients, 0));
            if (unfinished.size() > shard.limits().mailboxMessagesMax()) shard.congested(shard.index());
            return;
        }
        int reached = run(message, recipients, 0);
        if (reached < recipients.length) {
            unfinished.add(new Unfinished(message, recipients, reached));
            shard.later(this::goOn);
        }
    }

    /** Runs a task when all that came before has been handed out. */
    void after(Runnable task) {
        if (unfinished.isEmpty()) task.run();
        else unfinished.add(new Unfinished(task));
    }

    private void goOn() {
        while (!unfinished.isEmpty()) {
            Unfinished next = unfinished.element();
            if (next.task != null) next.task.run();
            next.at = run(next.message, next.recipients, next.at);
            if (next.at < next.recipients.length) {
                shard.later(this::goOn);
                return;
            }
            unfinished.remove();
        }
        shard.roomIn(shard.index());
    }

    /** Delivers from a recipient on; gives the first that was not reached. */
    private int run(ApplicationMessage message, Recipient[] recipients, int from) {
        int to = Math.min(recipients.length, from + budget);
        budget -= to - from;
        Layouts layouts = shard.layouts(message);
        for (int i = from; i < to; i++) hand(message, recipients[i], layouts);
        return to;
    }

    /** Delivers to all of them at once: before the shard does anything else. */
    void deliverAll(ApplicationMessage message, List<Recipient> recipients) {
        Layouts layouts = shard.layouts(message);
        for (Recipient recipient : recipients) hand(message, recipient, layouts);
    }

    private static void hand(ApplicationMessage message, Recipient to, Layouts layouts) {
        Recipient recipient = to;
        if (recipient.noLocal() && recipient.session().clientIdentifier.equals(message.publisher())) {
            recipient = recipient.local();
            if (recipient == null) return;
        }
        int qos = Math.min(message.qos().value(), recipient.maximumQoS());
        boolean retain = message.retain() && recipient.retainAsPublished();
        try {
            recipient.session().outbox.deliver(message, qos, retain, recipient.matched(), layouts);
        } catch (RuntimeException bug) {
            // Neither the publisher nor the other recipients shall pay for it.
            recipient.session().broken(bug);
        }
    }
}
