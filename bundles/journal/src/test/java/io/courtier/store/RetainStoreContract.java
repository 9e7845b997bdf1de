// SPDX-License-Identifier: Apache-2.0
package io.courtier.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.TopicName;
import io.courtier.spi.store.RetainStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What every {@link RetainStore} promises. */
public abstract class RetainStoreContract extends StoreContract<RetainStore> {
    /** A message to be retained; an empty payload takes away what was. */
    public static ApplicationMessage message(String topic, byte[] payload) {
        return new ApplicationMessage(
                TopicName.of(topic), payload, QoS.AT_LEAST_ONCE, true, Properties.NONE, null, ApplicationMessage.NEVER);
    }

    /** What is kept, by topics. */
    public static Map<String, byte[]> replayed(RetainStore store) {
        Map<String, byte[]> found = new TreeMap<>();
        store.replay(message -> {
            assertThat(message.payload()).isNotEmpty();
            assertThat(found.put(message.topic().toString(), SessionTraffic.bytes(message)))
                    .as("twice: " + message.topic())
                    .isNull();
        });
        return found;
    }

    /** Says that these messages are kept and no others. */
    public static void assertSame(Map<String, byte[]> found, Map<String, byte[]> expected) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((topic, bytes) -> assertThat(found.get(topic)).isEqualTo(bytes));
    }

    private final Map<String, byte[]> expected = new TreeMap<>();

    private long append(ApplicationMessage message) {
        String topic = message.topic().toString();
        if (message.payload().length == 0) expected.remove(topic);
        else expected.put(topic, SessionTraffic.bytes(message));
        return store.append(message);
    }

    private void assertKept() throws Exception {
        reopen();
        assertSame(replayed(store), expected);
    }

    @Override
    long appendSomething() {
        return store.append(message("something", new byte[] {1}));
    }

    @Test
    void isEmptyInTheBeginning() {
        assertThat(replayed(store)).isEmpty();
    }

    @Test
    void keepsTheLastMessageOfEachTopic() throws Exception {
        append(message("a", new byte[] {1}));
        append(message("a/b", new byte[] {2}));
        await(append(message("a", new byte[] {3})));
        assertKept();
        await(append(message("a", new byte[] {4})));
        assertKept();
    }

    @Test
    void keepsNothingOfATopicThatWasCleared() throws Exception {
        append(message("a", new byte[] {1}));
        append(message("b", new byte[] {1}));
        await(append(message("a", new byte[0])));
        assertKept();
        await(append(message("b", new byte[0])));
        assertKept();
        assertThat(replayed(store)).isEmpty();
        await(append(message("b", new byte[] {5})));
        assertKept();
    }

    @Test
    void keepsAllThatAMessageHas() throws Exception {
        Properties properties = Properties.builder()
                .set(Property.CONTENT_TYPE, "text/plain")
                .set(Property.CORRELATION_DATA, new byte[] {0, -1})
                .userProperty("k", "v")
                .userProperty("k", "w")
                .build();
        for (QoS qos : QoS.values()) {
            append(new ApplicationMessage(
                    TopicName.of("qos/" + qos), new byte[] {0}, qos, true, properties, "who", 1_900_000_000_000L));
        }
        await(append(message("$SYS/x", new byte[] {0})));
        assertKept();
    }

    @Test
    void keepsTopicsAndPayloadsOfAnyLength() throws Exception {
        Random random = new Random(4);
        List<String> topics = new ArrayList<>(List.of("/", "ä", "äö", "\uD83D\uDE00/\uFFFD", "a/", "a//"));
        topics.add("x".repeat(65_535));
        for (int i = 0; i < 9; i++) topics.add("y".repeat(65_000) + i);
        long last = 0;
        int[] lengths = {1, 100, 32_000, 32_768, 65_536, 70_000, 1_500_000};
        for (int i = 0; i < topics.size(); i++) {
            byte[] payload = new byte[lengths[i % lengths.length]];
            random.nextBytes(payload);
            last = append(message(topics.get(i), payload));
        }
        await(last);
        assertKept();
        assertKept();
    }

    @Test
    void keepsWhatIsLeftOfManyChanges() throws Exception {
        Random random = new Random(5);
        for (int life = 0; life < 5; life++) {
            long last = 0;
            for (int i = 0; i < 400; i++) {
                byte[] payload = new byte[random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(300)];
                random.nextBytes(payload);
                last = append(message("t/" + random.nextInt(150), payload));
            }
            await(last);
            assertKept();
        }
        assertThat(expected).hasSizeGreaterThan(50);
    }

    @Test
    protected void givesTheSameAgain() throws Exception {
        await(append(message("a", new byte[] {1})));
        assertSame(replayed(store), expected);
        assertSame(replayed(store), expected);
    }
}
