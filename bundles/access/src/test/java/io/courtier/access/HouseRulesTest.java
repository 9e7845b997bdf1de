// SPDX-License-Identifier: Apache-2.0
package io.courtier.access;

import io.courtier.protocol.PureRoom;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The room is pure: no thread, no clock, no socket, no future; and it looks downward only. */
class HouseRulesTest {
    private static final PureRoom ACCESS = new PureRoom("io.courtier.access");

    @Test
    void usesTheRoomsBelowItAndWhatTheBrowserHasOfTheJdk() {
        ACCESS.usesOnly(Set.of(), "io.courtier.access", "io.courtier.protocol", "io.courtier.spi.auth");
    }

    @Test
    void readsNoClockAndWaitsForNobody() {
        ACCESS.callsNothingThatABrowserDoesOtherwise();
    }
}
