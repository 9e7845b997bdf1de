// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.WebSocketRoute;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The lab's page with a client over WebSocket, and the broker that it came from. */
@ResourceLock(Lane.PAGES)
class LabWebSocketIT {
    @RegisterExtension
    static final Lab LAB = new Lab();

    private final String topic = House.unique("websocket");

    private LabTab page() {
        return LabTab.open(LAB.tab().page(), address());
    }

    private static String address() {
        return LAB.page("websocket/");
    }

    private static void unfold(LabTab lab) {
        lab.page().evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)");
    }

    @Test
    void connectsSubscribesPublishesAndLeaves() {
        LabTab lab = page();
        assertThat(lab.page().locator("#broker-url").inputValue()).isEqualTo("ws://localhost:" + LAB.port() + "/mqtt");
        lab.connect();
        assertThat(lab.page().locator("#connection-status").innerText()).isEqualTo("Connected");
        lab.subscribe(topic + "/#", 1).publish(topic + "/a", "hello", 1).awaitReceived(topic + "/a hello");
        Page page = lab.page();
        assertThat(page.locator("#messages li[data-dir=sent]").count()).isEqualTo(1);
        assertThat(page.locator("#messages li[data-dir=received]").count()).isEqualTo(1);
        page.locator("#subscriptions button").click();
        lab.until("s.subscriptions.length === 0").publish(topic + "/a", "again", 1);
        page.waitForFunction("() => document.querySelectorAll('#messages li[data-dir=sent]').length === 2");
        lab.disconnect();
        assertThat(lab.received()).containsExactly(topic + "/a hello");
        page.locator("#clear-messages").click();
        assertThat(page.locator("#messages li").count()).isZero();
        LabList.WS.saw("WS", "connected to its own origin, one row sent and one received, none after unsubscribing");
    }

    @Test
    void sendsAndShowsUserPropertiesAndRetain() {
        try (Peer peer = Peer.of(LAB.broker(), topic)) {
            LabTab lab = page();
            unfold(lab);
            lab.connect().subscribe(topic, 2);
            lab.fill("publish-properties", "unit: celsius\nunit: kelvin")
                    .page()
                    .locator("#publish-retain")
                    .check();
            lab.publish(topic, "21", 2).awaitReceived(topic + " 21");
            var heard = peer.awaitHeard(1).get(0);
            assertThat(heard.getUserProperties().asList())
                    .extracting(each -> each.getName() + "=" + each.getValue())
                    .containsExactly("unit=celsius", "unit=kelvin");
            assertThat(lab.page()
                            .locator("#messages li[data-dir=received] .facts")
                            .innerText())
                    .contains("unit: celsius, unit: kelvin");
            // Who subscribes anew is told what is retained.
            lab.page().locator("#subscriptions button").click();
            lab.until("s.subscriptions.length === 0").subscribe(topic, 1);
            lab.page().waitForSelector("#messages li[data-dir=received][data-retain=true]");
            peer.says(topic, new byte[0], 1, true);
        }
    }

    @Test
    void showsWhatIsNoTextAsBytesAndMarkupAsText() {
        try (Peer peer = Peer.of(LAB.broker())) {
            LabTab lab = page().connect().subscribe(topic, 1);
            peer.says(topic, new byte[] {(byte) 0xFF, 0, 16}, 1, false);
            lab.awaitReceived(topic + " ff 00 10");
            String markup = "<img src=x onerror=alert(1)>";
            peer.says(topic, markup.getBytes(StandardCharsets.UTF_8), 1, false);
            lab.awaitReceived(topic + " " + markup);
            assertThat(lab.page().locator("#messages img").count()).isZero();
            assertThat(LAB.tab().dialogs).isEmpty();
        }
    }

    @Test
    void aTabThatIsClosedLeavesItsWillOnceAndOneThatDisconnectsNone() {
        try (Peer peer = Peer.of(LAB.broker(), topic)) {
            LabTab lab = LabTab.open(LAB.tab().another(), address());
            unfold(lab);
            lab.fill("will-topic", topic).fill("will-payload", "gone").connect().disconnect();
            lab.connect();
            LAB.tab().forgive("crash");
            try {
                lab.page().navigate("chrome://crash");
            } catch (RuntimeException crashed) {
                // That is what it is for.
            }
            peer.awaitHeard(1);
            assertThat(peer.textsUntilNow(topic)).containsExactly("gone");
        }
        LabList.WS.saw("WS-9", "a tab that crashed left its will once, one that disconnected none");
    }

    @Test
    void connectsAgainByItselfAndSubscribesAgain() {
        List<WebSocketRoute> sockets = new CopyOnWriteArrayList<>();
        LAB.tab().page().routeWebSocket("**/mqtt", socket -> {
            socket.connectToServer();
            sockets.add(socket);
        });
        LabTab lab = page().connect().subscribe(topic, 1);
        sockets.get(0).close();
        lab.until("s.state === 'reconnecting'");
        assertThat(lab.page().locator("#connection-status").innerText()).startsWith("Reconnecting, attempt 1");
        lab.until("s.state === 'connected' && s.connections === 2");
        try (Peer peer = Peer.of(LAB.broker())) {
            lab.page().waitForFunction("() => courtier.publish('" + topic + "', 'mine', { qos: 1 })");
            lab.awaitReceived(topic + " mine");
            peer.says(topic, "back".getBytes(StandardCharsets.UTF_8), 1, false);
            lab.awaitReceived(topic + " back");
        }
        assertThat(lab.state("subscriptions")).isEqualTo(List.of(topic));
        LabList.WS.saw("WS-6", "the socket was cut: shown, connected again, subscribed again");
    }

    @Test
    void aSecondTabWithItsIdentifierTakesOverAndTheyDoNotFight() {
        LabTab first = page().fill("client-id", topic).connect();
        LabTab second = LabTab.open(LAB.tab().another(), address())
                .fill("client-id", topic)
                .connect();
        first.until("s.state === 'disconnected' && s.errors.length === 1");
        assertThat(first.said()).startsWith("Another client came with this client id");
        assertThat(second.state("state")).isEqualTo("connected");
        LabList.WS.saw("WS two tabs", "the first says that it was taken over, and stays away");
    }

    @Test
    void keepsItsIdentifierOverAReload() {
        LabTab lab = page().connect();
        Object identifier = lab.state("clientId");
        lab.page().reload();
        lab.ready();
        assertThat(lab.page().locator("#client-id").inputValue()).isEqualTo(identifier);
        lab.connect();
        assertThat(lab.state("clientId")).isEqualTo(identifier);
        LabList.WS.saw("WS-1", "made %s, and had it again after a reload", "its own client identifier");
    }

    @Test
    void saysWhatIsWrongWithAnAddress() {
        LAB.tab().forgive("WebSocket connection to");
        LabTab lab = page();
        lab.fill("broker-url", "ws://localhost:" + LAB.port() + "/nowhere").click("connect-btn");
        lab.page().waitForFunction("() => document.getElementById('errors').textContent.includes('refuses')");
        assertThat(lab.said()).endsWith("The server is there, but refuses this WebSocket.");
        lab.until("s.state === 'disconnected'")
                .fill("broker-url", "nonsense://here")
                .click("connect-btn");
        lab.page().waitForFunction("() => !document.getElementById('errors').textContent.includes('refuses')");
        lab.until("s.state === 'disconnected' && s.errors.length === 2");
        LabList.WS.saw("WS-7", "a refused WebSocket and a wrong address are told apart");
    }

    @Test
    void isNamedOnTheFirstPageWithAllOthers() {
        Page page = LAB.tab().page();
        page.navigate(LAB.page(""));
        Object links = page.evaluate("() => [...document.querySelectorAll('main a')].map(a => a.getAttribute('href'))");
        assertThat(links)
                .isEqualTo(List.of(
                        "message-port/",
                        "broadcast-channel/",
                        "shared-worker/example.html",
                        "hub/",
                        "websocket/",
                        "gallery/"));
    }
}
