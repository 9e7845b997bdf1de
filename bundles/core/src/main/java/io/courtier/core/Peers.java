// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.spi.transport.OutboundBytes;
import java.util.function.Consumer;

/** The other shards, and the way to them. */
public interface Peers {
    /** How many shards there are, this one included; at most 64. */
    int count();

    /**
     * Hands a batch to a shard's mailbox; it is never refused. The array is the receiver's from now on.
     *
     * @param bytes the weight of its messages together
     */
    void post(int shard, Object[] items, int length, long bytes);

    /** Whether more waits for a shard than should: publishers are to be read no further. */
    boolean isCongested(int shard);

    /** Moves a connection to another shard's loop; then runs there, in a turn. */
    void move(OutboundBytes out, int shard, Consumer<Shard> arrived);
}
