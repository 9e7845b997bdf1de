// SPDX-License-Identifier: Apache-2.0
package io.courtier.crash;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionStore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A planted bug: all is durable as soon as it is appended, it says, and so the broker acknowledges what is not written. */
final class EarlyStore implements SessionStore {
    private final SessionStore store;

    EarlyStore(SessionStore store) {
        this.store = store;
    }

    @Override
    public long durablePosition() {
        return Long.MAX_VALUE;
    }

    @Override
    public void onDurable(Runnable task) {
        store.onDurable(task);
    }

    @Override
    public @Nullable Trouble trouble() {
        return store.trouble();
    }

    @Override
    public void replay(Visitor visitor) {
        store.replay(visitor);
    }

    @Override
    public long append(SessionRecord record) {
        return store.append(record);
    }

    @Override
    public void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer) {
        store.read(positions, answer);
    }
}
