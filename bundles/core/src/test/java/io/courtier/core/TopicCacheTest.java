// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.TopicName;
import org.junit.jupiter.api.Test;

class TopicCacheTest {
    private final TopicCache cache = new TopicCache();

    private static TopicName topic(int i) {
        return TopicName.of("t/" + i);
    }

    @Test
    void findsATopicByItsBytesAgain() {
        byte[] bytes = topic(1).utf8();
        TopicName first = cache.topic(bytes, 0, bytes.length);
        TopicCache.Entry entry = cache.entry(topic(1));
        cache.entry(topic(2));
        assertThat(cache.topic(bytes, 0, bytes.length)).isSameAs(first);
        assertThat(cache.entry(topic(1))).isSameAs(entry);
    }

    @Test
    void forgetsEverythingWhenTheMatchesTogetherGrowTooLarge() {
        Recipient[] quarter = new Recipient[1 << 18];
        TopicCache.Entry first = cache.entry(topic(0));
        cache.matched(first, quarter, 7);
        for (int i = 1; i < 4; i++) cache.matched(cache.entry(topic(i)), quarter, 7);
        assertThat(cache.entry(topic(0))).as("just at the bound").isSameAs(first);
        TopicCache.Entry last = cache.entry(topic(4));
        cache.matched(last, quarter, 7);
        assertThat(last.recipients).isSameAs(quarter);
        assertThat(cache.entry(topic(0))).as("beyond it").isNotSameAs(first);
        assertThat(cache.entry(topic(4))).isSameAs(last);
    }

    @Test
    void aMatchThatIsReplacedGivesItsPlaceBack() {
        Recipient[] half = new Recipient[1 << 19];
        TopicCache.Entry kept = cache.entry(topic(0));
        for (int i = 1; i <= 20; i++) cache.matched(cache.entry(topic(1)), half, i);
        assertThat(cache.entry(topic(0))).isSameAs(kept);
    }
}
