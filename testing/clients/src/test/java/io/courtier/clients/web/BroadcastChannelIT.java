// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.Worker;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A broker among tabs: BC-1 to BC-17 of the requirements for browsers. */
@ResourceLock(Lane.LAB)
class BroadcastChannelIT {
    private static final int STREAM_PER_SECOND = 2_000;
    private static final int STREAM_SECONDS = Integer.getInteger("courtier.stream.seconds", 10);

    private static final String COUNTS_TIMERS =
            """
            {
                const { setInterval: start, clearInterval: end } = globalThis;
                globalThis.timers = new Set();
                globalThis.setInterval = (...all) => {
                    const timer = start(...all);
                    timers.add(timer);
                    return timer;
                };
                globalThis.clearInterval = timer => {
                    timers.delete(timer);
                    end(timer);
                };
            }
            """;

    /** Publishes as many as are due; who is not kept up with waits, rather than being told that the queue is full. */
    private static final String STREAM =
            """
            async ([seconds, perSecond]) => {
                const total = seconds * perSecond;
                const begun = performance.now();
                let sent = 0, done = 0, mostUnderWay = 0, failed = null;
                while (done < total) {
                    const due = Math.min(total, Math.floor((performance.now() - begun) * perSecond / 1_000), done + 900);
                    while (sent < due) {
                        courtier.publish('many/stream', String(sent++).padEnd(64), { qos: 1 }).then(() => done++, error => { failed = error; });
                    }
                    mostUnderWay = Math.max(mostUnderWay, sent - done);
                    await new Promise(later => setTimeout(later, 4));
                    if (failed) throw failed;
                }
                return { seconds: (performance.now() - begun) / 1_000, mostUnderWay };
            }""";

    /** What the worker of a tab tells of the stream, however many rows the page shows of it. */
    private static final String LISTEN =
            """
            globalThis.Worker = class extends Worker {
                constructor(...all) {
                    super(...all);
                    this.addEventListener('message', ({ data: { event, detail } }) => {
                        if (event === 'message' && detail.topic === 'many/stream') globalThis.stream?.push(Number(detail.text));
                    });
                }
            };
            """;

    @RegisterExtension
    static final Lab LAB = new Lab();

    private final String channel = House.unique("channel");

    private String address(String more) {
        return LAB.page("broadcast-channel/?channel=" + channel + more);
    }

    /** The first is the tab that there is anyway. */
    private LabTab another(String more) {
        return LabTab.open(LAB.next(), address(more));
    }

    private LabTab connected() {
        return another("").connect();
    }

    @Test
    void doesWhatItsAuthorDescribed() {
        LabTab first = another("").fill("channel-name", channel).connect();
        assertThat(first.page().locator("#role-status").innerText()).isEqualTo("Role: Broker");
        LabTab second = connected();
        assertThat(second.page().locator("#role-status").innerText()).isEqualTo("Role: Client");
        first.subscribe("test/topic", 0);
        second.subscribe("test/topic", 0).publish("test/topic", "Hello from Tab 2", 1);
        first.awaitReceived("test/topic Hello from Tab 2");
        second.awaitReceived("test/topic Hello from Tab 2");
        assertThat(first.received()).hasSize(1);
        assertThat(second.received()).hasSize(1);
        LabList.BC.saw("BC-1", "first tab: Role: Broker, second: Role: Client; both got \"Hello from Tab 2\" once");
        LabList.BC.saw("BC-7", "the broker's own tab subscribed and received");
    }

    @Test
    void routesAmongFourTabsAndGoesOnWithoutItsBroker() {
        List<LabTab> tabs = new ArrayList<>();
        for (int i = 0; i < 4; i++) tabs.add(connected().subscribe("sensors/+", 1));
        tabs.get(2).publish("sensors/temperature", "21", 1);
        for (LabTab each : tabs) each.awaitReceived("sensors/temperature 21");
        for (LabTab each : tabs) assertThat(each.received()).hasSize(1);
        tabs.get(0).page().close();
        tabs.get(1).page().waitForFunction("() => courtier.state().members.length === 2");
        List<LabTab> left = tabs.subList(1, 4);
        tabs.get(1).until("s.role === 'broker' || s.members.some(m => m.isBroker)");
        assertThat(left.stream().filter(each -> each.role().equals("broker")).count())
                .isEqualTo(1);
        tabs.get(3).publish("sensors/wind", "3", 2);
        for (LabTab each : left) each.awaitReceived("sensors/wind 3");
    }

    @Test
    void electsOneOfTwentyTabsThatComeAtOnceAndCarriesAStreamAmongThem() {
        LAB.tab().profile().addInitScript(LISTEN);
        List<LabTab> tabs = new ArrayList<>();
        for (int i = 0; i < 20; i++) tabs.add(another(""));
        for (LabTab each : tabs)
            each.page()
                    .evaluate(
                            """
                            () => {
                                const begun = performance.now();
                                courtier.connect().then(() => globalThis.took = performance.now() - begun);
                                const watch = setInterval(() => {
                                    if (courtier.state().brokersSeen === 0) return;
                                    globalThis.decided = performance.now() - begun;
                                    clearInterval(watch);
                                }, 2);
                            }""");
        double longest = 0;
        List<Long> decided = new ArrayList<>();
        for (LabTab each : tabs) {
            each.until("s.state === 'connected'").page().waitForFunction("() => globalThis.took && globalThis.decided");
            longest = Math.max(longest, ((Number) each.page().evaluate("() => took")).doubleValue());
            decided.add(((Number) each.page().evaluate("() => decided")).longValue());
        }
        decided.sort(null);
        // Each starts a worker, of 20 on a few cores: what is left when that is done is the election's.
        assertThat(decided.get(10))
                .as("half of them know the broker after ms: %s", decided)
                .isLessThan(1_000);
        assertThat(tabs.stream().filter(each -> each.role().equals("broker")).count())
                .isEqualTo(1);
        for (LabTab each : tabs) each.until("s.members.length === 19");
        LabList.BC.saw(
                "BC-2",
                "20 tabs that connected at once: 1 broker, known to half of them after %d ms, the last connected after %.0f ms",
                decided.get(10),
                longest);

        tabs.get(7).subscribe("many/#", 1);
        String large = "x".repeat(1 << 20);
        Object bytes = tabs.get(9)
                .page()
                .evaluate(
                        "async large => { await courtier.publish('many/large', large, { qos: 1 }); return true; }",
                        large);
        assertThat(bytes).isEqualTo(true);
        tabs.get(7).until("s.received === 1");
        tabs.get(7).page().evaluate("() => { globalThis.stream = []; }");
        @SuppressWarnings("unchecked")
        Map<String, Object> published =
                (Map<String, Object>) tabs.get(9).page().evaluate(STREAM, List.of(STREAM_SECONDS, STREAM_PER_SECOND));
        int sent = STREAM_SECONDS * STREAM_PER_SECOND;
        tabs.get(7).until("s.received >= " + (sent + 1));
        assertThat(tabs.get(7).page().evaluate("() => stream.every((n, i) => n === i) && stream.length"))
                .isEqualTo(sent);
        LabList.BC.saw(
                "BC-15",
                "20 tabs: 1 MB in one message; %,d messages of QoS 1 a second for %d s from one tab to another, both with sessions that"
                        + " are kept in IndexedDB: %,d of %,d came, in their order; the last was acknowledged after %.1f s,"
                        + " and at most %,d were under way",
                STREAM_PER_SECOND,
                STREAM_SECONDS,
                sent,
                sent,
                ((Number) published.get("seconds")).doubleValue(),
                ((Number) published.get("mostUnderWay")).intValue());
    }

    @Test
    void knowsTheOthersAndSpeaksAsItsAuthorWrote() {
        LabTab first = connected();
        Page stranger = LAB.tab().another();
        stranger.navigate(LAB.page(""));
        stranger.evaluate(
                """
                channel => {
                    globalThis.heard = [];
                    globalThis.control = new BroadcastChannel(channel + '-control');
                    control.onmessage = ({ data }) => heard.push(data);
                    control.postMessage({ type: 'ANNOUNCE', tabId: 'stranger', isBroker: false, timestamp: Date.now() });
                    control.postMessage({ type: 'HELLO', tabId: 'stranger' });
                }""",
                channel);
        first.until("s.members.some(m => m.tabId === 'stranger')");
        stranger.waitForFunction(
                "() => heard.some(m => m.type === 'ANNOUNCE' && m.isBroker === true && typeof m.timestamp === 'number')");
        stranger.evaluate("() => { heard.length = 0; }");
        // Every five seconds, whoever asks or not.
        stranger.waitForFunction(
                "() => heard.some(m => m.type === 'ANNOUNCE')",
                null,
                new Page.WaitForFunctionOptions().setTimeout(7_000));
        first.disconnect();
        stranger.waitForFunction("() => heard.some(m => m.type === 'GOODBYE')");
        LabList.BC.saw(
                "BC-3",
                "a page that speaks ANNOUNCE and HELLO only is listed, hears ANNOUNCE at once and each 5 s, and GOODBYE");
    }

    @Test
    void seesATabGoThatCrashed() {
        LabTab first = connected();
        LAB.tab().forgive("crash");
        List<Long> took = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            LabTab second = connected();
            first.until("s.members.length === 1");
            first.page()
                    .evaluate(
                            """
                            () => {
                                globalThis.goneAt = 0;
                                const watch = setInterval(() => {
                                    if (courtier.state().members.length > 0) return;
                                    globalThis.goneAt = Date.now();
                                    clearInterval(watch);
                                }, 5);
                            }""");
            long begun = System.currentTimeMillis();
            second.crash();
            first.page().waitForFunction("() => globalThis.goneAt");
            took.add(((Number) first.page().evaluate("() => goneAt")).longValue() - begun);
        }
        List<Long> sorted = took.stream().sorted().toList();
        assertThat(sorted.get(2)).as("the median of %s ms", took).isLessThan(1_000);
        assertThat(sorted.get(4)).as("the longest of %s ms", took).isLessThan(2_500);
        LabList.BC.saw("BC-4", "tabs that crashed were gone from the list after %s ms", took);
    }

    @Test
    void keepsSessionsAndMessagesOverAllItsTabs() {
        LabTab first = connected().subscribe("kept/#", 1);
        LabTab second = connected();
        second.publish("kept/now", "1", 1);
        first.awaitReceived("kept/now 1");
        String firstId = first.id();
        // The broker's tab goes: the other one has its sessions, and what comes for it meanwhile.
        first.page().navigate("about:blank");
        second.until("s.role === 'broker' && s.state === 'connected'");
        second.publish("kept/later", "2", 1);
        second.page().waitForFunction("() => document.querySelectorAll('#messages li[data-dir=sent]').length === 2");
        second.page().navigate("about:blank");
        LabTab back = LabTab.open(first.page(), address(""));
        assertThat(back.id()).isEqualTo(firstId);
        back.until("s.state === 'connected'").awaitReceived("kept/later 2");
        assertThat(back.received()).containsExactly("kept/later 2");
        LabList.BC.saw(
                "BC-8",
                "both tabs left; the first came back with its session, and got what was published while it was away");
    }

    @Test
    void acknowledgesWhatIsStored() {
        LabTab first = connected();
        LabTab second = connected().subscribe("safe/#", 1);
        second.disconnectAbruptly();
        first.page().evaluate("() => courtier.publish('safe/1', 'still there', { qos: 1 })");
        LAB.tab().forgive("crash");
        first.crash();
        LabTab back = LabTab.open(second.page(), address(""));
        back.until("s.state === 'connected'").awaitReceived("safe/1 still there");
        LabList.BC.saw("BC-9", "the broker's tab crashed right after PUBACK: the message came from IndexedDB");
    }

    @Test
    void letsTabsDoWhatTheRulesAllow() {
        LabTab first = another("&client=boss").connect();
        LabTab second = another("&client=guest").connect();
        first.open("access-details");
        first.fill(
                        "access-rules",
                        "deny publish sensors/# client guest\ndeny subscribe secret/# client guest\nallow all #")
                .click("access-btn");
        first.until("s.broker?.access?.includes('deny')");
        second.publish("sensors/1", "no", 1)
                .page()
                .waitForFunction("() => document.getElementById('errors').textContent.includes('0x87')");
        second.page().locator("#subscribe-topic").fill("secret/#");
        second.click("subscribe-btn")
                .page()
                .waitForFunction("() => document.getElementById('errors').textContent.includes('0x87')");
        assertThat(second.state("subscriptions")).isEqualTo(List.of());
        first.publish("sensors/1", "yes", 1);
        first.page().waitForFunction("() => document.querySelector('#messages li[data-dir=sent]')");
        first.fill("access-rules", "allow everything").click("access-btn");
        first.page().waitForFunction("() => document.getElementById('errors').textContent.includes('line 1')");
        // They go with the channel, not with the tab.
        first.page().close();
        second.until("s.role === 'broker' && s.state === 'connected' && s.broker.access.includes('deny')");
        second.publish("sensors/1", "no", 1)
                .page()
                .waitForFunction("() => document.getElementById('errors').textContent.includes('0x87')");
        LabList.BC.saw(
                "BC-10",
                "publish and subscribe denied with 0x87 by rules, also by the next broker; a broken rule names its line");
    }

    @Test
    void asksForAPasswordOnceThereAreUsers() {
        LabTab first = connected();
        first.open("access-details");
        first.fill("add-user", "joe").fill("add-password", "s3cret").click("user-btn");
        first.until("s.broker?.users.includes('joe')");
        LabTab second = another("");

        second.open("user-details")
                .fill("user-name", "joe")
                .fill("password", "wrong")
                .click("connect-btn");
        second.page().waitForFunction("() => document.getElementById('errors').textContent.includes('0x86')");
        second.fill("password", "s3cret").connect();
        LabTab third = another("").click("connect-btn");
        third.page().waitForFunction("() => document.getElementById('errors').textContent.includes('0x87')");
        String stored = (String) second.page().evaluate("() => JSON.stringify({ ...sessionStorage, ...localStorage })");
        assertThat(stored).doesNotContain("s3cret");
        LabList.BC.saw("BC-11", "wrong password 0x86, right one in, nobody without; no password is stored by the page");
    }

    @Test
    void worksWithoutANetwork() {
        LabTab first = connected();
        first.page().evaluate("() => navigator.serviceWorker.ready.then(r => r.active.state)");
        first.await(
                """
                async () => {
                    const [name] = await caches.keys();
                    return name !== undefined && (await (await caches.open(name)).keys()).length > 20;
                }""",
                null);
        LAB.tab().profile().setOffline(true);
        LAB.tab().forgive("ERR_INTERNET_DISCONNECTED");
        first.page().reload();
        LabTab again = LabTab.of(first.page()).ready().until("s.state === 'connected'");
        again.subscribe("off/#", 2).publish("off/line", "works", 2).awaitReceived("off/line works");
        LAB.tab().profile().setOffline(false);
        LabList.BC.saw("BC-13", "network cut, page reloaded: it loads, elects, subscribes and publishes with QoS 2");
    }

    @Test
    void keepsChannelsApart() {
        LabTab first = connected().subscribe("#", 0);
        LabTab other = another("").fill("channel-name", channel + "-b").connect();
        assertThat(other.role()).isEqualTo("broker");
        other.subscribe("#", 0).publish("apart/1", "b", 1).awaitReceived("apart/1 b");
        first.publish("apart/2", "a", 1).awaitReceived("apart/2 a");
        assertThat(first.received()).containsExactly("apart/2 a");
        assertThat(other.received()).containsExactly("apart/1 b");
        LabList.BC.saw("BC-16", "two channels, two brokers, two databases: nothing crossed");
    }

    @Test
    void leavesNothingBehindWhenItDisconnects() {
        LAB.tab()
                .profile()
                .route(
                        "**/lab/broadcast-channel/tab-worker.js",
                        route -> route.fulfill(new Route.FulfillOptions()
                                .setBody(COUNTS_TIMERS + route.fetch().text())
                                .setContentType("text/javascript")));
        LabTab first = another("");
        // When it answers, the interval that it has for itself goes on.
        first.page().evaluate("() => courtier.worker()");
        first.page().waitForCondition(() -> !first.page().workers().isEmpty());
        Worker worker = first.page().workers().get(0);
        Object before = worker.evaluate("() => timers.size");
        Map<?, ?> left = (Map<?, ?>)
                first.page()
                        .evaluate(
                                """
                        async () => {
                            for (let i = 0; i < 50; i++) {
                                await courtier.connect();
                                await courtier.disconnect();
                            }
                            const { held, pending } = await navigator.locks.query();
                            const ours = [...held, ...pending].filter(({ name }) => name.startsWith('courtier:'));
                            return { locks: ours.length, errors: courtier.state().errors.length };
                        }""");
        assertThat(left.get("locks")).isEqualTo(0);
        assertThat(left.get("errors")).isEqualTo(0);
        assertThat(worker.evaluate("() => timers.size"))
                .as("intervals that go on")
                .isEqualTo(before);
        first.connect();
        assertThat(first.role()).isEqualTo("broker");
        assertThat(((Number) worker.evaluate("() => timers.size")).intValue())
                .as("intervals of who takes part")
                .isGreaterThan(((Number) before).intValue());
        LabList.BC.saw(
                "BC-17", "50 times connected and disconnected: no lock and no interval is left, and it connects again");
    }
}
