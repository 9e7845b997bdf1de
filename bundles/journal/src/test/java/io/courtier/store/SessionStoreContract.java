// SPDX-License-Identifier: Apache-2.0
package io.courtier.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link SessionStore} promises. */
public abstract class SessionStoreContract extends StoreContract<SessionStore> {
    @Override
    long appendSomething() {
        return store.append(new SessionRecord.Started("something"));
    }

    static ApplicationMessage[] read(SessionStore store, long... positions) throws Exception {
        CompletableFuture<ApplicationMessage[]> answer = new CompletableFuture<>();
        store.read(positions, answer::complete);
        return answer.get(10, TimeUnit.SECONDS);
    }

    @Test
    void isEmptyInTheBeginning() {
        assertThat(SessionTraffic.replayed(store)).isEmpty();
    }

    @Test
    void givesBackWhatTheRecordsCameTo() throws Exception {
        SessionTraffic traffic = new SessionTraffic(new Random(3));
        for (int life = 0; life < 6; life++) {
            await(traffic.append(store, 150));
            reopen();
            assertThat(SessionTraffic.replayed(store)).isEqualTo(traffic.image());
        }
    }

    @Test
    void readsMessagesByTheirPositions() throws Exception {
        SessionTraffic traffic = new SessionTraffic(new Random(9));
        for (int life = 0; life < 3; life++) {
            await(traffic.append(store, 200));
            for (int again = 0; again < 2; again++) {
                var needed = traffic.needed(Long.MAX_VALUE);
                assertThat(needed).isNotEmpty();
                long[] positions =
                        needed.keySet().stream().mapToLong(each -> each).toArray();
                ApplicationMessage[] found = read(store, positions);
                for (int i = 0; i < positions.length; i++) {
                    assertThat(SessionTraffic.bytes(found[i]))
                            .isEqualTo(SessionTraffic.bytes(needed.get(positions[i])));
                }
                reopen();
            }
        }
    }

    @Test
    void readsNullWhereNoMessageWasStored() throws Exception {
        long session = store.append(new SessionRecord.Started("no message"));
        await(session);
        assertThat(read(store, session)).containsExactly((ApplicationMessage) null);
        assertThat(read(store)).isEmpty();
    }

    @Test
    void forgetsSessionsThatEnded() throws Exception {
        long session = store.append(new SessionRecord.Started("goes"));
        store.append(new SessionRecord.Connected(session, null, 10, null));
        long message = store.append(new SessionRecord.Stored(-1, 0, 0, 0, SessionTraffic.message(new Random(1))));
        store.append(new SessionRecord.Queued(session, message, 1, 100, 1, false, null, null));
        await(store.append(new SessionRecord.Ended(session)));
        reopen();
        assertThat(SessionTraffic.replayed(store)).isEmpty();
    }

    @Test
    void finishesMessagesWhoseNumbersBeginAnewAfterARestart() throws Exception {
        long session = store.append(new SessionRecord.Started("numbers"));
        store.append(new SessionRecord.Connected(session, null, 10, null));
        long message = store.append(new SessionRecord.Stored(-1, 0, 0, 0, SessionTraffic.message(new Random(1))));
        for (int number = 1; number <= 5; number++) {
            store.append(new SessionRecord.Queued(session, message, number, 100, 2, false, null, null));
            store.append(new SessionRecord.Finished(session, number));
        }
        await(message);
        sync();
        reopen();
        SessionImage image = new SessionImage();
        store.replay(image);
        // As a broker does: behind the last number that it was given.
        long next = image.sessions().iterator().next().waiting().lastNumber() + 1;
        store.append(new SessionRecord.Queued(session, message, next, 100, 2, false, null, null));
        store.append(new SessionRecord.Queued(session, message, next + 1, 100, 2, false, null, null));
        await(store.append(new SessionRecord.Finished(session, next)));
        reopen();
        SessionImage again = new SessionImage();
        store.replay(again);
        List<Long> waiting = new ArrayList<>();
        again.sessions().iterator().next().waiting().forEach(entry -> waiting.add(entry.number()));
        assertThat(waiting).containsExactly(next + 1);
    }

    @Test
    void keepsMessagesInDoubtUntilTheyAreRouted() throws Exception {
        long message = store.append(new SessionRecord.Stored(2, 0, 0, 0, SessionTraffic.message(new Random(1))));
        await(message);
        reopen();
        SessionImage image = new SessionImage();
        store.replay(image);
        assertThat(image.doubts()).extracting(SessionImage.Doubt::message).containsExactly(message);
        assertThat(read(store, message)[0]).isNotNull();
        await(store.append(new SessionRecord.Routed(2, message)));
        reopen();
        assertThat(SessionTraffic.replayed(store)).isEmpty();
    }

    @Test
    protected void takesRecordsFromManyThreads() throws Exception {
        TreeSet<Long> positions = new TreeSet<>();
        ConcurrentSkipListSet<Long> given = new ConcurrentSkipListSet<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int client = i;
            Thread thread = new Thread(() -> {
                long session = store.append(new SessionRecord.Started("thread-" + client));
                for (int j = 0; j < 200; j++) given.add(store.append(new SessionRecord.Received(session, j)));
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) thread.join(10_000);
        positions.addAll(given);
        assertThat(positions).hasSize(800);
        await(positions.last());
        sync();
        reopen();
        SessionImage image = new SessionImage();
        store.replay(image);
        assertThat(image.sessions()).hasSize(4).allMatch(kept -> kept.received().size() == 200);
    }
}
