// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.protocol.ApplicationMessage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a tab's broker keeps what is to outlive it. What is put between two commits becomes durable together, or not at all,
 * and in the order of the commits.
 */
public interface TabStorage {
    /** A message that sessions wait for, at its position. */
    void message(long position, byte[] record);

    /** Any other record of the sessions, at its position. */
    void log(long position, byte[] record);

    /** The last retained message of a topic; null: none. */
    void retained(String topic, byte @Nullable [] message);

    /** A message of the past, at its position. */
    void history(long position, byte[] record);

    /** The message of the past at a position is not needed any more. */
    void forgetHistory(long position);

    /**
     * Puts an image of the sessions in the place of every log record up to a position. Messages up to it go, but for those
     * that are named.
     *
     * @param positions of the records of the image, in their order
     * @param messages in ascending order
     */
    void image(long upTo, long[] positions, byte[][] records, long[] messages);

    /** Writes all of it. {@link TabStores#committed} is told the ticket when it is durable. */
    void commit(long ticket);

    /** Reads messages by position; null stands for what is not there. Answers once, in a turn of its own. */
    void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer);
}
