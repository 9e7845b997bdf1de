// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker among tabs, when things are not as they should be: BC-E3 to BC-E14; BC-E1, E2, E6 and E8 are in FailoverIT. */
@ResourceLock(Lane.LAB)
class BroadcastChannelEdgeIT {
    @RegisterExtension
    static final Lab LAB = new Lab();

    private final String channel = House.unique("edge");

    private String address(String more) {
        return LAB.page("broadcast-channel/?channel=" + channel + more);
    }

    private LabTab another(String more) {
        return LabTab.open(LAB.next(), address(more));
    }

    private LabTab connected() {
        return another("").connect();
    }

    private Page stranger() {
        Page page = LAB.tab().another();
        page.navigate(LAB.page(""));
        return page;
    }

    @Test
    void replaysWhatWasPublishedBefore() {
        LabTab first = connected();
        for (int i = 1; i <= 10; i++) {
            first.page().evaluate("n => courtier.publish('past/1', n, { qos: 1 })", "" + i);
        }
        LabTab second = connected().fill("replay-last", "5").subscribe("past/#", 1);
        first.publish("past/1", "live", 1);
        second.awaitReceived("past/1 live");
        assertThat(second.received())
                .containsExactly("past/1 6", "past/1 7", "past/1 8", "past/1 9", "past/1 10", "past/1 live");
        assertThat(second.page()
                        .locator("#messages .facts:has-text('replayed')")
                        .count())
                .isEqualTo(5);
        LabList.BC.saw(
                "BC-12", "10 published, subscribed with the last 5: exactly those, in order, marked, then live ones");
    }

    @Test
    void reachesTheServerAndBack() {
        LabTab server = LabTab.open(stranger(), LAB.page("message-port/"))
                .until("s.worker === 'ready'")
                .connect()
                .subscribe("shared/#", 1);
        LabTab first = connected().subscribe("shared/#", 1);
        first.open("bridge-details").click("bridge-btn");
        first.page().waitForFunction("() => document.getElementById('bridge-status').dataset.state === 'connected'");
        LabTab second = connected().subscribe("shared/#", 1);
        server.page().waitForCondition(() -> {
            server.page().evaluate("() => courtier.publish('shared/down', 'hello tabs', { qos: 1 })");
            return !second.received().isEmpty();
        });
        second.awaitReceived("shared/down hello tabs");
        second.publish("shared/up", "hello server", 1);
        server.awaitReceived("shared/up hello server");
        second.awaitReceived("shared/up hello server");
        assertThat(server.received().stream().filter("shared/up hello server"::equals))
                .hasSize(1);
        assertThat(second.received().stream().filter("shared/up hello server"::equals))
                .hasSize(1);
        // Only who leads bridges: the next one goes on.
        first.page().close();
        second.until("s.role === 'broker' && s.state === 'connected'");
        second.publish("shared/up", "from the next", 1);
        server.awaitReceived("shared/up from the next");
        LabList.BC.saw("BC-14", "bridged to the server: in and out, each once; the next leader bridges on");
    }

    /**
     * The browser's tool for small quotas reaches neither workers nor databases that are open, so what the browser throws then
     * is thrown here, at the place where it throws it.
     */
    @Test
    void tellsThatTheStorageIsFull() {
        LAB.tab().profile().route("**/courtier/storage.js", route -> {
            String line = "      transaction = this.#transaction();";
            String body = route.fetch().text();
            assertThat(body).contains(line);
            route.fulfill(new Route.FulfillOptions()
                    .setBody(body.replace(
                            line, "if (globalThis.full) throw new DOMException('full', 'QuotaExceededError');" + line))
                    .setContentType("text/javascript"));
        });
        fill(stranger());
    }

    private void fill(Page page) {
        page.evaluate(
                """
                async name => {
                    const { CourtierBroker, CourtierClient, messagePort } = await import('/courtier/courtier.js');
                    globalThis.told = [];
                    globalThis.served = await CourtierBroker.open({ name });
                    served.on('storage', ({ reason }) => told.push(reason));
                    globalThis.client = new CourtierClient({ transport: messagePort(() => served.createPort()), clientId: 'c' });
                    await client.connect();
                    globalThis.other = new CourtierClient({ transport: messagePort(() => served.createPort()), clientId: 'other' });
                    await other.connect();
                    await client.publish('kept/1', 'before', { qos: 1, retain: true });
                    globalThis.large = () => {
                        const bytes = new Uint8Array(3_000_000);
                        for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
                        return bytes;
                    };
                }""",
                channel);
        page.evaluate("() => { globalThis.full = true; }");
        page.evaluate(
                "() => { globalThis.waiting = client.publish('kept/large', large(), { qos: 1, retain: true }); }");
        page.waitForFunction("() => told.includes(0x97)");
        // Answers keep their order: those of the client whose message waits wait, too.
        Object refused = page.evaluate(
                "() => other.publish('kept/2', 'while full', { qos: 1, retain: true }).then(() => 0, e => e.reasonCode)");
        assertThat(refused).isEqualTo(0x97);
        // What needs no storing goes on.
        assertThat(page.evaluate("() => other.publish('passing', 'by', { qos: 0 }).then(() => client.state)"))
                .isEqualTo("connected");
        page.evaluate("() => { globalThis.full = false; }");
        assertThat(page.evaluate("() => waiting.then(({ reasonCode }) => reasonCode <= 0x10)"))
                .isEqualTo(true);
        page.waitForFunction("() => told.at(-1) === 0");
        assertThat(
                        page.evaluate(
                                "() => client.publish('kept/3', 'well again', { qos: 1 }).then(({ reasonCode }) => reasonCode <= 0x10)"))
                .isEqualTo(true);
        LabList.BC.saw(
                "BC-E3",
                "the browser throws QuotaExceededError: QoS 1 and retained messages are answered 0x97, the broker stays up; with room again what waited"
                        + " was stored and acknowledged");
    }

    /** Here the storage is full while there is history in it. */
    @Test
    void givesHistoryUpFirst() {
        LAB.tab().profile().route("**/courtier/storage.js", route -> {
            String line = "      if (!changes.some";
            String error = "failed(transaction.error)";
            String body = route.fetch().text();
            assertThat(body).contains(line, error);
            route.fulfill(new Route.FulfillOptions()
                    .setBody(
                            body.replace(
                                            line,
                                            "if (globalThis.full && changes.length > 1) transaction.objectStore('history').count().onsuccess ="
                                                    + " ({ target }) => target.result > 0 && target.transaction.abort(); else"
                                                    + line)
                                    .replace(
                                            error,
                                            "failed(globalThis.full ? new DOMException('full', 'QuotaExceededError') : transaction.error)"))
                    .setContentType("text/javascript"));
        });
        Page page = stranger();
        Object seen = page.evaluate(
                """
                async name => {
                    const { CourtierBroker, CourtierClient, messagePort } = await import('/courtier/courtier.js');
                    const open = () => CourtierBroker.open({ name, history: { filters: ['past/#'] } });
                    const connected = async broker => {
                        const client = new CourtierClient({ transport: messagePort(() => broker.createPort()) });
                        await client.connect();
                        return client;
                    };
                    const broker = await open();
                    const told = [];
                    broker.on('storage', ({ reason }) => told.push(reason));
                    const client = await connected(broker);
                    for (let n = 0; n < 8; n++) await client.publish('past/1', String(n), { qos: 1 });
                    await client.publish('kept', 'before', { qos: 1, retain: true });
                    globalThis.full = true;
                    const { reasonCode } = await client.publish('kept', 'when full', { qos: 1, retain: true });
                    globalThis.full = false;
                    await client.end();
                    await broker.close();
                    const next = await open();
                    const reader = await connected(next);
                    const got = [];
                    await reader.subscribe(['past/1', 'kept'], { qos: 1, userProperties: [['replay-last', '100']] }, message => got.push(message.text()));
                    await reader.publish('past/1', 'end', { qos: 1 });
                    while (got.at(-1) !== 'end') await new Promise(again => setTimeout(again, 10));
                    await reader.end();
                    await next.close();
                    return [reasonCode <= 0x10, told.join(), got.join()].join(' ');
                }""",
                channel);
        assertThat(seen).isEqualTo("true 151,0 when full,end");
    }

    /** The broker's end, and that of the settings which were to be kept, are not waited for when nothing can be written. */
    @Test
    void closesThoughItsStorageFailsMeanwhile() {
        Object seen = stranger()
                .evaluate(
                        """
                async name => {
                    const { CourtierBroker } = await import('/courtier/courtier.js');
                    const broker = await CourtierBroker.open({ name });
                    const { transaction } = IDBDatabase.prototype;
                    IDBDatabase.prototype.transaction = () => { throw new DOMException('gone', 'InvalidStateError'); };
                    try {
                        const kept = broker.keep('a', 1).then(() => 'kept', () => 'given up');
                        await broker.close();
                        return `${await kept}, ${await broker.keep('b', 1).catch(({ message }) => message)}`;
                    } finally {
                        IDBDatabase.prototype.transaction = transaction;
                    }
                }""",
                        channel);
        assertThat(seen).isEqualTo("given up, the broker has ended, and stores nothing any more");
    }

    @Test
    void canConnectAgainWhereItsWorkerCouldNotBeLoaded() {
        String script = "**/lab/broadcast-channel/tab-worker.js";
        LAB.tab().forgive("ERR_FAILED").profile().route(script, route -> route.abort());
        LabTab first = another("").until("s.errors.length === 1");
        assertThat(first.said()).isEqualTo("The worker of this tab failed: it could not be loaded");
        first.click("connect-btn").until("s.errors.length > 1 && s.state === 'disconnected'");
        assertThat(first.said()).isEqualTo("The worker of this tab failed: it could not be loaded");
        first.publish("nobody/1", "x", 1);
        first.page().waitForSelector("#messages li[data-dir=failed]");
        LAB.tab().profile().unroute(script);
        first.connect();
    }

    @Test
    void worksWithoutIndexedDb() {
        LAB.tab().profile().route("**/courtier/storage.js", route -> {
            String body = route.fetch().text().replace("globalThis.indexedDB", "globalThis.nothing");
            route.fulfill(new Route.FulfillOptions().setBody(body).setContentType("text/javascript"));
        });
        LabTab first = connected();
        first.until("s.broker?.store === 'memory'");
        assertThat(first.page().locator("#store-status").innerText())
                .isEqualTo("Not persistent: this browser has no IndexedDB");
        LabTab second = connected().subscribe("mem/#", 2);
        first.publish("mem/1", "in memory", 2);
        second.awaitReceived("mem/1 in memory");
        LabList.BC.saw("BC-E4", "without IndexedDB: works in memory, and a badge says \"Not persistent\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"log", "messages", "retained", "history"})
    void goesOnInMemoryWhereARecordIsDamaged(String store) {
        Page page = LAB.tab().page();
        page.navigate(LAB.page(""));
        Map<?, ?> facts = (Map<?, ?>) page.evaluate(
                """
                async ([name, store]) => {
                    const { CourtierBroker, CourtierClient, messagePort } = await import('/courtier/courtier.js');
                    const open = () => CourtierBroker.open({ name, history: true });
                    const connect = async (broker, clientId) => {
                        const client = new CourtierClient({
                            transport: messagePort(() => broker.createPort()), clientId, cleanStart: false, sessionExpiryInterval: 1_000,
                        });
                        await client.connect();
                        return client;
                    };
                    const first = await open();
                    await first.setAccess('allow all plant/#');
                    const away = await connect(first, 'away');
                    await away.subscribe('plant/#', { qos: 1 });
                    await away.end();
                    const here = await connect(first, 'here');
                    await here.publish('plant/1', 'waits', { qos: 1, retain: true });
                    await here.end();
                    await first.close();

                    const database = await new Promise(done => {
                        indexedDB.open(`courtier:${name}`).onsuccess = ({ target }) => done(target.result);
                    });
                    const stored = async () => {
                        const names = [...database.objectStoreNames].filter(each => each !== 'meta' && each !== 'writer');
                        const transaction = database.transaction(names);
                        const all = names.map(each => new Promise(done => {
                            transaction.objectStore(each).getAll().onsuccess = ({ target }) => done([each, target.result]);
                        }));
                        return JSON.stringify(await Promise.all(all));
                    };
                    const spoil = value => {
                        if (value instanceof Uint8Array) value.fill(255);
                        else if (value instanceof Array) value.forEach(spoil);
                    };
                    const transaction = database.transaction(store, 'readwrite');
                    transaction.objectStore(store).openCursor().onsuccess = ({ target: { result: first } }) => {
                        spoil(first.value);
                        first.update(first.value);
                    };
                    await new Promise(done => { transaction.oncomplete = done; });
                    const before = await stored();

                    const second = await open();
                    const client = await connect(second, 'here');
                    const publish = topic => client.publish(topic, 'x', { qos: 1 }).then(({ reasonCode }) => reasonCode, error => error.reasonCode);
                    const facts = { store: second.store, why: second.storeWhy, allowed: await publish('plant/2'), refused: await publish('other') };
                    await client.end();
                    await second.close();
                    return { ...facts, untouched: before === (await stored()) };
                }""",
                List.of(channel, store));
        assertThat(facts.get("store")).isEqualTo("memory");
        assertThat((String) facts.get("why")).contains("cannot be read");
        assertThat(facts.get("allowed")).isEqualTo(0x10);
        assertThat(facts.get("refused")).as("its access rules still count").isEqualTo(0x87);
        assertThat(facts.get("untouched")).as("what is stored").isEqualTo(true);
        LabList.BC.saw(
                "BC-E4 damaged",
                "a record that cannot be read: works in memory under the rules that were set, says why, and touches nothing of what is stored");
    }

    @Test
    void survivesThatAllTabsReloadAtOnce() {
        List<LabTab> tabs = new ArrayList<>();
        for (int i = 0; i < 5; i++) tabs.add(connected().subscribe("all/#", 1));
        for (LabTab each : tabs)
            each.page().evaluate("() => { globalThis.before = true; setTimeout(() => location.reload(), 50); }");
        for (LabTab each : tabs) {
            each.page()
                    .waitForFunction("() => !globalThis.before && globalThis.courtier?.state().state === 'connected'");
        }
        assertThat(tabs.stream().filter(each -> each.role().equals("broker")).count())
                .isEqualTo(1);
        tabs.get(0).publish("all/1", "after", 1);
        for (LabTab each : tabs) each.awaitReceived("all/1 after");
        LabList.BC.saw("BC-E5", "five tabs reloaded at once: one leads, all have their sessions and subscriptions");
    }

    @Test
    void isNotHeldUpByThePageOfTheBroker() {
        LabTab first = connected();
        LabTab second = connected().subscribe("busy/#", 1);
        LabTab third = connected();
        assertThat(first.role()).isEqualTo("broker");
        first.page()
                .evaluate(
                        "() => { setTimeout(() => { const until = Date.now() + 4000; while (Date.now() < until); }, 0); }");
        double longest = ((Number)
                        third.page()
                                .evaluate(
                                        """
                                async () => {
                                    let longest = 0;
                                    for (let i = 0; i < 20; i++) {
                                        const begun = performance.now();
                                        await courtier.publish('busy/1', String(i), { qos: 1 });
                                        longest = Math.max(longest, performance.now() - begun);
                                        await new Promise(ok => setTimeout(ok, 50));
                                    }
                                    return longest;
                                }"""))
                .doubleValue();
        assertThat(longest).isLessThan(2_000);
        second.awaitReceived("busy/1 19");
        LabList.BC.saw(
                "BC-E7",
                "the broker's page computed for 4 s: the slowest of 20 messages of QoS 1 took %.0f ms",
                longest);
    }

    @Test
    void doesNotNeedThePagesTimers() {
        LAB.tab().profile().addInitScript("globalThis.setInterval = () => 0;");
        LabTab first = connected();
        LabTab second = connected().subscribe("t/#", 1);
        first.until("s.members.length === 1");
        first.page().close();
        second.until("s.role === 'broker' && s.state === 'connected' && s.members.length === 0");
        second.publish("t/1", "x", 1).awaitReceived("t/1 x");
        LabList.BC.saw("BC-E9", "with pages whose timers never fire: presence and failover as ever");
    }

    @Test
    void saysThatATabIsOlderThanAnother() {
        LabTab first = connected();
        stranger()
                .evaluate(
                        """
                channel => new BroadcastChannel(channel + '-control')
                    .postMessage({ type: 'ANNOUNCE', tabId: 'newer', isBroker: false, timestamp: Date.now() + 1e11, v: 99 })""",
                        channel);
        first.page().waitForFunction("() => document.getElementById('errors').textContent.includes('reload this tab')");
        LabList.BC.saw("BC-E10", "a tab with a newer version is there: \"reload this tab\"");
        // Whatever time another tab believes it is.
        first.until("s.members.some(m => m.tabId === 'newer')");
        LabList.BC.saw(
                "BC-E11",
                "an ANNOUNCE three years ahead changes nothing: tabs are told apart by locks and a clock of their own");
    }

    @Test
    void electsWithoutLocks() {
        LAB.tab().forgive("crash");
        List<LabTab> tabs = new ArrayList<>();
        for (int i = 0; i < 5; i++) tabs.add(another("&without-locks").connect().subscribe("slow/#", 1));
        List<Long> took = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<LabTab> leaders =
                    tabs.stream().filter(each -> each.role().equals("broker")).toList();
            assertThat(leaders).hasSize(1);
            LabTab leader = leaders.get(0);
            tabs.remove(leader);
            long begun = System.currentTimeMillis();
            // Who is closed says goodbye, who crashes does not, and is in everybody's list for a while.
            leader.crash();
            tabs.get(0).page().waitForCondition(() -> tabs.stream()
                    .anyMatch(each -> each.role().equals("broker")));
            took.add(System.currentTimeMillis() - begun);
            leader.page().close();
            for (LabTab each : tabs) each.until("s.state === 'connected'");
            tabs.get(1).publish("slow/" + i, "goes on", 1);
            for (LabTab each : tabs) each.awaitReceived("slow/" + i + " goes on");
        }
        List<Long> sorted = took.stream().sorted().toList();
        assertThat(sorted.get(1)).as("the median of %s ms", took).isLessThan(5_000);
        LabList.BC.saw(
                "BC-E12",
                "without Web Locks heartbeats elect one of five; when it crashed, thrice, another led after %s ms",
                took);
    }

    @Test
    void ignoresWhatIsNoneOfItsMessages() {
        LabTab first = connected();
        LabTab second = connected().subscribe("sane/#", 1);
        stranger()
                .evaluate(
                        """
                channel => {
                    const data = new BroadcastChannel(channel);
                    const control = new BroadcastChannel(channel + '-control');
                    const nonsense = [null, 0, 'x', [], {}, { type: 'ANNOUNCE' }, { type: 'GOODBYE', tabId: 7 }, { type: 'ANNOUNCE', tabId: 'x'.repeat(1e6) },
                        { v: 1, epoch: 'x', from: 'a', to: 'broker', type: 'OPEN' }, { v: 1, epoch: 1, from: 'a#1', to: 'broker', seq: 9, type: 'DATA', data: 'x' },
                        { v: 1, epoch: -5, from: 'broker', to: '*', type: 'BEAT' }, { v: 2, epoch: 1, from: 'a', to: 'broker', type: 'OPEN' },
                        { __proto__: { type: 'ANNOUNCE' } }, new Uint8Array(3),
                        { v: 1, epoch: Number.MAX_SAFE_INTEGER, from: 'broker', to: '*', seq: 0, type: 'BEAT', data: null },
                        { v: 1, epoch: 2 ** 48, from: 'broker', to: '*', seq: 0, type: 'BEAT', data: null }, { v: 1, epoch: 1, from: 'evil#1', to: 'broker', type: 'OPEN', seq: 0, data: null }];
                    for (let i = 0; i < 20; i++) for (const each of nonsense) { data.postMessage(each); control.postMessage(each); }
                    // Opened: then bytes that are no MQTT.
                    for (let i = 1; i < 5; i++) data.postMessage({ v: 1, epoch: 1, from: 'evil#1', to: 'broker', seq: i, type: 'DATA', data: new Uint8Array(100).fill(255) });
                }""",
                        channel);
        first.publish("sane/1", "still", 2);
        second.awaitReceived("sane/1 still");
        int ignored =
                ((Number) ((Map<?, ?>) first.page().evaluate("() => courtier.worker()")).get("ignored")).intValue();
        assertThat(ignored).isGreaterThan(200);
        assertThat(first.role()).isEqualTo("broker");
        // Who leads next counts from the epoch that it believes.
        first.page().close();
        second.until("s.role === 'broker' && s.state === 'connected'");
        LabTab third = connected().subscribe("sane/#", 1);
        second.publish("sane/2", "still", 2);
        third.awaitReceived("sane/2 still");
        LabList.BC.saw(
                "BC-E13",
                "340 malformed messages from another script: %d ignored and counted, all goes on, with the next broker, too",
                ignored);
    }

    @Test
    void tellsADuplicateFromItsOriginal() {
        LabTab first = connected();
        Page copy =
                LAB.tab().profile().waitForPage(() -> first.page().evaluate("() => { window.open(location.href); }"));
        LabTab duplicate = LabTab.of(copy).ready();
        assertThat(duplicate.id()).isNotEqualTo(first.id());
        duplicate.until("s.state === 'connected'");
        assertThat(first.role()).isEqualTo("broker");
        first.until("s.members.length === 1");
        LabList.BC.saw("BC-E14", "a duplicated tab has a tab id and a client of its own");
    }
}
