// SPDX-License-Identifier: Apache-2.0
package io.courtier.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.courtier.api.RefusedClient;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.transport.ConnectionInfo;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What becomes of who had too much: one line each, and an entry in the list of refused clients. */
class LoggedEventsTest {
    private static final ConnectionInfo INFO = new ConnectionInfo("t", "tcp", "10.0.0.7", 1, true, null);
    private static final ConnectionInfo OTHER = new ConnectionInfo("t", "tcp", "10.0.0.8", 1, true, null);

    private final LoggedEvents events = new LoggedEvents();

    private static String logged(Runnable what) {
        PrintStream before = System.err;
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        System.setErr(new PrintStream(lines, true, StandardCharsets.UTF_8));
        try {
            what.run();
        } finally {
            System.setErr(before);
        }
        return lines.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aStormIsALineAtItsBeginningAndOneAtItsEndHoweverManyComeBetween() {
        String log = logged(() -> {
            events.stormBegan("pump", INFO, OTHER, 5, 10);
            for (int i = 0; i < 100; i++) events.refusedInStorm("pump", INFO, ReasonCode.SERVER_BUSY, "storm");
            events.stormEnded("pump", 100);
        });
        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines().findFirst().orElseThrow())
                .contains("client=pump", "more than 5 take-overs in 10 s", "address=10.0.0.7", "stays=10.0.0.8");
        assertThat(log).contains("refused=100");
        assertThat(events.refused()).hasSize(100);
    }

    @Test
    void whoIsPausedIsALineAndWhoIsDisconnectedHasItsOwn() {
        String log = logged(() -> {
            events.limited("pump", INFO, "too much", false);
            events.limited("drill", INFO, "too much", true);
        });
        assertThat(log.lines()).hasSize(1);
        assertThat(log).contains("client=pump paused why=\"too much\"", "address=10.0.0.7");
        assertThat(events.refused())
                .extracting(RefusedClient::clientIdentifier, RefusedClient::reason)
                .containsExactly(
                        tuple("drill", ReasonCode.MESSAGE_RATE_TOO_HIGH),
                        tuple("pump", ReasonCode.MESSAGE_RATE_TOO_HIGH));
    }

    @Test
    void theListOfTheRefusedHasAnEnd() {
        String log = logged(() -> {
            for (int i = 0; i < 1_000; i++) events.refused("c" + i, INFO, ReasonCode.CONNECTION_RATE_EXCEEDED, "often");
        });
        assertThat(log.lines().count()).as("and so have its lines").isLessThan(100);
        assertThat(events.refused()).hasSize(500);
        assertThat(events.refused().get(0).clientIdentifier()).isEqualTo("c999");
    }
}
