// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.TopicFilter;

/**
 * How many members of one shared group each shard has. Immutable: a change makes another. The publisher's shard picks the
 * shard, and that shard the member. [MQTT-4.8.2-4]
 *
 * @param kept one of them is, or was, a session that outlives the broker
 */
record SharedRoute(TopicFilter filter, String shareName, int[] members, boolean kept) {
    SharedRoute with(int shard, int count, boolean keeps) {
        int[] changed = members.clone();
        changed[shard] = count;
        return new SharedRoute(filter, shareName, changed, kept || keeps);
    }

    int total() {
        int total = 0;
        for (int count : members) total += count;
        return total;
    }

    /** How many shards have members. */
    int shards() {
        int shards = 0;
        for (int count : members) if (count > 0) shards++;
        return shards;
    }

    /** The shard of the n-th member, counted through all shards and round again; -1 where there is none. */
    int shardOf(int n) {
        int total = total();
        if (total == 0) return -1;
        int rest = Math.floorMod(n, total);
        int shard = 0;
        while (rest >= members[shard]) rest -= members[shard++];
        return shard;
    }

    /** The next shard after this one, round again, that has a member. */
    int after(int shard) {
        for (int i = 1; i <= members.length; i++) {
            int next = (shard + i) % members.length;
            if (members[next] > 0) return next;
        }
        return shard;
    }
}
