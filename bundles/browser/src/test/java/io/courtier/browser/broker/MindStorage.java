// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionRecords;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The object stores of a browser, in the mind: what was put is there when the test says that it was committed. */
final class MindStorage implements TabStorage {
    private final Map<String, byte[]> retained = new LinkedHashMap<>();
    private final TreeMap<Long, byte[]> log = new TreeMap<>();
    private final TreeMap<Long, byte[]> messages = new TreeMap<>();
    final TreeMap<Long, byte[]> history = new TreeMap<>();
    private final List<Map.Entry<Long, byte[]>> image = new ArrayList<>();
    private long folded;
    private long next = 1;

    private List<Runnable> batch = new ArrayList<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private final Map<Long, byte[]> unsaved = new TreeMap<>();
    private long asked = 1;
    int images;

    @Override
    public void message(long position, byte[] record) {
        unsaved.put(position, record);
        batch.add(() -> messages.put(position, record));
    }

    @Override
    public void log(long position, byte[] record) {
        batch.add(() -> log.put(position, record));
    }

    @Override
    public void retained(String topic, byte @Nullable [] message) {
        batch.add(() -> {
            if (message == null) retained.remove(topic);
            else retained.put(topic, message);
        });
    }

    @Override
    public void history(long position, byte[] record) {
        batch.add(() -> history.put(position, record));
    }

    @Override
    public void forgetHistory(long position) {
        batch.add(() -> history.remove(position));
    }

    @Override
    public void image(long upTo, long[] positions, byte[][] records, long[] needed) {
        images++;
        batch.add(() -> {
            image.clear();
            for (int i = 0; i < positions.length; i++) image.add(Map.entry(positions[i], records[i]));
            log.headMap(upTo, true).clear();
            Set<Long> kept = new HashSet<>();
            for (long each : needed) kept.add(each);
            messages.headMap(upTo, true).keySet().removeIf(each -> !kept.contains(each));
            folded = upTo;
        });
    }

    @Override
    public void commit(long ticket) {
        waiting.addAll(batch);
        batch = new ArrayList<>();
        asked = ticket;
    }

    @Override
    public void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer) {
        @Nullable ApplicationMessage[] found = new ApplicationMessage[positions.length];
        for (int i = 0; i < found.length; i++) {
            byte[] record = messages.getOrDefault(positions[i], unsaved.get(positions[i]));
            if (record != null)
                found[i] = ((SessionRecord.Stored) SessionRecords.read(record, 0, record.length)).message();
        }
        answer.accept(found);
    }

    /** The transaction completes. */
    long complete() {
        waiting.forEach(Runnable::run);
        waiting.clear();
        next = asked;
        return asked;
    }

    /** How many things are kept. */
    int size() {
        return retained.size() + log.size() + messages.size() + image.size();
    }

    /** The stores of another tab that opens the same database, after whatever was not committed is gone. */
    TabStores open() {
        batch = new ArrayList<>();
        waiting.clear();
        unsaved.clear();
        TabStores stores = new TabStores(this);
        image.forEach(each -> stores.loaded(each.getKey(), each.getValue()));
        TreeMap<Long, byte[]> behind = new TreeMap<>(log.tailMap(folded, false));
        behind.putAll(messages.tailMap(folded, false));
        behind.forEach(stores::loaded);
        retained.values().forEach(stores::kept);
        stores.begin(next);
        return stores;
    }
}
