// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClientPageTest {
    /** One word more in it and what somebody publishes may run in the browser of who reads it. */
    @Test
    void runsOnlyWhatCameWithIt() {
        assertThat(PageHeaders.WITHOUT_WASM.get("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self';", "require-trusted-types-for 'script'")
                .doesNotContain("unsafe", "*", "http");
    }

    /** A form that is sent without the page's script would put the password into the address. */
    @Test
    void sendsNoForm() {
        assertThat(PageHeaders.WITHOUT_WASM.get("Content-Security-Policy")).contains("form-action 'none'");
    }

    @Test
    void isShownInNoFrame() {
        assertThat(PageHeaders.WITHOUT_WASM.get("Content-Security-Policy")).contains("frame-ancestors 'none'");
    }
}
