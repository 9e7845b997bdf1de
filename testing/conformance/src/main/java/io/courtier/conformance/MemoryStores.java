// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.core.Stores;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.StoredMessages;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionRecords;
import io.courtier.spi.store.SessionStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stores on a disk that exists in the mind only. What was appended is durable when {@link #sync} says so; what a broker
 * leaves behind that ends at once is what was durable, and as much of the rest as chance wants.
 */
public final class MemoryStores {
    private final Log sessions;
    private final Log retained;

    public MemoryStores() {
        this(new Log(List.of()), new Log(List.of()));
    }

    private MemoryStores(Log sessions, Log retained) {
        this.sessions = sessions;
        this.retained = retained;
    }

    public Stores stores() {
        return new Stores(new Sessions(), new Retained());
    }

    /** Makes all that was appended durable. False: it was. */
    public boolean sync() {
        boolean moved = sessions.sync();
        return retained.sync() || moved;
    }

    /**
     * The stores as the next broker finds them.
     *
     * @param chance 0 to 1: how much of what was not durable is there
     */
    public MemoryStores afterCrash(double chance) {
        return new MemoryStores(sessions.afterCrash(chance), retained.afterCrash(chance));
    }

    /** From now on new things are refused for this reason; null: no more. */
    public void trouble(DurableLog.@Nullable Trouble trouble) {
        sessions.trouble = trouble;
        retained.trouble = trouble;
    }

    private static class Log {
        final List<byte[]> records;
        volatile int durable;
        volatile DurableLog.@Nullable Trouble trouble;

        Log(List<byte[]> records) {
            this.records = new ArrayList<>(records);
            durable = records.size();
        }

        /** Positions begin at 1. */
        synchronized long append(ByteBuilder record) {
            records.add(java.util.Arrays.copyOf(record.array(), record.length()));
            return records.size();
        }

        synchronized byte[] at(long position) {
            return records.get((int) position - 1);
        }

        synchronized boolean sync() {
            boolean moved = durable < records.size();
            durable = records.size();
            return moved;
        }

        synchronized Log afterCrash(double chance) {
            return new Log(records.subList(0, durable + (int) ((records.size() - durable) * chance)));
        }
    }

    private abstract static class Durable implements DurableLog {
        private final Log log;

        Durable(Log log) {
            this.log = log;
        }

        @Override
        public long durablePosition() {
            return log.durable + 1L;
        }

        @Override
        public void onDurable(Runnable task) {
            // Whoever calls sync tells the shards.
        }

        @Override
        public @Nullable Trouble trouble() {
            return log.trouble;
        }
    }

    private final class Sessions extends Durable implements SessionStore {
        Sessions() {
            super(sessions);
        }

        @Override
        public void replay(Visitor visitor) {
            // Half of it folded, as a store that runs for long has it.
            SessionImage image = new SessionImage();
            int half = sessions.records.size() / 2;
            for (int i = 1; i <= half; i++) image.record(i, record(i));
            image.replay(visitor);
            for (int i = half + 1; i <= sessions.records.size(); i++) visitor.record(i, record(i));
        }

        private SessionRecord record(long position) {
            byte[] bytes = sessions.at(position);
            return SessionRecords.read(bytes, 0, bytes.length);
        }

        @Override
        public long append(SessionRecord record) {
            ByteBuilder bytes = new ByteBuilder(128);
            SessionRecords.write(record, bytes);
            return sessions.append(bytes);
        }

        @Override
        public void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer) {
            @Nullable ApplicationMessage[] found = new ApplicationMessage[positions.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = record(positions[i]) instanceof SessionRecord.Stored stored ? stored.message() : null;
            }
            answer.accept(found);
        }
    }

    private final class Retained extends Durable implements RetainStore {
        Retained() {
            super(retained);
        }

        @Override
        public void replay(Consumer<ApplicationMessage> visitor) {
            Map<TopicName, ApplicationMessage> last = new LinkedHashMap<>();
            for (byte[] bytes : retained.records) {
                ApplicationMessage message = StoredMessages.read(bytes, 0, bytes.length, null);
                if (message.payload().length == 0) last.remove(message.topic());
                else last.put(message.topic(), message);
            }
            last.values().forEach(visitor);
        }

        @Override
        public long append(ApplicationMessage message) {
            ByteBuilder bytes = new ByteBuilder(128);
            StoredMessages.write(message, bytes);
            return retained.append(bytes);
        }
    }
}
