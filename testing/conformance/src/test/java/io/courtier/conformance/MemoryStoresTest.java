// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionStore;
import io.courtier.store.RetainStoreContract;
import io.courtier.store.SessionStoreContract;
import org.junit.jupiter.api.Nested;

/** The stores in memory promise what those in files do. */
class MemoryStoresTest {
    @Nested
    class Sessions extends SessionStoreContract {
        private MemoryStores stores = new MemoryStores();

        @Override
        protected SessionStore open() {
            return stores.stores().sessions();
        }

        @Override
        protected void sync() {
            stores.sync();
        }

        @Override
        protected void close(SessionStore store) {
            stores = stores.afterCrash(1);
        }
    }

    @Nested
    class Retained extends RetainStoreContract {
        private MemoryStores stores = new MemoryStores();

        @Override
        protected RetainStore open() {
            return stores.stores().retained();
        }

        @Override
        protected void sync() {
            stores.sync();
        }

        @Override
        protected void close(RetainStore store) {
            stores = stores.afterCrash(1);
        }
    }
}
