// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the sessions of a broker from what its store has kept, before the shards do anything else: all of it in one thread
 * of control, with every shard in a turn. First {@link #sessions}, then {@link #route} for each message in doubt; then
 * {@link #retainedAt} is awaited, then {@link #end} is called, then its position is awaited.
 */
public final class Restoration {
    private final Shard[] shards;
    private final SessionStore store;
    private final @Nullable RetainStore retainStore;
    private final SessionImage image = new SessionImage();
    private final Map<Session, SessionImage.Kept> restored = new HashMap<>();
    private final long retainedBefore;
    private long retainedAt = DurableLog.NOWHERE;

    public Restoration(Shard[] shards, Stores stores) {
        SessionStore sessions = stores.sessions();
        if (sessions == null) throw new IllegalArgumentException("no store for sessions");
        this.shards = shards;
        this.store = sessions;
        this.retainStore = stores.retained();
        retainedBefore = retainStore == null ? 0 : retainStore.durablePosition();
    }

    /** Makes the sessions, and gives the messages that not all of them may have. */
    public Collection<SessionImage.Doubt> sessions() {
        store.replay(image);
        for (SessionImage.Kept kept : image.sessions()) {
            Shard shard = shards[Shard.homeOf(kept.clientIdentifier, shards.length)];
            Session session = shard.restore(kept.clientIdentifier, kept.session);
            session.restore(kept);
            restored.put(session, kept);
        }
        return image.doubts();
    }

    /** Takes a message in doubt to those who do not have it. */
    public void route(SessionImage.Doubt doubt, ApplicationMessage stored) {
        ApplicationMessage message = stored.at(doubt.message());
        // Its retained copy was not durable, and so no later one of its topic was.
        if (message.retain() && retainStore != null && doubt.retainedAt() >= retainedBefore) {
            retainedAt = Math.max(retainedAt, shards[0].retained().put(message));
        }
        for (Shard shard : shards) {
            List<Recipient> missed = new ArrayList<>();
            for (Recipient recipient : shard.tree().match(message.topic())) {
                if (!doubt.given().contains(recipient.session().id())) missed.add(recipient);
            }
            shard.fanOut().deliverAll(message, missed);
        }
        for (SharedRoute group : shards[0].routes().match(message.topic()).groups()) {
            List<Subscription> members = new ArrayList<>();
            for (Shard shard : shards) {
                SharedGroup here = shard.tree().group(group.filter(), group.shareName());
                if (here != null) members.addAll(here.members());
            }
            Subscription member = memberFor(message, members, doubt);
            if (member != null) member.session.shard.fanOut().deliverAll(message, List.of(member.recipient));
        }
    }

    /** Who of a shared group is to have a message; null: one of them has it. */
    private static @Nullable Subscription memberFor(
            ApplicationMessage message, List<Subscription> members, SessionImage.Doubt doubt) {
        Subscription chosen = null;
        for (Subscription member : members) {
            if (doubt.given().contains(member.session.id())) return null;
            int qos = member.options.maximumQoS().value();
            if (chosen == null && member.session.outbox.canKeep(message, qos)) chosen = member;
        }
        return chosen == null && !members.isEmpty() ? members.get(0) : chosen;
    }

    /** Where messages were retained again: that must be durable before {@link #end}. */
    public long retainedAt() {
        return retainedAt;
    }

    /**
     * Lets what happened meanwhile happen: wills that are due are sent, sessions that have expired end. Gives a position that
     * must be durable before anybody is let in, or what was retained again might one day be taken for newer than it is.
     */
    public long end() {
        Collection<SessionImage.Doubt> doubts = image.doubts();
        long routedAt = DurableLog.NOWHERE;
        if (!doubts.isEmpty()) {
            long last = new ArrayList<>(doubts).get(doubts.size() - 1).message();
            routedAt = shards[0].log().append(new SessionRecord.Routed(-1, last));
        }
        restored.forEach((session, kept) -> {
            long leftMillis = kept.disconnectedMillis();
            if (leftMillis < 0) session.disconnected();
            else session.away(Math.max(0, (session.shard.turn().epochMillis() - leftMillis) / 1_000));
        });
        restored.clear();
        return routedAt;
    }

    /** How many sessions there are now. */
    public int count() {
        return image.sessions().size();
    }
}
