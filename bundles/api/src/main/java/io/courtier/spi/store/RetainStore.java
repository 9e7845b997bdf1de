// SPDX-License-Identifier: Apache-2.0
package io.courtier.spi.store;

import io.courtier.protocol.ApplicationMessage;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;

/** Keeps the last retained message of each topic. */
@ConsumerType
public interface RetainStore extends DurableLog {
    /** Gives every message that is kept, in any order, before anything is appended. */
    void replay(Consumer<ApplicationMessage> visitor);

    /**
     * A message takes the place of its topic's last; one with an empty payload takes that away. Never waits; safe from any
     * thread. Gives its position.
     */
    long append(ApplicationMessage message);
}
