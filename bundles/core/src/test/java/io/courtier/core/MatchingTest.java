// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.QoS;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The three trees against the naive answer: ask every filter. */
class MatchingTest {
    private static final String[] LEVELS = {"a", "b", "", "$s", "c"};

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    private String topic() {
        StringBuilder topic = new StringBuilder(LEVELS[random.nextInt(LEVELS.length)]);
        for (int i = random.nextInt(4); i > 0; i--) topic.append('/').append(LEVELS[random.nextInt(LEVELS.length)]);
        return topic.isEmpty() ? "a" : topic.toString();
    }

    private TopicFilter filter() {
        while (true) {
            StringBuilder filter = new StringBuilder();
            for (String level : topic().split("/", -1)) {
                filter.append(filter.isEmpty() ? "" : "/").append(random.nextInt(3) == 0 ? "+" : level);
            }
            if (random.nextInt(4) == 0) filter.append("/#");
            TopicFilter parsed = TopicFilter.parse(random.nextInt(20) == 0 ? "#" : filter.toString());
            if (parsed != null) return parsed;
        }
    }

    private static ApplicationMessage message(String topic, String payload) {
        return new ApplicationMessage(
                TopicName.of(topic),
                payload.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                QoS.AT_MOST_ONCE,
                true,
                Properties.NONE,
                null,
                ApplicationMessage.NEVER);
    }

    @Test
    void theTreeAndTheRoutesFindWhomTheFiltersMatch() {
        TestHost host = new TestHost(3, Limits.DEFAULT);
        List<Subscription> all = new ArrayList<>();
        for (int step = 0; step < 3_000; step++) {
            if (all.size() < 60 && random.nextInt(3) > 0) {
                Shard shard = host.shards[random.nextInt(3)];
                String client = "c" + random.nextInt(10) + "-" + shard.index();
                Session session =
                        shard.session(client) == null ? shard.newSession(client, false) : shard.session(client);
                Subscription subscription =
                        new Subscription(session, filter(), SubscriptionOptions.of(QoS.of(random.nextInt(3))), 0);
                Subscription before = session.subscribe(subscription);
                all.remove(before);
                all.add(subscription);
            } else if (!all.isEmpty()) {
                Subscription gone = all.remove(random.nextInt(all.size()));
                assertThat(gone.session.unsubscribe(gone.filter.toString())).isTrue();
            }
            TopicName topic = TopicName.of(topic());
            long shards = 0;
            Map<Session, Integer> expected = new HashMap<>();
            for (Subscription subscription : all) {
                if (!subscription.filter.matches(topic)) continue;
                shards |= 1L << subscription.session.shard.index();
                expected.merge(
                        subscription.session, subscription.options.maximumQoS().value(), Math::max);
            }
            assertThat(host.routes.match(topic).shards())
                    .as("%s, seed %d", topic, seed)
                    .isEqualTo(shards);
            Map<Session, Integer> found = new HashMap<>();
            for (Shard shard : host.shards) {
                for (Recipient recipient : shard.tree().match(topic)) {
                    assertThat(found.put(recipient.session(), recipient.maximumQoS()))
                            .as("once, seed %d", seed)
                            .isNull();
                }
            }
            assertThat(found).as("%s, seed %d", topic, seed).isEqualTo(expected);
        }
        for (Subscription left : all) left.session.unsubscribe(left.filter.toString());
        assertThat(host.routes.match(TopicName.of("a/b")).shards()).isZero();
    }

    @Test
    void theRetainedMessagesAreThoseThatAFilterMatches() {
        RetainedMessages retained = new RetainedMessages(1_000, Long.MAX_VALUE, null);
        Map<String, ApplicationMessage> model = new HashMap<>();
        for (int step = 0; step < 3_000; step++) {
            String topic = topic();
            ApplicationMessage message = message(topic, random.nextInt(3) == 0 ? "" : "x");
            retained.put(message);
            if (message.payload().length == 0) model.remove(topic);
            else model.put(topic, message);
            assertThat(retained.size()).as("seed %d", seed).isEqualTo(model.size());
            TopicFilter filter = filter();
            Set<ApplicationMessage> expected = new HashSet<>();
            for (ApplicationMessage kept : model.values()) if (filter.matches(kept.topic())) expected.add(kept);
            assertThat(retained.match(filter))
                    .as("%s, seed %d", filter, seed)
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void nothingIsLostWhenManyThreadsChangeTheSharedTables() throws InterruptedException {
        Routes routes = new Routes();
        RetainedMessages retained = new RetainedMessages(100_000, Long.MAX_VALUE, null);
        int threads = 4;
        CountDownLatch begin = new CountDownLatch(1);
        List<Thread> running = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int shard = t;
            Thread thread = new Thread(() -> {
                try {
                    begin.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int i = 0; i < 5_000; i++) {
                    // All add and remove below the same levels, which come and go with them.
                    TopicFilter filter = TopicFilter.of("x/" + i % 7 + "/" + shard);
                    routes.add(filter, shard);
                    retained.put(message("x/" + i % 7 + "/" + shard, "p"));
                    if (i < 4_990) {
                        routes.remove(filter, shard);
                        retained.put(message("x/" + i % 7 + "/" + shard, ""));
                    }
                }
            });
            thread.start();
            running.add(thread);
        }
        begin.countDown();
        for (Thread thread : running) thread.join();
        assertThat(retained.size()).isEqualTo(threads * 7);
        assertThat(retained.match(TopicFilter.of("#"))).hasSize(threads * 7);
        for (int t = 0; t < threads; t++) {
            for (int i = 0; i < 7; i++) {
                assertThat(routes.match(TopicName.of("x/" + i + "/" + t)).shards())
                        .isEqualTo(1L << t);
            }
        }
    }
}
