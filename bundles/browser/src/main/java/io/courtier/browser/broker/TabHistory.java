// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.core.History;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.StoredMessages;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last messages of each topic, within bounds: so many of a topic, so many bytes of all, and so long. What goes beyond is
 * forgotten, the oldest first, and the storage is told.
 */
public final class TabHistory implements History {
    /** Before a message, when it was published. */
    private static final int TIME_BYTES = 8;

    /**
     * What is kept.
     *
     * @param filters of which topics; {@code #} is of all but those that begin with $
     * @param perTopicMax messages of one topic
     * @param bytesMax of all topics, by weight
     * @param secondsMax how long; 0: as long as there is room
     */
    public record Bounds(List<TopicFilter> filters, int perTopicMax, long bytesMax, long secondsMax) {
        /** Of every topic the last hundred, of the last day, in 16 MiB. */
        public static final Bounds DEFAULT = new Bounds(List.of(TopicFilter.of("#")), 100, 16 << 20, 86_400);

        public Bounds {
            filters = List.copyOf(filters);
            if (perTopicMax < 1 || bytesMax < 1 || secondsMax < 0) {
                throw new IllegalArgumentException("a history has room for one message of each topic at least");
            }
            for (TopicFilter filter : filters) {
                if (filter.isShared()) throw new IllegalArgumentException(filter + " is shared");
            }
        }
    }

    /** Where it outlives the tab. */
    public interface Storage {
        /** Keeps a record; gives its position, which is larger than all before. */
        long history(byte[] record);

        void forget(long position);
    }

    private record Kept(long position, ApplicationMessage message, long publishedAtMillis) {}

    private final Bounds bounds;
    private final Storage storage;
    /** By position: the oldest is the first. */
    private final Map<Long, Kept> all = new LinkedHashMap<>();

    private final Map<TopicName, ArrayDeque<Kept>> byTopic = new HashMap<>();
    private final ByteBuilder scratch = new ByteBuilder(256);
    private long bytes;

    public TabHistory(Bounds bounds, Storage storage) {
        this.bounds = bounds;
        this.storage = storage;
    }

    /** A record that the storage has, in the order of positions; what is beyond the bounds by now is forgotten. */
    public void loaded(long position, byte[] record) {
        long time = 0;
        for (int i = 0; i < TIME_BYTES; i++) time = time << 8 | record[i] & 0xFF;
        ApplicationMessage message = StoredMessages.read(record, TIME_BYTES, record.length - TIME_BYTES, null);
        if (isOf(message.topic())) add(new Kept(position, message, time));
        else storage.forget(position);
    }

    @Override
    public void published(ApplicationMessage message, long epochMillis) {
        forgetUntil(epochMillis);
        if (!isOf(message.topic()) || message.weight() > bounds.bytesMax()) return;
        scratch.clear();
        scratch.u32(epochMillis >>> 32).u32(epochMillis);
        StoredMessages.write(message, scratch);
        byte[] record = Arrays.copyOf(scratch.array(), scratch.length());
        add(new Kept(storage.history(record), message, epochMillis));
    }

    private boolean isOf(TopicName topic) {
        for (TopicFilter filter : bounds.filters()) if (filter.matches(topic)) return true;
        return false;
    }

    private void add(Kept kept) {
        ArrayDeque<Kept> its = byTopic.computeIfAbsent(kept.message().topic(), topic -> new ArrayDeque<>(2));
        its.add(kept);
        all.put(kept.position(), kept);
        bytes += kept.message().weight();
        Kept first = its.peek();
        if (its.size() > bounds.perTopicMax() && first != null) forget(first);
        while (bytes > bounds.bytesMax()) forgetOldest();
    }

    @Override
    public List<Past> recall(TopicFilter filter, int lastOfEachTopic, long sinceMillis, long nowMillis) {
        forgetUntil(nowMillis);
        List<Kept> found = new ArrayList<>();
        for (Map.Entry<TopicName, ArrayDeque<Kept>> each : byTopic.entrySet()) {
            if (!filter.matches(each.getKey())) continue;
            int of = 0;
            for (Iterator<Kept> last = each.getValue().descendingIterator(); last.hasNext() && of < lastOfEachTopic; ) {
                Kept kept = last.next();
                if (kept.publishedAtMillis() < sinceMillis) break;
                if (kept.message().isExpired(nowMillis)) continue;
                found.add(kept);
                of++;
            }
        }
        found.sort((one, other) -> Long.compare(one.position(), other.position()));
        List<Past> past = new ArrayList<>(found.size());
        for (Kept kept : found) past.add(new Past(kept.message(), kept.publishedAtMillis()));
        return past;
    }

    /** Forgets the older half by weight: something else needs the room. */
    public void halve() {
        long half = bytes / 2;
        while (bytes > half) forgetOldest();
    }

    /** How many messages there are. */
    public int size() {
        return all.size();
    }

    /** By weight. */
    public long bytes() {
        return bytes;
    }

    private void forgetUntil(long nowMillis) {
        if (bounds.secondsMax() == 0) return;
        long until = nowMillis - bounds.secondsMax() * 1_000;
        for (Kept oldest = oldest(); oldest != null && oldest.publishedAtMillis() < until; oldest = oldest()) {
            forget(oldest);
        }
    }

    private void forgetOldest() {
        Kept oldest = oldest();
        if (oldest != null) forget(oldest);
    }

    private @Nullable Kept oldest() {
        return all.isEmpty() ? null : all.values().iterator().next();
    }

    /** One that is the first of its topic. */
    private void forget(Kept kept) {
        TopicName topic = kept.message().topic();
        ArrayDeque<Kept> its = byTopic.get(topic);
        if (its != null) its.remove();
        if (its != null && its.isEmpty()) byTopic.remove(topic);
        all.remove(kept.position());
        bytes -= kept.message().weight();
        storage.forget(kept.position());
    }
}
