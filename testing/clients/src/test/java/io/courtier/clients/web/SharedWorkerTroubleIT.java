// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import io.courtier.clients.Lane;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Channels that tabs share, where something is missing, goes, or comes back. */
@ExtendWith(LabList.Passed.class)
@ResourceLock(Lane.LAB)
class SharedWorkerTroubleIT {
    @TempDir
    static Path folder;

    private static Instance broker;
    private static Chromium chromium;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        Path pages = Files.createDirectories(folder.resolve("public"));
        Files.writeString(pages.resolve("mute.js"), "onconnect = () => {};\n");
        Files.writeString(pages.resolve("broken.js"), "import './none.js';\n");
        broker = new Instance(folder)
                .with("io.courtier.listener.ws-pages.cfg", "static = public", "content = lab, courtier", "port = 0")
                .start();
        port = broker.port("ws-pages");
        chromium = Chromium.launch();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        broker.close();
    }

    /** Ends a worker as a crash does. */
    private static void kill(String name) {
        CDPSession tools = chromium.tools();
        JsonObject all = tools.send(
                "Target.getTargets", JsonParser.parseString("{\"filter\":[{}]}").getAsJsonObject());
        for (JsonElement each : all.getAsJsonArray("targetInfos")) {
            JsonObject target = each.getAsJsonObject();
            if (!target.get("type").getAsString().equals("shared_worker")
                    || !target.get("title").getAsString().contains(name)) continue;
            JsonObject which = new JsonObject();
            which.addProperty("targetId", target.get("targetId").getAsString());
            tools.send("Target.closeTarget", which);
        }
        tools.detach();
    }

    @Test
    @DisplayName("SW-4: no answer in five seconds is Request timeout")
    void timesOut() {
        try (Tab tab = chromium.tab()) {
            ChannelTab one = ChannelTab.open(tab.page(), port);
            assertThat(one.json("make('/mute.js').get('x')")).isEqualTo("rejected: Request timeout");
        }
    }

    @Test
    @DisplayName("SW edge: a worker that does not start says why, to whoever asks")
    void saysWhyThereIsNoWorker() {
        try (Tab tab = chromium.tab()) {
            tab.forgive("404");
            ChannelTab one = ChannelTab.open(tab.page(), port);
            assertThat(one.json("make('/none.js').get('x')"))
                    .isEqualTo("rejected: The worker /none.js did not start: 404 Not Found");
            assertThat(one.json("make('/broken.js').get('x')")).contains("something in it, or that it imports, failed");
            assertThat(one.json("make('/lab/').get('x')")).contains("text/html").contains("not JavaScript");
            assertThat(one.json("make('http://localhost:1/w.js').get('x')")).startsWith("rejected: ");
            assertThat(one.json("(() => { const failed = make('/none.js'); failed.subscribe('x', () => {});"
                            + " return failed.publish('x', 1); })()"))
                    .contains("404");
        }
    }

    @Test
    @DisplayName("SW edge: a policy that forbids the worker is named")
    void namesThePolicyThatForbids() {
        try (Tab tab = chromium.tab()) {
            tab.forgive("policy").forgive("Content Security Policy").forgive("violates");
            Page page = tab.page();
            ChannelTab.blank(page, "/strict", Map.of("Content-Security-Policy", "worker-src 'none'"));
            page.navigate("http://localhost:" + port + "/strict");
            ChannelTab one = ChannelTab.of(page, "/lab/shared-worker/worker.js", "{}");
            assertThat(one.json("client.get('x')")).startsWith("rejected: ").containsPattern("(?i)security.?policy");
        }
    }

    @Test
    @DisplayName("SW edge: a worker that crashed is made again, and knows who subscribed to what")
    void restartsACrashedWorker() {
        try (Tab tab = chromium.tab()) {
            ChannelTab one =
                    ChannelTab.open(tab.page(), port, "{\"name\":\"crashing\"}").subscribe("x");
            ChannelTab two = ChannelTab.open(tab.another(), port, "{\"name\":\"crashing\"}")
                    .subscribe("x");
            one.json("client.publish('x', 'before')");
            two.until("got.length === 1");
            for (int i = 1; i <= 3; i++) {
                kill("crashing");
                assertThat(one.json("client.publish('x', " + i + ").then(() => client.get('x'))"))
                        .isEqualTo(String.valueOf(i));
                two.until("got.length === " + (1 + i));
            }
            assertThat(one.got()).isEqualTo("[\"before\",1,2,3]");
            assertThat(two.got()).isEqualTo("[\"before\",1,2,3]");
        }
    }

    @Test
    @DisplayName("SW edge: two versions of the worker share the channels; a private window has its own")
    void sharesAmongVersions() {
        try (Tab tab = chromium.tab();
                Tab privately = chromium.tab()) {
            ChannelTab old = ChannelTab.open(tab.page(), port).subscribe("x");
            old.json("client.publish('x', 'old')");
            ChannelTab next = ChannelTab.open(tab.another(), port);
            next.run("client.disconnect(); client = make('/lab/shared-worker/worker.js?version=2');");
            next.subscribe("x").until("got.length === 1");
            next.json("client.publish('x', 'next')");
            old.until("got.length === 2");
            assertThat(old.got()).isEqualTo("[\"old\",\"next\"]");
            assertThat(next.got()).isEqualTo("[\"old\",\"next\"]");
            assertThat(ChannelTab.open(privately.page(), port).json("client.get('x')"))
                    .isEqualTo("rejected: channel not found");
        }
    }

    @Test
    @DisplayName("SW edge: a page that was opened as a file says that it needs a server")
    void refusesFiles() {
        try (Tab tab = chromium.tab()) {
            tab.forgive("file:").forgive("ERR_").forgive("CORS");
            Path page = Path.of(
                    System.getProperty("basedir", ""),
                    "../../bundles/webclient/src/main/web/lab/shared-worker/example.html");
            tab.page().navigate(page.toAbsolutePath().normalize().toUri().toString());
            tab.page().waitForFunction("() => document.body.dataset.state === 'failed'");
            assertThat(tab.page().locator("#errors").textContent()).contains("web server");
        }
    }

    @Test
    @DisplayName("SW-10: values survive the reload of the only tab, its return, and a restart of the browser")
    void persists(@TempDir Path profile) {
        try (Tab tab = Chromium.withProfile(profile)) {
            ChannelTab one = ChannelTab.open(tab.page(), port);
            Object millis = one.run(
                    "const begun = performance.now(); await client.publish('kept', { a: 1 }); return performance.now() - begun;");
            System.out.println(
                    "SW-10: stored within " + Math.round(((Number) millis).doubleValue()) + " ms, first use included");
            one.json("client.publish('brief', 1, { ttl: 1 })");
            assertThat(one.json("client.get('brief')")).isEqualTo("1");
            assertThat(ChannelTab.open(tab.page(), port).json("client.get('kept')"))
                    .isEqualTo("{\"a\":1}");
            ChannelTab.await(
                    tab.page(),
                    "async () => client.get('brief').then(() => false, error => error.message === 'channel not found')",
                    null);
        }
        try (Tab tab = Chromium.withProfile(profile)) {
            ChannelTab one = ChannelTab.open(tab.page(), port);
            assertThat(one.json("client.get('kept')")).isEqualTo("{\"a\":1}");
            assertThat(one.json("client.get('brief')")).isEqualTo("rejected: channel not found");
        }
    }

    @Test
    @DisplayName("SW-10: what is above maxBytes is refused; what is not to persist does not")
    void keepsToItsLimits() {
        try (Tab tab = chromium.tab()) {
            ChannelTab one =
                    ChannelTab.open(tab.page(), port, "{\"name\":\"small\",\"maxBytes\":100,\"persist\":false}");
            assertThat(one.json("client.publish('x', 'x'.repeat(90))")).isEqualTo("undefined");
            assertThat(one.json("client.publish('x', 'y'.repeat(95))")).isEqualTo("undefined");
            assertThat(one.json("client.publish('y', 'z'.repeat(90))"))
                    .isEqualTo("rejected: quota exceeded: the values of all channels have 100 bytes");
            assertThat(one.json("client.inspect().then(({ store }) => store)")).isEqualTo("\"memory\"");
            kill("small");
            assertThat(one.json("client.get('x')")).isEqualTo("rejected: channel not found");
        }
    }

    @Test
    @DisplayName("SW-10: a value that expired makes room, though nobody asks for it")
    void makesRoomByWhatExpired() {
        try (Tab tab = chromium.tab()) {
            // A page has a clock that can be set, a worker has none.
            assertThat(
                            ChannelTab.open(tab.page(), port)
                                    .run(
                                            """
                            const { Channels } = await import('/lab/shared-worker/channels.js');
                            const heard = [];
                            const channels = new Channels({ name: 'expiring', persist: false, maxBytes: 100 });
                            const { receive } = channels.connect(text => heard.push(JSON.parse(text)));
                            const publish = async (channel, ttl) => {
                                const requestId = heard.length;
                                receive(JSON.stringify({ type: 'publish', channel, data: 'x'.repeat(90), ttl, requestId }));
                                await until(() => heard.some(each => each.requestId === requestId));
                                const { type, error = type } = heard.find(each => each.requestId === requestId);
                                return error;
                            };
                            receive('{"type":"subscribe","channel":"visitor"}');
                            const seen = [await publish('visitor', 3_600)];
                            await until(() => heard.some(({ type }) => type === 'data'));
                            seen.push(await publish('next'));
                            const { now } = Date;
                            Date.now = () => now() + 3_600_000;
                            seen.push(await publish('next'));
                            return seen;
                            """))
                    .isEqualTo(List.of(
                            "published", "quota exceeded: the values of all channels have 100 bytes", "published"));
        }
    }

    @Test
    @DisplayName("SW-11: without shared workers one tab's worker has the channels, and another when that tab goes")
    void doesWithoutSharedWorkers() {
        try (Tab tab = chromium.tab()) {
            tab.profile().addInitScript("delete window.SharedWorker");
            List<ChannelTab> all = List.of(
                    ChannelTab.open(tab.page(), port),
                    ChannelTab.open(tab.another(), port),
                    ChannelTab.open(tab.another(), port));
            for (ChannelTab each : all) each.subscribe("x").json("client.inspect()");
            assertThat(all.get(1).json("client.mode")).isEqualTo("\"broadcastchannel\"");
            all.get(1).json("client.publish('x', 1)");
            for (ChannelTab each : all) each.until("got.length === 1");
            all.get(0).close();
            assertThat(all.get(2).json("client.publish('x', 2).then(() => client.get('x'))"))
                    .isEqualTo("2");
            for (ChannelTab each : all.subList(1, 3)) {
                each.until("got.length === 2");
                assertThat(each.got()).isEqualTo("[1,2]");
            }
        }
    }

    @Test
    @DisplayName("SW-12: MQTT clients of the worker see channels as topics, and say values")
    void speaksMqtt() {
        try (Tab tab = chromium.tab()) {
            ChannelTab one = ChannelTab.open(tab.page(), port).subscribe("a+b").subscribe("text");
            assertThat(
                            one.run(
                                    """
                            const { CourtierClient, messagePort } = await import('/courtier/courtier.js');
                            await client.publish('a+b', { n: 1 });
                            const inside = new CourtierClient({ transport: messagePort(() => client.createPort()) });
                            await inside.connect();
                            const heard = [];
                            await inside.subscribe('#', { qos: 1 }, message => {
                                heard.push(message.topic + '=' + message.text() + (message.retain ? ' r' : ''));
                            });
                            await until(() => heard.length === 1);
                            await inside.publish('a%2Bb', '[2]', { qos: 1, retain: true });
                            await inside.publish('text', 'no JSON', { qos: 1 });
                            await until(() => got.length === 3 && heard.length === 3);
                            await inside.publish('a%2Bb', '', { qos: 1, retain: true });
                            const gone = await client.get('a+b').catch(error => error.message);
                            await inside.end();
                            return JSON.stringify([heard, got, gone]);
                            """))
                    .isEqualTo(
                            "[[\"a%2Bb={\\\"n\\\":1} r\",\"a%2Bb=[2]\",\"text=no JSON\",\"a%2Bb=\"],[{\"n\":1},[2],\"no JSON\"],\"channel not found\"]");
        }
    }
}
