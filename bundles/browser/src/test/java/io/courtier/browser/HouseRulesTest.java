// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser;

import io.courtier.protocol.PureRoom;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Client and bridge are pure like the core: the page gives them time, chance and bytes, and they know nothing of JavaScript. */
class HouseRulesTest {
    private static final PureRoom PURE = new PureRoom("io.courtier.browser.client", "io.courtier.browser.bridge");

    @Test
    void knowNothingOfThreadsNorOfJavaScript() {
        PURE.usesOnly(
                Set.of(),
                "io.courtier.browser",
                "io.courtier.browser.client",
                "io.courtier.browser.bridge",
                "io.courtier.core",
                "io.courtier.protocol..");
    }

    @Test
    void readNoClockAndUseNothingThatABrowserDoesOtherwise() {
        PURE.callsNothingThatABrowserDoesOtherwise();
    }
}
