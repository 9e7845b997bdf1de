// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.web;

import io.courtier.browser.Clock;
import io.courtier.core.RandomSource;

/** Time and chance of the page, in Java. */
final class JsPlatform {
    private JsPlatform() {}

    static Clock clock(JsTypes.Platform platform) {
        return new Clock() {
            @Override
            public long nanos() {
                return (long) (platform.now() * 1e6);
            }

            @Override
            public long epochMillis() {
                return (long) platform.epoch();
            }
        };
    }

    static RandomSource random(JsTypes.Platform platform) {
        return () -> (long) platform.random() << 32 | platform.random() & 0xFFFF_FFFFL;
    }
}
