// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a bridge of a tab's broker owes to JavaScript: who it is for the server. */
@Execution(ExecutionMode.SAME_THREAD)
class TabBridgeIT {
    /** In the page: home and far, two brokers, and a bridge from the one to the other. */
    private static final String BEGIN =
            """
            async () => {
                const { addBridge, CourtierBroker, messagePort } = await import('/courtier/courtier.js');
                window.home = await CourtierBroker.open({ name: 'home' });
                window.far = await CourtierBroker.open({ name: 'far', store: 'memory' });
                window.bridge = await addBridge(home, {
                    name: 'up',
                    topics: [{ filter: 'up/#', direction: 'out', qos: 1 }],
                    transport: messagePort(() => far.createPort()),
                });
            }
            """;

    private static ModuleFiles files;
    private static Chromium chromium;
    private Tab browser;

    @BeforeAll
    static void serve() throws Exception {
        files = new ModuleFiles();
        chromium = Chromium.launch();
    }

    @AfterAll
    static void end() {
        chromium.close();
        files.close();
    }

    @BeforeEach
    void open() {
        browser = chromium.tab();
    }

    @AfterEach
    void close() {
        browser.close();
    }

    private static Page visit(Tab profile) {
        Page page = profile.page();
        page.navigate(files.url("/chromium-door/empty.html"));
        page.evaluate(BEGIN);
        return page;
    }

    /** Who the bridge of the browser's only tab is for the server. */
    private static String clientId(Tab profile) {
        Page page = visit(profile);
        page.waitForFunction("() => bridge.state === 'connected'");
        String client = (String) page.evaluate("() => far.clients()[0].client");
        page.evaluate("() => home.close()");
        return client;
    }

    /** Else the server would take the second browser for the first that came again, and throw that out. */
    @Test
    void isAClientOfTheServerThatNoOtherBrowserIs() {
        try (Tab other = chromium.tab()) {
            assertThat(clientId(other)).isNotEqualTo(clientId(browser));
        }
    }

    /** Else what the server kept for it would come to nobody. */
    @Test
    void isTheSameClientOfTheServerAtTheNextVisit() {
        assertThat(clientId(browser)).isEqualTo(clientId(browser));
    }
}
