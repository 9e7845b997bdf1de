// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Tabs whose connections a service worker has: MP-1 to MP-12 of the requirements for browsers. */
@ResourceLock(Lane.LAB)
class MessagePortIT {
    @RegisterExtension
    static final Lab LAB = new Lab();

    private final String topic = House.unique("mp");

    private LabTab another() {
        return LabTab.open(LAB.next(), LAB.page("message-port/")).until("s.worker === 'ready'");
    }

    /** Ends all service workers, as the browser does when they were idle. */
    private static void endWorkers(Page page) {
        CDPSession devtools = page.context().newCDPSession(page);
        devtools.send("ServiceWorker.enable");
        devtools.send("ServiceWorker.stopAllWorkers");
        devtools.detach();
    }

    @Test
    void doesWhatItsAuthorDescribed() {
        LabTab first = another();
        assertThat(first.page().locator("#sw-status").innerText()).isEqualTo("Ready");
        assertThat(first.page().locator("#sw-status").getAttribute("data-kind")).isEqualTo("module");
        first.connect();
        assertThat(first.page().locator("#connection-status").innerText())
                .isEqualTo("Connected (Tab " + first.id() + ")");
        LabTab second = another();
        assertThat(second.id()).isNotEqualTo(first.id());
        second.connect();
        first.subscribe(topic + "/#", 1);
        second.subscribe(topic + "/#", 1);
        first.publish(topic + "/a", "to both", 1);
        first.awaitReceived(topic + "/a to both");
        second.awaitReceived(topic + "/a to both");
        first.click("disconnect-btn").until("s.state === 'disconnected'");
        second.publish(topic + "/b", "alone", 2).awaitReceived(topic + "/b alone");
        assertThat(first.received()).hasSize(1);
        second.page().locator("#subscriptions .unsubscribe").dispatchEvent("click");
        second.until("s.subscriptions.length === 0");
        LabList.MP.saw("MP-1", "module worker registered; status Not registered, Registered, Ready");
        LabList.MP.saw("MP-3", "two tabs, two connections: one disconnected, the other went on");
    }

    /** As browsers that run no modules as service workers do. */
    private static final String WITHOUT_MODULE_WORKERS =
            """
            const { register } = ServiceWorkerContainer.prototype;
            ServiceWorkerContainer.prototype.register = function (url, options) {
                if (options?.type === 'module') return Promise.reject(new TypeError('no modules for this'));
                return register.call(this, url, options);
            };
            """;

    @Test
    void isOneScriptWhereWorkersMayBeNoModules() {
        LAB.tab().profile().addInitScript(WITHOUT_MODULE_WORKERS);
        LabTab first = another();
        assertClassic(first);
        first.connect().subscribe(topic + "/#", 2);
        first.publish(topic + "/a", "before", 2).awaitReceived(topic + "/a before");
        endWorkers(first.page());
        first.page().evaluate("() => courtier.ping()");
        first.until("s.restarts >= 1 && s.state === 'connected'");
        first.publish(topic + "/a", "after", 2).awaitReceived(topic + "/a after");
        assertThat(first.received()).containsExactly(topic + "/a before", topic + "/a after");
        first.click("disconnect-btn").until("s.state === 'disconnected'");

        LAB.tab().profile().setOffline(true);
        LAB.tab().forgive("ERR_INTERNET_DISCONNECTED");
        first.page().reload();
        LabTab again = LabTab.of(first.page()).ready().until("s.worker === 'ready'");
        assertClassic(again);
        LAB.tab().profile().setOffline(false);
        again.connect();
        LabList.MP.saw(
                "MP-1 classic",
                "where registering a module is refused: %s, with the core compiled to %s; connected, subscribed, published, received,"
                        + " also after the worker was ended, and opened without a network",
                again.page().locator("#sw-status").innerText(),
                again.page().locator("#sw-status").getAttribute("data-runtime"));
    }

    private static void assertClassic(LabTab lab) {
        assertThat(lab.page().locator("#sw-status").getAttribute("data-kind")).isEqualTo("classic");
        assertThat(
                        lab.page()
                                .evaluate(
                                        "() => navigator.serviceWorker.ready.then(registration => registration.active.scriptURL)"))
                .asString()
                .endsWith("/lab/message-port/service-worker.classic.js");
    }

    @Test
    void speaksTheMessagesOfItsAuthor() {
        Page page = another().page();
        @SuppressWarnings("unchecked")
        List<String> types = (List<String>) page.evaluate(
                """
                async ([topic, url]) => {
                    const { active } = await navigator.serviceWorker.ready;
                    const channel = new MessageChannel();
                    const heard = [];
                    let told;
                    channel.port1.onmessage = ({ data }) => { heard.push(data.type); told?.(); };
                    const until = async type => { while (!heard.includes(type)) await new Promise(ok => told = ok); };
                    active.postMessage({ type: 'CONNECT_TAB', data: { tabId: document.getElementById('tab-id').textContent, clientId: 'seed', brokerUrl: url } }, [channel.port2]);
                    await until('CONNECTED');
                    channel.port1.postMessage({ type: 'SUBSCRIBE', data: { topic, qos: 0 } });
                    await until('SUBSCRIBED');
                    channel.port1.postMessage({ type: 'PUBLISH', data: { topic, payload: 'x' } });
                    await until('MESSAGE');
                    await until('PUBLISHED');
                    channel.port1.postMessage({ type: 'UNSUBSCRIBE', data: { topic } });
                    await until('UNSUBSCRIBED');
                    channel.port1.postMessage({ type: 'NONSENSE' });
                    await until('ERROR');
                    const answer = new MessageChannel();
                    const ready = new Promise(ok => answer.port1.onmessage = ({ data }) => ok(data.type));
                    active.postMessage({ type: 'INIT_WASM' }, [answer.port2]);
                    heard.push(await ready);
                    active.postMessage({ type: 'DISCONNECT_TAB', data: { tabId: document.getElementById('tab-id').textContent } });
                    return [...new Set(heard)];
                }""",
                List.of(topic, "ws://localhost:" + LAB.port() + "/mqtt"));
        assertThat(types)
                .contains("CONNECTED", "SUBSCRIBED", "PUBLISHED", "MESSAGE", "UNSUBSCRIBED", "ERROR", "WASM_READY");
        LabList.MP.saw("MP-2", "CONNECT_TAB with a port; answered with %s", String.join(", ", types));
    }

    @Test
    void keepsItsSessionOverAReload() {
        LabTab first = another().connect().subscribe(topic + "/#", 1);
        String id = first.id();
        first.page().reload();
        LabTab again = LabTab.of(first.page()).ready().until("s.state === 'connected' && s.connectedWith");
        assertThat(again.id()).isEqualTo(id);
        assertThat(((Map<?, ?>) again.state("connectedWith")).get("sessionPresent"))
                .isEqualTo(true);
        again.until("s.subscriptions.length === 1");
        LabTab second = another().connect();
        second.publish(topic + "/late", "found", 1);
        again.awaitReceived(topic + "/late found");
        // A duplicate is born with a copy of the storage, and must not be the same.
        Page copy =
                LAB.tab().profile().waitForPage(() -> again.page().evaluate("() => { window.open(location.href); }"));
        LabTab duplicate = LabTab.of(copy).ready();
        assertThat(duplicate.id()).isNotEqualTo(id);
        LabList.MP.saw(
                "MP-4", "same tab id after a reload, session present, subscription there; a duplicate has another id");
    }

    @Test
    void losesNothingWhenTheWorkerIsEnded() {
        LabTab subscriber = another().connect().countMessages().subscribe(topic + "/#", 2);
        LabTab publisher = another().connect();
        publisher.startStream(topic + "/1", 2, 50);
        for (int i = 1; i <= 3; i++) {
            publisher.page().waitForFunction("n => stream.acknowledged.length > n", i * 10);
            endWorkers(publisher.page());
            publisher.page().evaluate("() => courtier.ping()");
            subscriber.page().evaluate("() => courtier.ping()");
            publisher.until("s.restarts >= " + i + " && s.state === 'connected'");
        }
        Map<String, Object> stream = publisher.stopStream();
        assertThat(stream.get("failed")).isEqualTo(List.of());
        int sent = ((Number) stream.get("sent")).intValue();
        for (int n = 1; n <= sent; n++) subscriber.awaitCounted(topic + "/1", n);
        for (int n = 1; n <= sent; n++) {
            assertThat(subscriber.counted(topic + "/1", n)).as("message " + n).isEqualTo(1);
        }
        assertThat(publisher.page().locator("#sw-restarts").innerText()).contains("SW restarted");
        LabList.MP.saw("MP-5", "after a ping the worker that was ended is there again, and the tab connected");
        LabList.MP.saw("MP-6", "worker ended 3 times in a stream of %d messages of QoS 2: each came once", sent);
    }

    /** Its worker numbers what it receives from one again. */
    @Test
    void showsWhatComesAfterDisconnectingAndConnectingAgain() {
        LabTab page = another().connect().subscribe(topic, 1);
        for (int i = 0; i < 3; i++) page.publish(topic, "before " + i, 1).awaitReceived(topic + " before " + i);
        page.disconnect().connect().subscribe(topic, 1);
        page.publish(topic, "after", 1).awaitReceived(topic + " after");
    }

    @Test
    void showsWhatItsWorkerCannotKeepAndConnectsAgain() {
        LabTab page = another().connect().subscribe(topic, 2);
        // Its worker's store fails by that; the database goes when it is closed.
        page.page()
                .evaluate(
                        """
                async () => {
                    const all = await indexedDB.databases();
                    indexedDB.deleteDatabase(all.find(({ name }) => name.startsWith('courtier-client:')).name);
                }""");
        page.until("s.errors.some(error => error.includes('another page deletes the database'))");
        page.publish(topic, "came", 2).awaitReceived(topic + " came");
        assertThat(page.page().locator("#messages li[data-dir=received] .facts").innerText())
                .endsWith("not kept");
        page.disconnect().connect();
    }

    @Test
    void queuesWhileThereIsNoConnection() {
        LabTab first = another().connect();
        LabTab reader = another().connect().subscribe(topic + "/#", 1);
        LAB.tab().profile().setOffline(true);
        LAB.tab().forgive("ERR_INTERNET_DISCONNECTED");
        // Open sockets stay open in a browser that is told so: this one is cut by its worker's end.
        endWorkers(first.page());
        first.page().evaluate("() => courtier.ping()");
        first.until("s.restarts >= 1");
        for (int i = 1; i <= 5; i++) {
            first.page()
                    .evaluate(
                            "([topic, n]) => { courtier.publish(topic, n, { qos: 1 }); }",
                            List.of(topic + "/q", "" + i));
        }
        first.until("s.queued === 5");
        assertThat(first.page().locator("#queue-status").innerText()).isEqualTo("5 wait to be sent");
        LAB.tab().profile().setOffline(false);
        first.until("s.state === 'connected' && s.queued === 0");
        reader.page().evaluate("() => courtier.ping()");
        reader.awaitReceived(topic + "/q 5");
        assertThat(reader.received().stream()
                        .filter(each -> each.startsWith(topic + "/q "))
                        .toList())
                .containsExactly(topic + "/q 1", topic + "/q 2", topic + "/q 3", topic + "/q 4", topic + "/q 5");
        LabList.MP.saw(
                "MP-7", "5 messages published without a network waited in IndexedDB, shown, and came in their order");
    }

    @Test
    void sharesOneConnectionAmongTabs() throws Exception {
        List<LabTab> tabs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            LabTab each = another();
            each.page().evaluate("() => { document.getElementById('pooled').checked = true; }");
            tabs.add(each.connect().subscribe(topic + "/all", 1).subscribe("$share/crew/" + topic + "/work", 1));
        }
        LabTab outside = another().connect().subscribe(topic + "/#", 1);
        outside.publish(topic + "/all", "to each", 1);
        for (LabTab each : tabs) each.awaitReceived(topic + "/all to each");
        for (int i = 1; i <= 9; i++) {
            outside.page()
                    .evaluate(
                            "([topic, n]) => courtier.publish(topic, n, { qos: 1 })", List.of(topic + "/work", "" + i));
        }
        tabs.get(0).publish(topic + "/up", "from a tab", 1);
        outside.awaitReceived(topic + "/up from a tab");
        outside.page()
                .waitForCondition(() ->
                        tabs.stream().mapToInt(each -> each.received().size()).sum() >= 12);
        List<Integer> shares =
                tabs.stream().map(each -> each.received().size() - 1).toList();
        assertThat(shares).containsExactly(3, 3, 3);
        for (LabTab each : tabs)
            assertThat(each.received().stream().filter((topic + "/all to each")::equals))
                    .hasSize(1);
        String clients = String.join("\n", LAB.broker().courtier("shell", "courtier:clients"));
        assertThat(clients.lines().filter(line -> line.contains("pool-")).count())
                .isEqualTo(1);
        for (LabTab each : tabs) assertThat(clients).doesNotContain("tab-" + each.id());
        LabList.MP.saw(
                "MP-9",
                "three tabs over one connection (one client at the server): each got what all subscribed to once, and of nine"
                        + " messages of a shared subscription %s",
                shares);
    }

    @Test
    void showsWhatCameBeforeItWasClosed() {
        LabTab first = another().connect().subscribe(topic + "/#", 1);
        first.publish(topic + "/kept", "by the worker", 1).awaitReceived(topic + "/kept by the worker");
        first.page().reload();
        LabTab.of(first.page()).ready().awaitReceived(topic + "/kept by the worker");
        LabList.MP.saw("MP-8", "a message received before a reload is shown again after it");
    }

    @Test
    void opensWithoutANetwork() {
        LabTab first = another();
        LAB.tab().profile().setOffline(true);
        LAB.tab().forgive("ERR_INTERNET_DISCONNECTED");
        first.page().reload();
        LabTab again = LabTab.of(first.page()).ready().until("s.worker === 'ready'");
        assertThat(again.page().locator("h2").first().innerText()).isEqualTo("Broker");
        LAB.tab().profile().setOffline(false);
        again.connect();
        LabList.MP.saw("MP-10", "network cut: the page loads from what was kept, and connects when it is back");
        assertThat(again.page().locator("main").innerText()).contains("30 seconds after the last tab spoke to it");
        LabList.MP.saw("MP-11", "what outlives the tabs, and for how long, stands on the page");
    }

    @Test
    void dropsTabsThatAreGone() {
        LabTab first = another().connect();
        LabTab second = another().connect();
        String gone = second.id();
        second.page().close();
        first.await(
                """
                async id => {
                    courtier.ping();
                    const { held } = await navigator.locks.query();
                    return !held.some(({ name }) => name.includes(id));
                }""",
                gone);
        LabList.MP.saw("MP-12", "a closed tab's connection and its locks are gone at the next ping");
    }

    @Test
    void saysWhyItCannotConnect() {
        LabTab first = another().fill("broker-url", "http://localhost:1/").click("connect-btn");
        first.page().waitForFunction("() => document.getElementById('errors').textContent.includes('ws://')");
        LAB.tab().forgive("ERR_CONNECTION_REFUSED");
        first.fill("broker-url", "ws://localhost:1/mqtt").click("connect-btn");
        first.until("s.state === 'disconnected' && s.errors.length >= 2");
        assertThat(first.said()).contains("closed");
    }
}
