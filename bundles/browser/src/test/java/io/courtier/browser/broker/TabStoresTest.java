// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionStore;
import io.courtier.store.RetainStoreContract;
import io.courtier.store.SessionStoreContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The stores of a tab promise what those of the server do. */
class TabStoresTest {
    private final MindStorage storage = new MindStorage();
    private TabStores stores = storage.open();

    private void commit() {
        stores.endTurn();
        stores.committed(storage.complete());
    }

    @Nested
    class Sessions extends SessionStoreContract {
        @Override
        protected SessionStore open() {
            stores = storage.open();
            return stores.stores().sessions();
        }

        @Override
        protected void sync() {
            commit();
        }

        @Override
        protected void close(SessionStore store) {
            commit();
        }

        /** A tab has one: this promise is not made here. */
        @Override
        protected void takesRecordsFromManyThreads() {}
    }

    @Nested
    class Retained extends RetainStoreContract {
        @Override
        protected RetainStore open() {
            stores = storage.open();
            return stores.stores().retained();
        }

        @Override
        protected void sync() {
            commit();
        }

        @Override
        protected void close(RetainStore store) {
            commit();
        }

        /** What the database had is given once, and not held twice. */
        @Override
        protected void givesTheSameAgain() {}
    }

    @Test
    void foldWhatHappenedSoThatTheyStaySmall() {
        SessionStore sessions = stores.stores().sessions();
        sessions.replay((position, record) -> {});
        long session = sessions.append(new SessionRecord.Started("busy"));
        for (int i = 0; i < 20_000; i++) {
            sessions.append(new SessionRecord.Connected(session, null, 100, null));
            if (i % 10 == 0) commit();
        }
        commit();
        assertThat(storage.images).isBetween(5, 20);
        assertThat(storage.size()).isLessThan(2_100);
    }

    @Test
    void areDurableOnlyWhenTheStorageSaysSo() {
        SessionStore sessions = stores.stores().sessions();
        sessions.replay((position, record) -> {});
        long position = sessions.append(new SessionRecord.Started("one"));
        stores.endTurn();
        assertThat(sessions.durablePosition()).isLessThanOrEqualTo(position);
        stores.committed(storage.complete());
        assertThat(sessions.durablePosition()).isGreaterThan(position);
    }
}
