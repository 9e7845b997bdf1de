// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What a tab's broker has in IndexedDB, when there is much of it: records are in groups, of which some go, some stay, and some
 * are written anew when the log is folded into an image.
 */
@Execution(ExecutionMode.SAME_THREAD)
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
                globalThis.until = async fact => { while (!fact()) await new Promise(again => setTimeout(again, 5)); };
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
}
