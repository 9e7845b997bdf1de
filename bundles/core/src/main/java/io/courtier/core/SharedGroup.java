// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

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

    int size() {
        return members.size();
    }

    /** The next member that can take a message now, or null where none can. */
    @Nullable
    Subscription pick(int qos) {
        int n = members.size();
        for (int i = 0; i < n; i++) {
            turn = turn + 1 < n ? turn + 1 : 0;
            Subscription member = members.get(turn);
            if (member.session.canTakeNow(
                    Math.min(qos, member.options.maximumQoS().value()))) return member;
        }
        return null;
    }

    /** The next member in whose queue a message may wait, or null where there is no member. */
    @Nullable
    Subscription pickForQueue() {
        int n = members.size();
        if (n == 0) return null;
        turn = turn + 1 < n ? turn + 1 : 0;
        return members.get(turn);
    }
}
