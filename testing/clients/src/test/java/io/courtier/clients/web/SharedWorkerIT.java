// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import io.courtier.clients.Lane;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Channels that tabs share: what SharedWorkerClient promises, while all goes well. Each test has a profile of its own. */
@ExtendWith(LabList.Passed.class)
@ResourceLock(Lane.LAB)
class SharedWorkerIT {
    @RegisterExtension
    static final Lab LAB = new Lab();

    private ChannelTab channels() {
        return ChannelTab.open(LAB.tab().page(), LAB.port());
    }

    private ChannelTab another() {
        return ChannelTab.open(LAB.tab().another(), LAB.port());
    }

    @Test
    @DisplayName("SW-1, SW-13: the seed's application runs unchanged, before the worker is ready and without a build")
    void runsTheSeedsApplication() {
        Page page = LAB.tab().page();
        page.route(
                "**/lab/shared-worker/app.js",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("text/javascript")
                        .setBody(Seeds.text("shared-worker-app.js"))));
        page.route(
                "**/lab/shared-worker/app.html",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("text/html")
                        .setBody(
                                "<!doctype html><link rel=icon href=data:,><script type=module src=app.js></script>")));
        page.navigate(LAB.page("shared-worker/app.html"));
        page.waitForCondition(() -> LAB.tab().console.size() >= 2);
        assertThat(LAB.tab().console)
                .containsExactly("Received: {name: John, id: 123}", "Current: {name: John, id: 123}");
    }

    @Test
    @DisplayName("SW-1: the constructor returns at once, and many early connects all come through")
    void losesNoEarlyConnect() {
        ChannelTab one = channels();
        assertThat(
                        one.run(
                                """
                        const many = Array.from({ length: 20 }, (_, i) => make());
                        const states = new Set(many.map(each => each.state));
                        await Promise.all(many.map((each, i) => each.publish('early/' + i, i)));
                        const values = await Promise.all(many.map((each, i) => each.get('early/' + i)));
                        many.forEach(each => each.disconnect());
                        return [...states].join() + ' ' + values.join();
                        """))
                .isEqualTo("connecting 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19");
    }

    @Test
    @DisplayName("SW-2: a subscriber has the current value at once, and the last unsubscribe is said once")
    void deliversTheCurrentValue() {
        ChannelTab one = channels();
        assertThat(one.json("client.publish('now', 'there').then(() => client.get('now'))"))
                .isEqualTo("\"there\"");
        assertThat(
                        one.run(
                                """
                        const seen = [];
                        const first = client.subscribe('now', data => seen.push('first ' + data));
                        await until(() => seen.length === 1);
                        const second = client.subscribe('now', data => seen.push('second ' + data));
                        await until(() => seen.length === 2);
                        first(); first();
                        client.publish('now', 'later');
                        await until(() => seen.length === 3);
                        second();
                        await client.publish('now', 'unheard');
                        await client.get('now');
                        const said_ = said.map(JSON.parse).filter(each => each.channel === 'now').map(each => each.type);
                        return seen.join() + ' ' + said_.filter(type => type.endsWith('subscribe')).join();
                        """))
                .isEqualTo("first there,second there,second later subscribe,unsubscribe");
    }

    @Test
    @DisplayName("SW-2: a callback that throws stops no other")
    void survivesACallbackThatThrows() {
        LAB.tab().forgive("mine alone");
        ChannelTab one = channels();
        one.run(
                """
                client.subscribe('loud', () => { throw new Error('mine alone'); });
                client.subscribe('loud', data => got.push(data));
                client.publish('loud', 1);
                client.publish('loud', 2);
                """);
        one.until("got.length === 2");
        assertThat(one.got()).isEqualTo("[1,2]");
    }

    @Test
    @DisplayName("SW-3: any JSON goes to all, its publisher too, and keeps the publisher's order")
    void publishesAnyJson() {
        ChannelTab one = channels().subscribe("any");
        ChannelTab two = another().subscribe("any");
        two.json("client.inspect()");
        String values =
                "[null,0,-1.5e300,false,\"\",\"grüße ✓ \\ud83d\\ude80 \\u2028\",[],{},{\"a\":[{\"__proto__\":1}]},[[[[]]]]]";
        one.run("for (const value of JSON.parse('" + values.replace("\\", "\\\\") + "')) client.publish('any', value);"
                + "for (let i = 0; i < 500; i++) client.publish('any', i);");
        for (ChannelTab each : List.of(one, two)) {
            each.until("got.length === 510");
            assertThat(each.run("return JSON.stringify(got.slice(0, 10)) === JSON.stringify(JSON.parse('"
                            + values.replace("\\", "\\\\") + "'));"))
                    .isEqualTo(true);
            assertThat(each.run("return got.slice(10).every((value, i) => value === i);"))
                    .isEqualTo(true);
        }
    }

    @Test
    @DisplayName("SW-3: five megabytes go through")
    void publishesFiveMegabytes() {
        ChannelTab one = channels();
        ChannelTab two = another().subscribe("big");
        two.json("client.inspect()");
        Object millis = one.run(
                """
                const big = 'ü'.repeat(2_500_000);
                const begun = performance.now();
                await client.publish('big', big);
                return performance.now() - begun;
                """);
        LabList.FIGURES.saw(
                "channels, 5 MB", "published and stored in %d ms", Math.round(((Number) millis).doubleValue()));
        two.until("got.length === 1");
        assertThat(two.run("return new TextEncoder().encode(got[0]).length + ' ' + (await client.get('big')).length;"))
                .isEqualTo("5000000 2500000");
    }

    @Test
    @DisplayName("SW-3: what is no JSON is refused, and not sent")
    void refusesWhatIsNoJson() {
        ChannelTab one = channels();
        assertThat(
                        one.run(
                                """
                        const cyclic = {}; cyclic.cyclic = cyclic;
                        const refused = [];
                        for (const data of [undefined, cyclic, () => {}, 1n, Symbol('s')]) {
                            try { client.publish('never', data); } catch (error) { refused.push(error instanceof TypeError); }
                        }
                        return refused.join() + said.some(text => text.includes('never'));
                        """))
                .isEqualTo("true,true,true,true,truefalse");
        assertThat(one.json("client.get('never')")).isEqualTo("rejected: channel not found");
    }

    @Test
    @DisplayName("SW-4: get of a channel without a value is refused")
    void getsOrSaysWhyNot() {
        ChannelTab one = channels();
        assertThat(one.json("client.get('nothing here')")).isEqualTo("rejected: channel not found");
        assertThat(one.json("client.publish('here', null).then(() => client.get('here'))"))
                .isEqualTo("null");
    }

    @Test
    @DisplayName(
            "SW-5: unsubscribe drops all callbacks; disconnect rejects what waits, stops callbacks, and may come twice")
    void letsGo() {
        ChannelTab one = channels().subscribe("left").subscribe("left");
        ChannelTab two = another();
        one.json("client.inspect()");
        one.run("client.unsubscribe('left'); await client.inspect();");
        two.json("client.publish('left', 1)");
        assertThat(
                        one.run(
                                """
                        client.subscribe('left', data => got.push('again ' + data));
                        await until(() => got.length === 1);
                        const waiting = client.get('left').catch(error => error.message);
                        client.disconnect();
                        client.disconnect();
                        let late;
                        try { client.publish('left', 2); } catch (error) { late = error.message; }
                        return [await waiting, late, client.state, await client.get('left').catch(error => error.message)].join();
                        """))
                .isEqualTo("disconnected,disconnected,closed,disconnected");
        two.json("client.publish('left', 3)");
        assertThat(one.got()).isEqualTo("[\"again 1\"]");
    }

    @Test
    @DisplayName("SW-9: a thousand clients that came and went leave nothing, nor does a closed tab")
    void forgetsWhoIsGone() {
        ChannelTab one = channels();
        ChannelTab two = another().subscribe("theirs");
        ChannelTab.await(one.page(), "async () => (await client.inspect()).clients === 2", null);
        two.close();
        ChannelTab.await(one.page(), "async () => (await client.inspect()).clients === 1", null);
        one.run(
                """
                for (let i = 0; i < 20; i++) {
                    const many = Array.from({ length: 50 }, () => make());
                    many.forEach(each => each.subscribe('many', () => {}));
                    await Promise.all(many.map(each => each.inspect()));
                    many.forEach(each => each.disconnect());
                }
                """);
        ChannelTab.await(one.page(), "async () => (await client.inspect()).clients === 1", null);
        assertThat(one.json("client.inspect().then(all => all.channels)")).isEqualTo("[]");
    }

    @Test
    @DisplayName("SW-14: a tab hears its channels only, and soon")
    void isEfficient() {
        ChannelTab one = channels();
        ChannelTab two = another();
        two.run(
                """
                window.heard = [];
                const set = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage').set;
                Object.defineProperty(MessagePort.prototype, 'onmessage', {
                    set(listener) { set.call(this, event => { heard.push(event.data); listener(event); }); },
                });
                client.disconnect();
                client = make();
                client.subscribe('theirs', data => got.push(data));
                await client.inspect();
                """);
        // Beside the same text there and back over a port alone: what the machine takes, however busy others keep it.
        String times = (String)
                one.run(
                        """
                        const measured = async send => {
                            const times = [];
                            for (let i = 0; i < 1_500; i++) {
                                const heard = new Promise(resolve => (window.arrived = resolve));
                                const begun = performance.now();
                                send(i);
                                await heard;
                                times.push(performance.now() - begun);
                            }
                            // The first are slow until what runs often is compiled.
                            const all = times.slice(500).sort((a, b) => a - b);
                            return [all[500], all[950], all[990]].map(millis => millis.toFixed(2)).join(' / ');
                        };
                        client.subscribe('mine', () => window.arrived?.());
                        await client.inspect();
                        const here = await measured(i => client.publish('mine', i));
                        const echo = new SharedWorker(URL.createObjectURL(new Blob(
                            ['onconnect = ({ ports: [port] }) => { port.onmessage = ({ data }) => port.postMessage(data); }'])));
                        echo.port.onmessage = () => window.arrived();
                        const alone = await measured(i => echo.port.postMessage(said.at(-1)));
                        return `${here} ms; a text there and back: ${alone} ms`;
                        """);
        LabList.FIGURES.saw("channels", "publish to callback, p50 / p95 / p99: %s", times);
        one.json("client.publish('theirs', 'one')");
        two.until("got.length === 1");
        assertThat(two.run("return heard.filter(text => text.includes('mine')).length"))
                .isEqualTo(0);
        assertThat(two.run("return heard.filter(text => text.includes('\"data\":\"one\"')).length"))
                .isEqualTo(1);
    }
}
