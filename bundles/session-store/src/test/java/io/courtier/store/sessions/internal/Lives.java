// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.sessions.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.journal.Disk;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionStore;
import io.courtier.store.SessionTraffic;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Steps that the tests of the session store share. */
final class Lives {
    private Lives() {}

    static JournaledSessions open(Disk disk) throws IOException {
        return JournaledSessions.open(disk, JournaledSessionsContractTest.SMALL, 1 << 20, 0);
    }

    static void await(SessionStore store, long position) throws InterruptedException {
        CountDownLatch durable = new CountDownLatch(1);
        store.onDurable(() -> {
            if (store.durablePosition() > position) durable.countDown();
        });
        if (store.durablePosition() > position) return;
        assertThat(durable.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Starts on a disk, says that it has all that was durable, and nothing but a beginning of the rest; gives its end. */
    static long assertKept(Disk disk, SessionTraffic traffic, long durable) throws IOException {
        try (JournaledSessions store = open(disk)) {
            long end = store.durablePosition();
            assertThat(end).isGreaterThanOrEqualTo(durable);
            assertThat(SessionTraffic.replayed(store)).isEqualTo(traffic.imageBefore(end));
            assertReadable(store, traffic.needed(end));
            return end;
        }
    }

    static void assertReadable(SessionStore store, TreeMap<Long, ApplicationMessage> needed) {
        long[] positions = needed.keySet().stream().mapToLong(each -> each).toArray();
        CompletableFuture<ApplicationMessage[]> answer = new CompletableFuture<>();
        store.read(positions, answer::complete);
        try {
            ApplicationMessage[] found = answer.get(10, TimeUnit.SECONDS);
            int at = 0;
            for (Map.Entry<Long, ApplicationMessage> entry : needed.entrySet()) {
                ApplicationMessage message = found[at++];
                assertThat(message).as("at " + entry.getKey()).isNotNull();
                assertThat(SessionTraffic.bytes(message)).isEqualTo(SessionTraffic.bytes(entry.getValue()));
            }
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
