// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import io.courtier.clients.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * What a tab's broker has in IndexedDB, when there is much of it: records are in groups, of which some go, some stay, and some
 * are written anew when the log is folded into an image.
 */
@ResourceLock(Lane.PAGES)
class TabStorageIT {
    /** In the page: begin(name) opens a broker, join(clientId) a client with a session that lasts, and its messages come in got. */
    private static final String BEGIN =
            """
            async () => {
                const { CourtierBroker, CourtierClient, messagePort } = await import('/courtier/courtier.js');
                globalThis.begin = async name => {
                    globalThis.broker = await CourtierBroker.open({ name, history: { perTopic: 10 } });
                    return broker.store;
                };
                globalThis.join = async (clientId, filter) => {
                    const got = [];
                    const client = new CourtierClient({
                        transport: messagePort(() => broker.createPort()), clientId, cleanStart: false, sessionExpiryInterval: 3_600,
                        queue: { messages: 100_000, bytes: 100_000_000 },
                    });
                    client.on('message', message => got.push(message.text()));
                    const { sessionPresent } = await client.connect();
                    if (!sessionPresent && filter) await client.subscribe(filter, { qos: 1 });
                    return { client, got };
                };
                globalThis.until = async fact => {
                    const end = performance.now() + 20_000;
                    while (!fact()) {
                        if (performance.now() > end) throw new Error('never: ' + fact);
                        await new Promise(again => setTimeout(again, 5));
                    }
                };
                /** The records that a store has, and those of its groups. */
                globalThis.count = async (name, store) => {
                    const open = indexedDB.open('courtier:' + name);
                    await new Promise(done => (open.onsuccess = done));
                    const all = open.result.transaction(store).objectStore(store).getAll();
                    await new Promise(done => (all.onsuccess = done));
                    open.result.close();
                    return [all.result.length, all.result.flat().length];
                };
            }""";

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
        page.navigate(files.url("/chromium-door/empty.html"));
        page.evaluate(BEGIN);
        return page;
    }

    /** One of a hundred is for a session that is away: it comes, in order, from the second broker and, half of it, the third. */
    @Test
    void givesTheNextBrokersWhatIsLeftOfManyMessages() {
        Page page = page();
        assertThat(page.evaluate("() => begin('left')")).isEqualTo("indexeddb");
        page.evaluate(
                """
                async () => {
                    await (await join('away', 'rare/#')).client.end();
                    const there = await join('there', 'often/#');
                    const { client } = await join('publisher');
                    const all = [];
                    for (let i = 0; i < 10_000; i++) {
                        const topic = i % 100 === 0 ? 'rare/x' : 'often/x';
                        all.push(client.publish(topic, String(i).padEnd(200), { qos: 1 }));
                        if (all.length % 500 === 0) await Promise.all(all);
                    }
                    await until(() => there.got.length === 9_900);
                    await client.publish('often/x', 'the last', { qos: 1 });
                    await until(() => there.got.length === 9_901);
                    await there.client.end();
                    await client.end();
                }""");
        @SuppressWarnings("unchecked")
        List<Integer> messages = (List<Integer>) page.evaluate("() => count('left', 'messages')");
        // A hundred wait; beside them is what came since the last fold, and where less than half of a group is needed
        // it was thinned.
        assertThat(messages.get(1)).isBetween(100, 3_000);
        assertThat(messages.get(0)).isLessThan(300);
        // The last ten of two topics, and as many again that are in a group with them.
        assertThat((int) page.evaluate("() => count('left', 'history').then(([, records]) => records)"))
                .isBetween(20, 40);

        // No goodbye: the next one fences it off.
        Page second = page();
        second.evaluate("() => begin('left')");
        assertThat(
                        second.evaluate(
                                """
                        async () => {
                            const { got, client } = await join('away');
                            await until(() => got.length === 100);
                            await client.end();
                            return got.every((text, i) => Number(text) === 100 * i);
                        }"""))
                .isEqualTo(true);
        second.evaluate("() => broker.close()");

        Page third = page();
        third.evaluate("() => begin('left')");
        Object left = third.evaluate(
                """
                async () => {
                    const { got, client } = await join('away');
                    const other = await join('publisher');
                    await other.client.publish('rare/x', 'anew', { qos: 1 });
                    await until(() => got.length === 1);
                    await client.end();
                    return got.join();
                }""");
        assertThat(left).isEqualTo("anew");
        third.evaluate("() => broker.close()");
    }

    @Test
    void remembersTheLastOfEachTopic() {
        Page page = page();
        page.evaluate("() => begin('past')");
        page.evaluate(
                """
                async () => {
                    const { client } = await join('publisher');
                    const all = [];
                    for (let i = 0; i < 3_000; i++) all.push(client.publish('topic/' + (i % 3), String(i), { qos: 1 }));
                    await Promise.all(all);
                    await client.publish('seldom', 'but kept', { qos: 1 });
                    await client.end();
                    await broker.close();
                }""");
        Page second = page();
        second.evaluate("() => begin('past')");
        @SuppressWarnings("unchecked")
        Map<String, Object> past = (Map<String, Object>)
                second.evaluate(
                        """
                async () => {
                    const { client, got } = await join('curious');
                    await client.subscribe('#', { qos: 1, userProperties: [['replay-last', '5']] });
                    await until(() => got.length === 16);
                    await client.end();
                    await broker.close();
                    return { numbers: got.filter(text => text !== 'but kept').map(Number), seldom: got.filter(text => text === 'but kept').length };
                }""");
        assertThat(past.get("seldom")).isEqualTo(1);
        assertThat((List<?>) past.get("numbers"))
                .isEqualTo(
                        java.util.stream.IntStream.range(2_985, 3_000).boxed().toList());
    }

    /** A tab may be put to sleep at any moment, in the middle of its writing, too, and for as long as the browser likes. */
    @Test
    void isOpenedByTheNextWhileTheOneBeforeSleepsAsItWrites() {
        Page page = page();
        List<Route> asleep = new ArrayList<>();
        page.route("**/awake", asleep::add);
        page.evaluate(
                """
                () => {
                    const urls = trustedTypes.createPolicy('tests', { createScriptURL: url => url });
                    globalThis.worker = new Worker(urls.createScriptURL('/tab-storage/sleeper.js'), { type: 'module' });
                    globalThis.heard = [];
                    worker.onmessage = ({ data }) => heard.push(data);
                }""");
        page.waitForCondition(() -> !asleep.isEmpty());
        Object next = page.evaluate(
                """
                async () => {
                    const { IndexedDbStorage } = await import('/courtier/storage.js');
                    const loading = IndexedDbStorage.open('sleeper').then(async storage => {
                        const { records } = await storage.load();
                        return [storage.epoch, ...records.map(([position, record]) => position + ':' + record)].join(' ');
                    });
                    const tooLong = new Promise(ended => setTimeout(() => ended('waits for who sleeps'), 10_000));
                    return Promise.race([loading, tooLong]);
                }""");
        // What the first had asked for is there, though it has not heard so.
        assertThat(next).isEqualTo("2 1:7");
        assertThat(page.evaluate("() => heard.join()")).isEqualTo("");
        asleep.get(0).fulfill(new Route.FulfillOptions().setBody(""));
        // That was written before another came; what it writes now is not.
        page.waitForFunction("() => heard.at(-1) === 'superseded'");
        assertThat(page.evaluate("() => heard.join()")).isEqualTo("committed 2,superseded");
        assertThat(page.evaluate("() => count('sleeper', 'log')")).isEqualTo(List.of(1, 1));
        page.evaluate("() => worker.terminate()");
    }

    @Test
    void acknowledgesNothingOfWhichOnePartCannotBeStored() {
        Page page = page();
        Object told = page.evaluate(
                """
                async () => {
                    const { IndexedDbStorage } = await import('/courtier/storage.js');
                    const storage = await IndexedDbStorage.open('part');
                    await storage.load();
                    const told = [];
                    storage.begin({ committed: ticket => told.push('committed ' + ticket), trouble: reason => told.push('trouble ' + reason), superseded() {} });
                    const put = IDBObjectStore.prototype.put;
                    IDBObjectStore.prototype.put = function (value, key) {
                        if (this.name !== 'retained') return put.call(this, value, key);
                        put.call(this, value, key);
                        return this.add(value, key);
                    };
                    storage.log(1, new Uint8Array([7]));
                    storage.retained('topic', new Uint8Array([8]));
                    storage.commit(2);
                    await until(() => told.length > 0);
                    const stored = await count('part', 'log');
                    IDBObjectStore.prototype.put = put;
                    await until(() => told.length > 2);
                    await storage.close();
                    return [...stored, ...told, ...(await count('part', 'log'))].join();
                }""");
        assertThat(told).isEqualTo("0,0,trouble 131,trouble 0,committed 2,1,1");
    }
}
