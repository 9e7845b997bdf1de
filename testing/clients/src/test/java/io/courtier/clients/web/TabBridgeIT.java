// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.courtier.clients.Lane;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What a bridge of a tab's broker owes to JavaScript: who it is for the server, and what it counts. */
@ResourceLock(Lane.LAB)
class TabBridgeIT {
    /** In the page: home, a broker with these options, far, another, and home's bridge to it, which gets through where it may. */
    private static final String BEGIN =
            """
            async ([options, isThere]) => {
                const { addBridge, CourtierBroker, CourtierClient, messagePort } = await import('/courtier/courtier.js');
                Object.assign(window, { CourtierClient, messagePort, isThere });
                window.home = await CourtierBroker.open({ name: 'home', ...options });
                window.far = await CourtierBroker.open({ name: 'far', store: 'memory' });
                window.bridge = await addBridge(home, {
                    name: 'up',
                    topics: [{ filter: 'up/#', direction: 'out', qos: 1 }],
                    reconnect: { first: true, initialDelay: 20, maxDelay: 20 },
                    transport: messagePort(() => {
                        if (!window.isThere) throw new Error('nobody is there');
                        return far.createPort();
                    }),
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

    private static Page visit(Tab profile, Map<String, ?> options, boolean there) {
        Page page = profile.page();
        page.navigate(files.url("/chromium-door/empty.html"));
        page.evaluate(BEGIN, List.of(options, there));
        return page;
    }

    /** Who the bridge of the browser's only tab is for the server. */
    private static String clientId(Tab profile) {
        Page page = visit(profile, Map.of(), true);
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

    @Test
    void countsAsDroppedWhatItsBrokerHadNoRoomForWhileTheServerWasAway() {
        Page page = visit(browser, Map.of("store", "memory", "limits", Map.of("queueMessagesMax", 10)), false);
        page.waitForFunction("() => home.clients().some(({ subscriptions }) => subscriptions === 1)");
        page.evaluate(
                """
                async () => {
                    const client = new CourtierClient({ transport: messagePort(() => home.createPort()) });
                    await client.connect();
                    for (let i = 0; i < 300; i++) await client.publish('up/x', String(i), { qos: 1 });
                    window.isThere = true;
                }
                """);
        page.waitForFunction("() => home.clients().every(({ queued, inflight }) => queued + inflight === 0)");
        int out = (int) page.evaluate("() => bridge.counts.out");
        assertThat(out).isBetween(10, 299);
        assertThat(page.evaluate("() => bridge.counts.dropped")).isEqualTo(300 - out);
    }
}
