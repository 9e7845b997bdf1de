// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import io.courtier.protocol.ApplicationMessage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keeps sessions that outlive their connections, as a log of what happened to them. What a log comes to is {@link
 * SessionImage}; a store may forget every record that its image does not need.
 */
@ConsumerType
public interface SessionStore extends DurableLog {
    /**
     * Gives the records from which all living sessions are made again, in an order in which each has its meaning, with the
     * positions they were appended at. To be called once, before anything is appended.
     */
    void replay(Visitor visitor);

    /** Appends what happened. Never waits; safe from any thread. Gives its position. */
    long append(SessionRecord record);

    /**
     * Reads messages that were {@link SessionRecord.Stored} at these positions. Answers once, on a thread of the store's; null
     * stands for one that could not be read. Safe from any thread.
     */
    void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer);

    /** Takes what {@link #replay} gives. */
    interface Visitor {
        void record(long position, SessionRecord record);
    }
}
