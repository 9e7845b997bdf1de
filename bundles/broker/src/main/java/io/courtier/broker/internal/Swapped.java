// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.store.DurableLog;
import io.courtier.spi.store.RetainStore;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionStore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A store that may be replaced while the broker runs. Whoever needs it meanwhile waits, event loops too: for some seconds;
 * then nothing is promised any more until it is back. What the one before had, the one after has: they share their files.
 */
class Swapped<S extends DurableLog> implements DurableLog {
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(8);

    private final Trouble away;
    private final Object lock = new Object();
    private volatile @Nullable S current;
    private volatile Runnable onDurable = () -> {};
    private volatile long durable;
    private volatile long wentNanos = System.nanoTime() - WAIT_NANOS;

    Swapped(String what) {
        away = new Trouble(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, "there is no store for " + what);
    }

    /** A store came. */
    void came(S store) {
        store.onDurable(this::moved);
        synchronized (lock) {
            current = store;
            lock.notifyAll();
        }
        moved();
    }

    /** A store goes; another may have come before. */
    void went(S store) {
        synchronized (lock) {
            if (current != store) return;
            durable = Math.max(durable, store.durablePosition());
            current = null;
            wentNanos = System.nanoTime();
        }
    }

    boolean isThere() {
        return current != null;
    }

    private void moved() {
        onDurable.run();
    }

    /** Asks the store that is there, or that comes in time; again, if it went before it could answer. */
    final <T> T ask(Function<S, T> question) {
        while (true) {
            S store = await();
            try {
                return question.apply(store);
            } catch (IllegalStateException e) {
                if (current == store) throw e;
            }
        }
    }

    private S await() {
        S store = current;
        if (store != null) return store;
        long deadline = wentNanos + WAIT_NANOS;
        synchronized (lock) {
            while (current == null) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) throw new IllegalStateException(away.why());
                try {
                    lock.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(away.why(), e);
                }
            }
            return current;
        }
    }

    @Override
    public long durablePosition() {
        S store = current;
        return store == null ? durable : store.durablePosition();
    }

    @Override
    public void onDurable(Runnable task) {
        onDurable = task;
    }

    @Override
    public @Nullable Trouble trouble() {
        S store = current;
        if (store != null) return store.trouble();
        // While it is being replaced, who comes waits.
        return System.nanoTime() - wentNanos < WAIT_NANOS ? null : away;
    }

    static final class Sessions extends Swapped<SessionStore> implements SessionStore {
        Sessions() {
            super("sessions");
        }

        @Override
        public void replay(Visitor visitor) {
            ask(store -> {
                store.replay(visitor);
                return visitor;
            });
        }

        @Override
        public long append(SessionRecord record) {
            return ask(store -> store.append(record));
        }

        @Override
        public void read(long[] positions, Consumer<@Nullable ApplicationMessage[]> answer) {
            ask(store -> {
                store.read(positions, answer);
                return positions;
            });
        }
    }

    static final class Retained extends Swapped<RetainStore> implements RetainStore {
        Retained() {
            super("retained messages");
        }

        @Override
        public void replay(Consumer<ApplicationMessage> visitor) {
            ask(store -> {
                store.replay(visitor);
                return visitor;
            });
        }

        @Override
        public long append(ApplicationMessage message) {
            return ask(store -> store.append(message));
        }
    }
}
