// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.courtier.clients.Lane;
import io.courtier.conformance.Client;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.UserProperty;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tab's broker remembers in a real Chromium, and what it says of itself. */
@ResourceLock(Lane.PAGES)
class TabHistoryIT {
    private static ModuleFiles files;
    private static Tab tab;

    @BeforeAll
    static void open() throws Exception {
        files = new ModuleFiles();
        tab = Tab.open();
    }

    @AfterAll
    static void close() {
        try {
            tab.close();
        } finally {
            files.close();
        }
    }

    private static Page page() {
        Page page = tab.another();
        page.navigate(files.url(ChromiumDoor.PAGE));
        page.waitForFunction("() => globalThis.door");
        return page;
    }

    private static Client connected(ChromiumDoor door, String name) {
        Client client = new Client(door, ProtocolVersion.V5);
        assertThat(client.connect(name, true).reason()).isEqualTo(ReasonCode.SUCCESS);
        return client;
    }

    private static Publish expectPast(Client client, String payload) {
        Publish past = client.expectMessage();
        assertThat(Client.payload(past)).isEqualTo(payload);
        assertThat(past.properties().userProperties()).contains(new UserProperty("replayed", "true"));
        return past;
    }

    @ParameterizedTest
    @ValueSource(strings = {"wasm", "js"})
    void theBrokerOfAnotherTabReplaysWhatWasPublishedToTheOneBefore(String runtime) {
        ChromiumDoor before = ChromiumDoor.remembering(page(), "replays-" + runtime, runtime);
        Client publisher = connected(before, "p");
        for (int i = 1; i <= 10; i++) publisher.publishAndWait("t", "" + i, QoS.of(i % 3), false);
        before.close();
        ChromiumDoor after = ChromiumDoor.remembering(page(), "replays-" + runtime, runtime);
        Client client = connected(after, "c");
        Properties wish = Properties.builder().userProperty("replay-last", "5").build();
        client.subscribe("#", SubscriptionOptions.of(QoS.AT_LEAST_ONCE), wish);
        for (int i = 6; i <= 10; i++) {
            assertThat(expectPast(client, "" + i).qos()).isEqualTo(QoS.of(Math.min(i % 3, 1)));
        }
        connected(after, "q").publishAndWait("t", "11", QoS.AT_LEAST_ONCE, false);
        Publish live = client.expectMessage();
        assertThat(Client.payload(live)).isEqualTo("11");
        assertThat(live.properties().userProperties()).isEmpty();
        client.expectNothing();
        after.close();
    }

    @Test
    void whatTheBrokerCountsIsPublishedEverySoOften() {
        Page page = page();
        ChromiumDoor door = ChromiumDoor.remembering(page, "counts", "wasm");
        page.evaluate("() => door.brokers.get('counts').startSysTopics(10)");
        Client client = connected(door, "c");
        client.subscribe("$SYS/broker/clients/connected", QoS.AT_MOST_ONCE);
        assertThat(client.expectPayload()).isEqualTo("0");
        client.expectNothing();
        door.advance(Duration.ofSeconds(10));
        assertThat(client.expectPayload()).isEqualTo("1");
        page.evaluate("() => door.brokers.get('counts').stopSysTopics()");
        assertThat(client.expectPayload()).isEmpty();
        door.advance(Duration.ofSeconds(30));
        client.expectNothing();
        door.close();
    }
}
