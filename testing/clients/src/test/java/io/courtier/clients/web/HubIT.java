// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.courtier.clients.Cable;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.clients.Patience;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Unmodified MQTT.js in many tabs, over the hub: one connection to the server. Each test has a profile of its own. */
@ExtendWith(LabList.Passed.class)
@ResourceLock(Lane.LAB)
class HubIT {
    @RegisterExtension
    static final Lab LAB = new Lab();

    private Cable cable;
    private final List<Page> pages = new ArrayList<>();

    @BeforeEach
    void open() {
        cable = new Cable(LAB.port());
    }

    @AfterEach
    void close() {
        try {
            LAB.closeTab();
        } finally {
            cable.close();
        }
    }

    /** Connects another tab; what it receives is in got, "topic=payload", with r behind a retained one. */
    private Page connect(String options) {
        Page page = LAB.next();
        pages.add(page);
        page.setDefaultTimeout(20_000);
        page.navigate("http://localhost:" + cable.port() + "/lab/hub/");
        page.waitForFunction("() => window.courtier && window.mqtt");
        page.evaluate(
                """
                async given => {
                    const hub = courtier.createHub();
                    window.got = [];
                    window.client = mqtt.connect(document.getElementById('broker-url').value, {
                        createWebsocket: url => (window.socket = hub(url)), reconnectPeriod: 50, timerVariant: 'native', ...JSON.parse(given) });
                    client.on('message', (topic, payload, packet) => got.push(topic + '=' + payload + (packet.retain ? ' r' : '')));
                    await new Promise(connected => client.once('connect', connected));
                }
                """,
                options);
        return page;
    }

    private static void subscribe(Page page, String filter) {
        page.evaluate("filter => client.subscribeAsync(filter, { qos: 2 })", filter);
        ChannelTab.await(
                page,
                "async filter => { const { upstream, subscribed } = await socket.about();"
                        + " return upstream === 'connected' && subscribed.includes(filter); }",
                filter);
    }

    private static void publish(Page page, String topic, String payload, String options) {
        page.evaluate(
                "([topic, payload, options]) => client.publishAsync(topic, payload, JSON.parse(options))",
                List.of(topic, payload, options));
    }

    @SuppressWarnings("unchecked")
    private static List<String> got(Page page) {
        return (List<String>) page.evaluate("() => got");
    }

    private static void awaitGot(Page page, int count) {
        page.waitForFunction("count => got.length >= count", count);
    }

    @Test
    @DisplayName("hub: ten tabs have one connection, and each hears each message once, wherever it comes from")
    void tenTabsShareOneConnection() {
        for (int i = 0; i < 10; i++) connect("{\"clientId\":\"ten-" + i + "\"}");
        for (Page page : pages) subscribe(page, "ten/#");
        try (Peer peer = Peer.of(LAB.broker(), "ten/#")) {
            for (int qos = 0; qos < 3; qos++) {
                publish(pages.get(qos), "ten/tab", "from tab " + qos, "{\"qos\":" + qos + "}");
                peer.says("ten/peer", ("from outside " + qos).getBytes(), qos, false);
            }
            peer.awaitHeard(6);
            publish(pages.get(9), "ten/end", "end", "{\"qos\":1}");
            for (Page page : pages) {
                page.waitForFunction("() => got.includes('ten/end=end') && got.length >= 7");
                assertThat(got(page))
                        .containsExactlyInAnyOrder(
                                "ten/tab=from tab 0",
                                "ten/tab=from tab 1",
                                "ten/tab=from tab 2",
                                "ten/peer=from outside 0",
                                "ten/peer=from outside 1",
                                "ten/peer=from outside 2",
                                "ten/end=end");
            }
            assertThat(peer.textsUntilNow("ten/peer"))
                    .containsExactlyInAnyOrder(
                            "from tab 0",
                            "from tab 1",
                            "from tab 2",
                            "end",
                            "from outside 0",
                            "from outside 1",
                            "from outside 2");
        }
        List<String> clients = LAB.broker().courtier("shell", "courtier:clients");
        assertThat(clients).filteredOn(line -> line.contains("hub-")).hasSize(1);
        assertThat(clients).noneMatch(line -> line.contains("ten-"));
        assertThat(LAB.tab().sockets).isEmpty();
    }

    @Test
    @DisplayName("hub: subscriptions that are the same, or within another, are one at the server")
    void sharesSubscriptions() {
        Page one = connect("{}");
        Page two = connect("{}");
        for (String filter : List.of("same/a", "same/+", "other/x")) subscribe(one, filter);
        for (String filter : List.of("same/a", "same/#")) subscribe(two, filter);
        // What the wider one covers is given back behind its SUBACK.
        ChannelTab.await(one, "async () => (await socket.about()).filters.sort().join() === 'other/x,same/#'", null);
        try (Peer peer = Peer.of(LAB.broker())) {
            peer.says("same/a", "once");
            peer.says("other/x", "end");
            one.waitForFunction("() => got.includes('other/x=end')");
            awaitGot(two, 1);
            assertThat(got(two)).containsExactly("same/a=once");
            assertThat(got(one)).containsExactly("same/a=once", "other/x=end");
        }
        two.evaluate("() => client.unsubscribeAsync('same/#')");
        ChannelTab.await(one, "async () => (await socket.about()).filters.sort().join() === 'other/x,same/+'", null);
        two.close();
        one.evaluate("() => client.unsubscribeAsync(['same/+', 'same/a', 'other/x'])");
        ChannelTab.await(one, "async () => (await socket.about()).filters.length === 0", null);
    }

    @Test
    @DisplayName("hub: a late tab has the retained message, and nobody has it twice")
    void tellsLateTabsWhatIsRetained() {
        try (Peer peer = Peer.of(LAB.broker())) {
            peer.says("kept/a", "first".getBytes(), 1, true);
            Page one = connect("{}");
            subscribe(one, "kept/+");
            awaitGot(one, 1);
            Page two = connect("{}");
            subscribe(two, "kept/a");
            awaitGot(two, 1);
            assertThat(got(two)).containsExactly("kept/a=first r");
            Page three = connect("{}");
            subscribe(three, "kept/#");
            awaitGot(three, 1);
            peer.says("kept/a", "second".getBytes(), 1, true);
            for (Page page : List.of(one, two, three)) {
                awaitGot(page, 2);
                assertThat(got(page).get(1)).isEqualTo("kept/a=second");
            }
            // Nobody listens: what the server has now is what the next one gets.
            for (Page page : List.of(two, three)) page.close();
            one.evaluate("() => client.unsubscribeAsync('kept/+')");
            ChannelTab.await(one, "async () => (await socket.about()).filters.length === 0", null);
            peer.says("kept/a", "third".getBytes(), 1, true);
            one.evaluate("() => { got.length = 0; }");
            subscribe(one, "kept/a");
            awaitGot(one, 1);
            publish(one, "kept/a", "end", "{\"qos\":1}");
            awaitGot(one, 2);
            assertThat(got(one)).hasSize(2).first().asString().startsWith("kept/a=third");
        }
    }

    @Test
    @DisplayName(
            "hub: the will of a closed tab reaches the other tabs and the server; that of one that disconnects does not")
    void firesTheWillOfAClosedTab() {
        Page one = connect("{}");
        subscribe(one, "will/#");
        Page gone = connect("{\"will\":{\"topic\":\"will/closed\",\"payload\":\"gone\",\"qos\":1}}");
        Page polite = connect("{\"will\":{\"topic\":\"will/polite\",\"payload\":\"never\",\"qos\":1}}");
        Page crashed = connect("{\"will\":{\"topic\":\"will/crashed\",\"payload\":\"gone\",\"qos\":1}}");
        try (Peer peer = Peer.of(LAB.broker(), "will/#")) {
            polite.evaluate("() => client.endAsync()");
            gone.close();
            LAB.tab().forgive("crash");
            try {
                crashed.navigate("chrome://crash");
            } catch (RuntimeException expected) {
                // That is what it is for.
            }
            awaitGot(one, 2);
            assertThat(got(one)).containsExactlyInAnyOrder("will/closed=gone", "will/crashed=gone");
            peer.awaitHeard(2);
            assertThat(peer.textsUntilNow("will/end")).containsExactly("gone", "gone");
        }
    }

    @Test
    @DisplayName("hub: while the server is away tabs stay connected, and QoS 1 and 2 wait")
    void keepsTabsThroughACut() {
        LAB.tab().forgive("WebSocket connection");
        Page one = connect("{}");
        Page two = connect("{}");
        subscribe(two, "cut/#");
        try (Peer peer = Peer.of(LAB.broker(), "cut/#")) {
            one.evaluate("() => { window.closes = 0; client.on('close', () => closes++); }");
            for (int i = 0; i < 40; i++) {
                publish(one, "cut/" + i % 2, "no " + i, "{\"qos\":" + (1 + i % 2) + "}");
                if (i % 10 == 5) cable.cut();
            }
            peer.awaitHeard(40);
            awaitGot(two, 40);
            publish(one, "cut/end", "end", "{\"qos\":2}");
            peer.awaitHeard(41);
            awaitGot(two, 41);
            List<String> all = peer.texts();
            assertThat(all.stream().distinct().count()).isEqualTo(41);
            assertThat(all.stream()
                            .filter(text -> text.matches("no \\d*[13579]"))
                            .count())
                    .as("those of QoS 2")
                    .isEqualTo(20);
            assertThat(got(two)).hasSize(41).doesNotHaveDuplicates();
            assertThat(one.evaluate("closes")).isEqualTo(0);
        }
    }

    /** More than the hub's client for the server may hold: the rest stays with the hub's broker, and keeps its turn. */
    @Test
    @DisplayName("hub: nothing is lost of what is too much to wait for the server, and it comes in order")
    void keepsWhatTheWayToTheServerHasNoRoomFor() {
        Page one = connect("{}");
        subscribe(one, "elsewhere");
        try (Peer peer = Peer.of(LAB.broker(), "much/#")) {
            cable.cutForLonger();
            ChannelTab.await(one, "async () => (await socket.about()).upstream !== 'connected'", null);
            one.evaluate(
                    """
                    () => Promise.all(Array.from({ length: 25 }, (_, i) =>
                        client.publishAsync('much/' + i, String(i).padEnd(900_000), { qos: 1 })))
                    """);
            ChannelTab.await(one, "async () => (await socket.about()).up === 25", null);
            publish(one, "much/end", "end", "{\"qos\":1}");
            cable.mend();
            Patience.until("the last", () -> peer.heard.stream()
                    .anyMatch(message -> message.getTopic().toString().equals("much/end")));
            List<String> all = new ArrayList<>();
            for (int i = 0; i < 25; i++) all.add("" + i);
            all.add("end");
            assertThat(peer.texts().stream().map(String::strip)).containsExactlyElementsOf(all);
        }
    }

    @Test
    @DisplayName("hub: a frozen tab keeps its session, and has all of QoS 1 when it is back")
    void resumesAfterAFreeze() {
        Page one = connect("{\"keepalive\":1}");
        Page frozen = connect("{\"keepalive\":1,\"reschedulePings\":false}");
        subscribe(frozen, "frozen/#");
        var tools = LAB.tab().profile().newCDPSession(frozen);
        tools.send(
                "Page.setWebLifecycleState",
                com.google.gson.JsonParser.parseString("{\"state\":\"frozen\"}").getAsJsonObject());
        long begun = System.nanoTime();
        for (int i = 0; i < 50; i++) publish(one, "frozen/" + i, "x".repeat(20_000), "{\"qos\":1}");
        // Longer than one and a half keep-alives: the server of its own would have given it up.
        Patience.until("three keep-alives", () -> System.nanoTime() - begun > 3_000_000_000L);
        tools.send(
                "Page.setWebLifecycleState",
                com.google.gson.JsonParser.parseString("{\"state\":\"active\"}").getAsJsonObject());
        awaitGot(frozen, 50);
        assertThat(got(frozen)).hasSize(50).doesNotHaveDuplicates();
        assertThat(frozen.evaluate("client.connected")).isEqualTo(true);
    }

    @Test
    @DisplayName("hub: a shared subscription is refused, since only the server can share")
    void refusesSharedSubscriptions() {
        Page one = connect("{\"protocolVersion\":5}");
        assertThat(
                        one.evaluate(
                                "() => client.subscribeAsync('$share/team/x', { qos: 1 }).then(() => 'granted', error => error.message)"))
                .isEqualTo("Subscribe error: Shared Subscriptions not supported");
    }

    @Test
    @DisplayName("hub: the page shows what is in the worker")
    void showsThePage() {
        Page page = LAB.tab().page();
        page.navigate("http://localhost:" + cable.port() + "/lab/hub/");
        page.waitForFunction("() => window.courtier && window.mqtt");
        page.locator("#connect-btn").click();
        page.waitForFunction("() => courtier.state().state === 'connected'");
        page.locator("#subscribe-btn").click();
        page.waitForFunction("() => courtier.state().worker?.filters.includes('hub/#')");
        page.locator("#publish-payload").fill("<img src=x onerror=alert(1)>");
        page.locator("#publish-btn").click();
        page.waitForFunction("() => document.querySelectorAll('#messages li').length === 1");
        assertThat(page.locator("#messages .payload").textContent()).isEqualTo("<img src=x onerror=alert(1)>");
        assertThat(page.locator("#upstream-status").textContent()).isEqualTo("Server: connected");
    }

    @Test
    @DisplayName("SW-12: a bridge carries channels to the server and back, behind a prefix")
    void channelsAreBridgedToTheServer() {
        String prefix = House.unique("channels") + "/";
        Page page = LAB.next();
        page.navigate(LAB.page(""));
        Object seen = page.evaluate(
                """
                        async prefix => {
                            const { SharedWorkerClient } = await import('/lab/shared-worker/client.js');
                            const { CourtierClient, webSocket } = await import('/courtier/courtier.js');
                            const until = async what => { while (!what()) await new Promise(ok => setTimeout(ok, 10)); };
                            const url = 'ws://' + location.host + '/mqtt';
                            const server = new CourtierClient({ transport: webSocket(url) });
                            await server.connect();
                            const heard = [];
                            await server.subscribe(prefix + '#', { qos: 1 }, message => { heard.push(message.topic.slice(prefix.length) + '=' + message.text()); });
                            const bridged = new SharedWorkerClient('/lab/shared-worker/worker.js', { name: 'bridged', bridge: { url, prefix } });
                            const seen = [];
                            bridged.subscribe('down', data => seen.push(data));
                            await bridged.publish('up', { n: 1 });
                            await until(() => heard.includes('up={"n":1}'));
                            await server.publish(prefix + 'down', '"hello"', { qos: 1, retain: true });
                            await until(() => seen.length === 1);
                            await server.end();
                            bridged.disconnect();
                            return seen[0];
                        }""",
                prefix);
        assertThat(seen).isEqualTo("hello");
    }
}
