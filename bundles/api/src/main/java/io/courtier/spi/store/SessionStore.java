// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;

/** Keeps sessions that outlive their connections: a log of what happened to each. */
@ConsumerType
public interface SessionStore extends DurableLog {
    /** Gives the records from which every living session is made again, those of one session in their order. */
    void replay(Consumer<SessionRecord> visitor);

    /** Appends what happened; gives its position. */
    long append(SessionRecord record);
}
