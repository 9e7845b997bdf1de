// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import static io.courtier.store.retained.internal.JournaledRetainedContractTest.open;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.journal.Disk;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.store.RetainStoreContract;
import io.courtier.store.SessionTraffic;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Messages by chance; remembers all of them, to say what is to be found. */
final class RetainedTraffic {
    private final Random random;
    private final TreeMap<Long, ApplicationMessage> appended = new TreeMap<>();

    RetainedTraffic(Random random) {
        this.random = random;
    }

    long append(JournaledRetained store, int count) {
        for (int i = 0; i < count; i++) {
            byte[] payload = new byte[random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(200)];
            random.nextBytes(payload);
            ApplicationMessage message = RetainStoreContract.message("topic/" + random.nextInt(60), payload);
            appended.put(store.append(message), message);
        }
        return appended.lastKey();
    }

    long store(JournaledRetained store, int count) throws InterruptedException {
        long last = append(store, count);
        CountDownLatch durable = new CountDownLatch(1);
        store.onDurable(() -> {
            if (store.durablePosition() > last) durable.countDown();
        });
        if (store.durablePosition() <= last) {
            assertThat(durable.await(10, TimeUnit.SECONDS)).isTrue();
        }
        return last;
    }

    /** What is to be kept of all before a position. */
    Map<String, byte[]> before(long position) {
        Map<String, byte[]> kept = new TreeMap<>();
        appended.headMap(position).values().forEach(message -> {
            if (message.payload().length == 0) kept.remove(message.topic().toString());
            else kept.put(message.topic().toString(), SessionTraffic.bytes(message));
        });
        return kept;
    }

    Map<String, byte[]> all() {
        return before(Long.MAX_VALUE);
    }

    /** What was not durable and is not there never happened. */
    void keepBefore(long position) {
        appended.tailMap(position, true).clear();
    }

    /** Starts on a disk, says that it has all that was durable, and nothing but a beginning of the rest; gives its end. */
    long assertKept(Disk disk, long durable) throws IOException {
        try (JournaledRetained store = open(disk)) {
            long end = store.durablePosition();
            assertThat(end).isGreaterThanOrEqualTo(durable);
            RetainStoreContract.assertSame(RetainStoreContract.replayed(store), before(end));
            return end;
        }
    }
}
