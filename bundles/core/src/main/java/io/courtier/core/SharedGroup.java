// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members of one shared group in this shard, and whose turn it is. [MQTT-4.8.2-4] */
final class SharedGroup {
    final String shareName;
    private final List<Subscription> members = new ArrayList<>(2);
    private int turn;

    SharedGroup(String shareName) {
        this.shareName = shareName;
    }

    void add(Subscription member) {
        members.add(member);
    }

    void remove(Session session) {
        members.removeIf(member -> member.session == session);
    }

    List<Subscription> members() {
        return members;
    }

    int size() {
        return members.size();
    }

    /** The next member that can take a message now, or null where none can. */
    @Nullable
    Subscription pick(ApplicationMessage message) {
        int qos = message.qos().value();
        for (int i = members.size(); i > 0; i--) {
            Subscription member = next();
            if (member.session.outbox.canTakeNow(message, qosFor(member, qos))) return member;
        }
        return null;
    }

    /** The next member in whose queue a message may wait, or null where it may in none. */
    @Nullable
    Subscription pickForQueue(ApplicationMessage message) {
        int qos = message.qos().value();
        for (int i = members.size(); i > 0; i--) {
            Subscription member = next();
            if (member.session.outbox.canKeep(message, qosFor(member, qos))) return member;
        }
        return null;
    }

    /** The next member, whatever it can. There must be one. */
    Subscription next() {
        turn = turn + 1 < members.size() ? turn + 1 : 0;
        return members.get(turn);
    }

    private static int qosFor(Subscription member, int qos) {
        return Math.min(qos, member.options.maximumQoS().value());
    }
}
