// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import io.courtier.protocol.PureRoom;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The room is pure: no thread, no clock, no socket, no future; and it looks downward only. */
class HouseRulesTest {
    private static final PureRoom CORE = new PureRoom("io.courtier.core");

    /** Of java.util.concurrent, what the shared tables are made of; the browser has these too. */
    private static final Set<String> CONCURRENT = Set.of(
            "java.util.concurrent.ConcurrentHashMap",
            "java.util.concurrent.ConcurrentMap",
            "java.util.concurrent.atomic.AtomicInteger",
            "java.util.concurrent.atomic.AtomicLong");

    @Test
    void usesTheRoomsBelowItAndWhatTheBrowserHasOfTheJdk() {
        CORE.usesOnly(CONCURRENT, "io.courtier.core", "io.courtier.api", "io.courtier.protocol..", "io.courtier.spi..");
    }

    @Test
    void readsNoClockAndWaitsForNobody() {
        CORE.callsNothingThatABrowserDoesOtherwise();
    }
}
