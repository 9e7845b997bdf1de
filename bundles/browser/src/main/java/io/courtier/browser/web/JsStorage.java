// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.broker.TabStorage;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionRecords;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A storage that JavaScript provides. */
final class JsStorage implements TabStorage {
    private final JsTypes.Storage storage;

    JsStorage(JsTypes.Storage storage) {
        this.storage = storage;
    }

    @Override
    public void message(long position, byte[] record) {
        storage.message((double) position, Bytes.toJs(record));
    }

    @Override
    public void log(long position, byte[] record) {
        storage.log((double) position, Bytes.toJs(record));
    }

    @Override
    public void retained(String topic, byte @Nullable [] message) {
        storage.retained(topic, message == null ? null : Bytes.toJs(message));
    }

    @Override
    public void history(long position, byte[] record) {
        storage.history((double) position, Bytes.toJs(record));
    }

    @Override
    public void forgetHistory(long position) {
        storage.forgetHistory((double) position);
    }

    @Override
    public void image(long upTo, long[] positions, byte[][] records, long[] messages) {
        for (int i = 0; i < positions.length; i++) storage.imageRecord((double) positions[i], Bytes.toJs(records[i]));
        for (long message : messages) storage.imageMessage((double) message);
        storage.image((double) upTo);
    }

    @Override
    public void commit(long ticket) {
        storage.commit((double) ticket);
    }

    @Override
    public void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer) {
        @Nullable ApplicationMessage[] all = new ApplicationMessage[positions.length];
        int[] missing = {positions.length};
        if (positions.length == 0) answer.accept(all);
        JsTypes.Found found = (index, record) -> {
            if (record != null) all[index] = message(Bytes.toJava(record));
            if (--missing[0] == 0) answer.accept(all);
        };
        for (int i = 0; i < positions.length; i++) storage.read((double) positions[i], i, found);
    }

    private static @Nullable ApplicationMessage message(byte[] record) {
        return SessionRecords.read(record, 0, record.length) instanceof SessionRecord.Stored stored
                ? stored.message()
                : null;
    }
}
