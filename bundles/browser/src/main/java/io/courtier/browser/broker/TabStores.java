// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import io.courtier.core.Stores;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.StoredMessages;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionRecords;
import io.courtier.spi.store.SessionStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Both stores of a tab's broker, over a {@link TabStorage} that commits them together: one sequence of positions, one
 * transaction for a turn. What the storage has is given before the broker starts, by {@link #loaded} and {@link #kept}.
 */
public final class TabStores {
    /** Fewer records than these are not worth an image. */
    private static final int FOLD_FROM = 2_000;

    private record Loaded(long position, byte[] record) {}

    private final TabStorage storage;
    private final SessionImage image = new SessionImage();
    private final ByteBuilder scratch = new ByteBuilder(256);
    private List<Loaded> loaded = new ArrayList<>();
    private List<byte[]> kept = new ArrayList<>();
    private long next = 1;
    private long durable = 1;
    private long asked = 1;
    private int sinceImage;
    private int foldAt = FOLD_FROM;
    private DurableLog.@Nullable Trouble trouble;

    public TabStores(TabStorage storage) {
        this.storage = storage;
    }

    /** A record that the storage has: first those of its image, then log and messages behind it, by position. */
    public void loaded(long position, byte[] record) {
        loaded.add(new Loaded(position, record));
        next = Math.max(next, position + 1);
        asked = durable = next;
    }

    /** No record has a position as large as this one, whatever is left of them. */
    public void begin(long position) {
        next = Math.max(next, position);
        asked = durable = next;
    }

    /** A retained message that the storage has. */
    public void kept(byte[] message) {
        kept.add(message);
    }

    public Stores stores() {
        return new Stores(new Sessions(), new Retained());
    }

    /** Where history is kept, among all else. */
    public TabHistory.Storage history() {
        return new TabHistory.Storage() {
            @Override
            public long history(byte[] record) {
                long position = next++;
                storage.history(position, record);
                return position;
            }

            @Override
            public void forget(long position) {
                storage.forgetHistory(position);
            }
        };
    }

    /** Asks the storage to write what was put since the last time. */
    void endTurn() {
        if (asked == next) return;
        if (sinceImage >= foldAt) fold();
        asked = next;
        storage.commit(next);
    }

    private void fold() {
        List<Long> positions = new ArrayList<>();
        List<byte[]> records = new ArrayList<>();
        image.replay((position, record) -> {
            positions.add(position);
            records.add(bytes(record));
        });
        long[] at = new long[positions.size()];
        for (int i = 0; i < at.length; i++) at[i] = positions.get(i);
        storage.image(next - 1, at, records.toArray(new byte[0][]), image.messages());
        sinceImage = 0;
        foldAt = Math.max(FOLD_FROM, 4 * at.length);
    }

    /** What was put before a commit is durable. Ends a trouble. */
    public void committed(long ticket) {
        durable = Math.max(durable, ticket);
    }

    /** Nothing new is to be accepted; null: it is over. */
    public void trouble(@Nullable ReasonCode reason, String why) {
        trouble = reason == null ? null : new DurableLog.Trouble(reason, why);
    }

    private byte[] bytes(SessionRecord record) {
        scratch.clear();
        SessionRecords.write(record, scratch);
        return Arrays.copyOf(scratch.array(), scratch.length());
    }

    private abstract class Durable implements DurableLog {
        @Override
        public long durablePosition() {
            return durable;
        }

        @Override
        public void onDurable(Runnable task) {
            // The host tells the shard.
        }

        @Override
        public @Nullable Trouble trouble() {
            return trouble;
        }
    }

    private final class Sessions extends Durable implements SessionStore {
        @Override
        public void replay(Visitor visitor) {
            for (Loaded each : loaded) {
                SessionRecord record = SessionRecords.read(each.record(), 0, each.record().length);
                image.record(each.position(), record);
                visitor.record(each.position(), record);
            }
            sinceImage = loaded.size();
            loaded = List.of();
        }

        @Override
        public long append(SessionRecord record) {
            long position = next++;
            if (record instanceof SessionRecord.Stored) storage.message(position, bytes(record));
            else storage.log(position, bytes(record));
            image.record(position, record);
            sinceImage++;
            return position;
        }

        @Override
        public void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer) {
            storage.read(positions, answer);
        }
    }

    private final class Retained extends Durable implements RetainStore {
        @Override
        public void replay(Consumer<ApplicationMessage> visitor) {
            for (byte[] each : kept) visitor.accept(StoredMessages.read(each, 0, each.length, null));
            kept = List.of();
        }

        @Override
        public long append(ApplicationMessage message) {
            scratch.clear();
            byte[] bytes = null;
            if (message.payload().length > 0) {
                StoredMessages.write(message, scratch);
                bytes = Arrays.copyOf(scratch.array(), scratch.length());
            }
            storage.retained(message.topic().toString(), bytes);
            return next++;
        }
    }
}
