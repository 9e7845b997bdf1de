// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.TopicFilter;
import java.util.List;

/**
 * What was published, for those who come later and ask for it: see {@link ReplayWish}. A host that has none pays nothing. On
 * the shard's loop; what several shards share has to bear it.
 */
public interface History {
    /** A message of the past. */
    record Past(ApplicationMessage message, long publishedAtMillis) {}

    /** A message was published, at this time of the wall clock. */
    void published(ApplicationMessage message, long epochMillis);

    /**
     * What it has of the topics that a filter matches, in the order in which it was published, without what has expired.
     *
     * @param lastOfEachTopic no more than so many of each topic, the last ones
     * @param sinceMillis nothing that was published before
     */
    List<Past> recall(TopicFilter filter, int lastOfEachTopic, long sinceMillis, long nowMillis);
}
