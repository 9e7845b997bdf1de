// SPDX-License-Identifier: Apache-2.0
package io.courtier.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.spi.store.DurableLog;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store promises, whatever it keeps. */
abstract class StoreContract<S extends DurableLog> {
    S store;

    /** Opens the store on what its last life left. */
    protected abstract S open() throws Exception;

    /** Ends the life of a store in order. */
    protected abstract void close(S store) throws Exception;

    /** Makes what was appended durable, where that does not happen by itself. */
    protected void sync() {}

    abstract long appendSomething();

    @BeforeEach
    void begin() throws Exception {
        store = open();
    }

    @AfterEach
    void end() throws Exception {
        close(store);
    }

    final void reopen() throws Exception {
        close(store);
        store = open();
    }

    /** Waits until all up to a position is durable. */
    final void await(long position) throws Exception {
        CountDownLatch durable = new CountDownLatch(1);
        store.onDurable(() -> {
            if (store.durablePosition() > position) durable.countDown();
        });
        sync();
        if (store.durablePosition() > position) return;
        assertThat(durable.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void nothingIsDurableAlways() {
        assertThat(store.durablePosition()).isGreaterThan(DurableLog.NOWHERE);
    }

    @Test
    void positionsGrowOverLives() throws Exception {
        long last = DurableLog.NOWHERE;
        for (int life = 0; life < 3; life++) {
            for (int i = 0; i < 20; i++) {
                long next = appendSomething();
                assertThat(next).isGreaterThan(last);
                last = next;
            }
            await(last);
            reopen();
            assertThat(store.durablePosition()).isGreaterThan(last);
        }
    }

    @Test
    void whatIsAppendedBecomesDurable() throws Exception {
        long position = appendSomething();
        await(position);
        assertThat(store.durablePosition()).isGreaterThan(position);
    }

    @Test
    void allIsWell() throws Exception {
        await(appendSomething());
        assertThat(store.trouble()).isNull();
    }
}
