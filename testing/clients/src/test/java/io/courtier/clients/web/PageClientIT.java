// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.courtier.clients.Lane;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CourtierClient in a page, where what is around the compiled core decides. */
@ResourceLock(Lane.PAGES)
class PageClientIT {
    @TempDir
    static Path folder;

    private static Instance broker;
    private static Tab tab;

    @BeforeAll
    static void start() {
        broker = new Instance(folder).start();
        tab = Tab.open();
        begin(tab.page());
    }

    private static Page begin(Page page) {
        page.setDefaultTimeout(20_000);
        page.navigate("http://localhost:" + broker.port("ws-default") + "/lab/");
        page.evaluate(
                """
                async () => {
                    Object.assign(globalThis, await import('/courtier/courtier.js'));
                    globalThis.lasting = (clientId, more) => new CourtierClient({
                        transport: webSocket(`ws://${location.host}/mqtt`),
                        clientId, cleanStart: false, sessionExpiryInterval: 60, ...more,
                    });
                    /** Returns all the same after a while: what there is then says what is missing. */
                    globalThis.until = async fact => {
                        const deadline = performance.now() + 10_000;
                        while (!fact() && performance.now() < deadline) await new Promise(again => setTimeout(again, 10));
                    };
                    // A session with messages that wait in it.
                    globalThis.left = async (clientId, count) => {
                        const before = lasting(clientId);
                        await before.connect();
                        await before.subscribe(clientId, { qos: 2 });
                        await before.end();
                        const publisher = lasting(`${clientId}-p`);
                        await publisher.connect();
                        for (let n = 0; n < count; n++) await publisher.publish(clientId, String(n), { qos: 1 + n % 2 });
                        await publisher.end();
                    };
                }""");
        return page;
    }

    @AfterAll
    static void stop() {
        tab.close();
        broker.close();
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(String::valueOf).toList();
    }

    @Test
    void whatWaitedInASessionIsForWhoSubscribesAfterConnecting() {
        Object got = tab.page()
                .evaluate(
                        """
                async () => {
                    await left('late', 20);
                    const client = lasting('late');
                    const { sessionPresent } = await client.connect();
                    // Time for all of it to come, before anybody asks for it.
                    await client.publish('elsewhere', '', { qos: 1 });
                    const got = [];
                    await client.subscribe('late', { qos: 2 }, message => got.push(message.text()));
                    await client.publish('late', 'end', { qos: 1 });
                    while (got.at(-1) !== 'end') await new Promise(again => setTimeout(again, 10));
                    await client.end();
                    return sessionPresent ? got.slice(0, -1) : [];
                }""");
        assertThat(got).isEqualTo(numbers(20));
    }

    @Test
    void whatWaitedInASessionIsForAListenerThatComesLate() {
        Object got = tab.page()
                .evaluate(
                        """
                async () => {
                    await left('listener', 10);
                    const client = lasting('listener');
                    await client.connect();
                    await client.publish('elsewhere', '', { qos: 1 });
                    const got = [];
                    client.on('message', message => got.push(message.text()));
                    while (got.length < 10) await new Promise(again => setTimeout(again, 10));
                    await client.end();
                    return got;
                }""");
        assertThat(got).isEqualTo(numbers(10));
    }

    @Test
    void whatNobodyAsksForIsAcknowledgedInTheEndAndToldAsAnError() {
        Object told = tab.page()
                .evaluate(
                        """
                async () => {
                    await left('nobody', 20);
                    const client = lasting('nobody', { receiveMaximum: 8 });
                    const told = [];
                    client.on('error', ({ kind, message }) => told.push(`${kind}: ${message}`));
                    await client.connect();
                    while (told.length < 16) await new Promise(again => setTimeout(again, 10));
                    await client.end();
                    return [...new Set(told)];
                }""");
        assertThat(told).isEqualTo(List.of("unclaimed: a message to nobody came, and nobody had subscribed to it"));
    }

    /** Of a transaction that cannot begin, or is undone when all was asked of it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void goesOnAndSaysThatNothingIsKeptWhereItsStoreFails(boolean begins) {
        // Of its own: an end that computes for ever would hold up the other tests.
        Page page = begin(tab.another());
        Object told = page.evaluate(
                """
                async begins => {
                    const name = `robbed-${begins}`;
                    const store = await IndexedDbClientStore.open(name);
                    const client = lasting(name, { store });
                    const told = [];
                    client.on('error', ({ kind }) => told.push(kind));
                    await client.connect();
                    await client.subscribe(name, { qos: 2 }, message => {
                        const { stored } = store.keep({ payload: message.payload });
                        stored.then(() => 'kept', () => 'not kept').then(fate => told.push(`${message.text()}: ${fate}`));
                    });
                    const other = lasting(`${name}-p`);
                    await other.connect();
                    const { transaction } = IDBDatabase.prototype;
                    IDBDatabase.prototype.transaction = function (...asked) {
                        if (!begins) throw new DOMException('the connection is closing', 'InvalidStateError');
                        const begun = transaction.apply(this, asked);
                        queueMicrotask(() => begun.abort());
                        return begun;
                    };
                    try {
                        await other.publish(name, 'of another', { qos: 2 });
                        await until(() => told.length === 2);
                        await client.publish(name, 'its own', { qos: 2 });
                        await until(() => told.length === 3);
                    } finally {
                        IDBDatabase.prototype.transaction = transaction;
                    }
                    await other.end();
                    globalThis.end = () => client.end().then(() => { globalThis.ended = true; });
                    return told;
                }""",
                begins);
        assertThat(told)
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .containsExactlyInAnyOrder("store", "of another: not kept", "its own: not kept");
        page.evaluate("() => { setTimeout(end); }");
        page.waitForFunction("() => globalThis.ended");
    }

    @Test
    void closesTheConnectionBeforeTheNextThoughItsStoreIsLate() {
        Object seen = tab.page()
                .evaluate(
                        """
                async () => {
                    // No session, success, no properties.
                    const CONNACK = [0x20, 3, 0, 0, 0];
                    // DISCONNECT, server shutting down.
                    const DISCONNECT = [0xe0, 1, 0x8b];
                    const links = [];
                    const transport = {
                        name: 'of two',
                        open(events) {
                            const link = { events, sent: 0, isClosed: false };
                            links.push(link);
                            queueMicrotask(() => events.opened());
                            return {
                                send: () => ++link.sent === 1 && queueMicrotask(() => events.bytes(new Uint8Array(CONNACK))),
                                close: () => { link.isClosed = true; },
                            };
                        },
                    };
                    let told;
                    let asked = 0;
                    let isLate = false;
                    const store = {
                        load: async () => [],
                        begin: whom => { told = whom; },
                        put() {},
                        remove() {},
                        commit(ticket) {
                            asked = ticket;
                            if (!isLate) queueMicrotask(() => told.stored(ticket));
                        },
                        close: async () => {},
                    };
                    const client = lasting('late-store', { transport, store, reconnect: { initialDelay: 1 } });
                    await client.connect();
                    isLate = true;
                    const before = asked;
                    client.publish('late', 'x', { qos: 1 }).catch(() => {});
                    await until(() => asked > before);
                    const [first] = links;
                    first.events.bytes(new Uint8Array(DISCONNECT));
                    const isHeld = !first.isClosed;
                    await until(() => links.length === 2);
                    isLate = false;
                    told.stored(asked);
                    await until(() => client.state === 'connected');
                    first.events.closed(new Error('late'));
                    const seen = [isHeld, first.isClosed, client.state, links[1].isClosed];
                    await client.end();
                    return seen;
                }""");
        assertThat(seen).isEqualTo(List.of(true, true, "connected", false));
    }
}
