// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.microsoft.playwright.Page;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What others may send to the Client page, or do with it, and what must not come of it. */
@ResourceLock(Lane.LOGINS)
class ClientPageAttackIT {
    private static final List<String> CORPUS = List.of(
            "<img src=x onerror=window.pwn=1>",
            "</script><script>window.pwn=1</script>",
            "<svg/onload=window.pwn=1>",
            "javascript:window.pwn=1",
            "\"><iframe srcdoc='<script>parent.pwn=1</script>'>",
            "' onmouseover='window.pwn=1",
            "{{constructor.constructor('window.pwn=1')()}}${window.pwn=1}{filter}",
            "\u202Egnp.exe\u200B\u2066",
            "__proto__",
            "&lt;b&gt;&amp;amp;");

    @TempDir
    static Path folder;

    private static Instance broker;
    private static Chromium chromium;
    private static int foreign;

    private final String topic = House.unique("attack");

    @BeforeAll
    static void start() throws Exception {
        foreign = ClientPageTroubleIT.freePort();
        Files.writeString(
                Files.createDirectories(folder.resolve("elsewhere")).resolve("index.html"),
                "<!doctype html><link rel=icon href=data:,><title>elsewhere</title>");
        broker = new Instance(folder)
                .with("io.courtier.listener.ws-elsewhere.cfg", "port = " + foreign, "static = elsewhere", "content =")
                .with("io.courtier.listener.ws-open.cfg", "port = 0", "origins = http://localhost:" + foreign);
        broker.courtierSaid("hunter2-hunter2\n", "passwd", "add", "ann");
        broker.start();
        chromium = Chromium.launch();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        broker.close();
    }

    @Test
    void showsWhateverComesAsText() {
        try (Tab tab = chromium.tab();
                Peer peer = Peer.of(broker)) {
            ClientPage page = ClientPage.open(tab, broker)
                    .fill("client-id", topic + CORPUS.get(0))
                    .fill("will-topic", topic + "/" + CORPUS.get(1))
                    .connect()
                    .subscribe(topic + "/#, " + topic + "/" + CORPUS.get(0), 1);
            assertThat(tab.page().locator("#connection-facts").innerText()).contains(CORPUS.get(0));
            for (boolean retained : new boolean[] {false, true}) {
                for (String text : CORPUS) {
                    peer.client.publish(Mqtt5Publish.builder()
                            .topic(topic + "/" + text)
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .retain(retained)
                            .payload(text.getBytes(StandardCharsets.UTF_8))
                            .contentType(text)
                            .responseTopic(topic + "/" + text)
                            .correlationData(text.getBytes(StandardCharsets.UTF_8))
                            .userProperties(Mqtt5UserProperties.of(Mqtt5UserProperty.of(text, text)))
                            .build());
                }
            }
            page.awaitReceived(2 * CORPUS.size());
            for (String text : CORPUS) {
                // The last of them: the list shows its end.
                tab.page()
                        .evaluate(
                                "topic => [...document.querySelectorAll('.row')].findLast(r => r.dataset.topic === topic).click()",
                                topic + "/" + text);
                assertThat(tab.page().locator("#details-topic").textContent()).isEqualTo(topic + "/" + text);
                assertThat(tab.page().locator("#details-payload").textContent()).isEqualTo(text);
                assertThat(tab.page().locator("#details-property-list dt.mono").textContent())
                        .isEqualTo(text);
                assertThat(tab.page().locator("#details-property-list dd").allTextContents())
                        .contains(text, topic + "/" + text);
            }
            tab.page().locator("#details-again").click();
            page.fill("filter", "/<img/")
                    .fill("filter", "")
                    .click("publish-btn")
                    .awaitReceived(2 * CORPUS.size() + 1);
            assertUnharmed(tab.page());
        }
    }

    @Test
    void showsTheBrokersWordsAsText() {
        String hostile = CORPUS.get(0) + CORPUS.get(1);
        Properties words =
                Properties.builder().set(Property.REASON_STRING, hostile).build();
        try (Tab tab = chromium.tab()) {
            boolean[] moved = {false};
            PuppetBroker.in(tab.page(), ProtocolVersion.V5, wire -> {
                if (wire.packet instanceof Subscribe it) {
                    wire.answer(new SubAck(it.packetIdentifier(), List.of(ReasonCode.NOT_AUTHORIZED), words));
                } else if (wire.packet instanceof Connect it
                        && it.clientIdentifier().equals("refused")) {
                    wire.answer(new ConnAck(false, ReasonCode.BANNED, words));
                } else if (wire.packet instanceof Connect it
                        && it.clientIdentifier().equals("moved")) {
                    moved[0] = true;
                    Properties to = Properties.builder()
                            .set(Property.SERVER_REFERENCE, "javascript:window.pwn=1//" + hostile)
                            .build();
                    wire.answer(new ConnAck(false, ReasonCode.SERVER_MOVED, to));
                } else {
                    wire.welcome();
                }
            });
            ClientPage page = ClientPage.open(tab, broker).connect().subscribe("a", 0);
            assertThat(tab.page().locator("#subscriptions li").getAttribute("data-state"))
                    .isEqualTo("refused");
            assertThat(tab.page().locator("#subscriptions li").textContent()).contains(hostile);
            page.disconnect().fill("client-id", "refused").click("connect-btn").awaitFault("connack");
            assertThat(tab.page().locator("#errors").textContent()).contains(hostile);
            page.fill("client-id", "moved").click("connect-btn").awaitFault("moved");
            tab.page().locator("#errors button.small").click();
            page.click("connect-btn").awaitFault("url");
            assertUnharmed(tab.page());
        }
    }

    @Test
    void livesThroughPayloadsThatAreMeantToHurt() {
        try (Tab tab = chromium.tab();
                Peer peer = Peer.of(broker)) {
            ClientPage page = ClientPage.open(tab, broker).connect().subscribe(topic + "/#", 1);
            List<String> payloads = List.of(
                    "{\"__proto__\": {\"pwn\": 1}, \"constructor\": {\"prototype\": {\"pwn\": 1}}}",
                    "[".repeat(100_000) + "]".repeat(100_000),
                    "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000),
                    "1e999999",
                    "x".repeat(1_000_000));
            for (String payload : payloads) peer.says(topic + "/x", payload.getBytes(), 1, false);
            peer.says(topic + "/" + "x".repeat(60_000), "long topic".getBytes(), 1, false);
            page.awaitReceived(payloads.size() + 1).page().evaluate("() => document.activeElement.blur()");
            for (int i = 0; i <= payloads.size(); i++) {
                tab.page().keyboard().press(i == 0 ? "j" : "k");
                if (i == 0) tab.page().keyboard().press("Enter");
                for (String format : List.of("json", "hex", "base64", "text")) {
                    tab.page()
                            .locator("#details-formats label:has([value=" + format + "])")
                            .click();
                }
            }
            assertThat(page.received().get(4).payload()).hasSize(1_000_000);
            assertUnharmed(tab.page());
        }
    }

    @Test
    void keepsNoPassword() {
        try (Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab, broker)
                    .fill("username", "ann")
                    .fill("password", "hunter2-hunter2")
                    .fill("will-topic", topic)
                    .fill("will-payload", "hunter2-hunter2")
                    .connect();
            assertThat(stored(tab.page())).contains("ann").doesNotContain("hunter2");
            page.disconnect()
                    .fill("password", "hunter2-wrong")
                    .click("connect-btn")
                    .awaitFault("auth");
            assertThat(page.said()).doesNotContain("hunter2");
            assertThat(tab.page()
                            .evaluate("() => JSON.stringify(courtier.state())")
                            .toString())
                    .doesNotContain("hunter2");
            assertThat(tab.page().url()).doesNotContain("hunter2");
            tab.page().reload();
            page.ready();
            assertThat(tab.page().locator("#password").inputValue()).isEmpty();
            assertThat(tab.page().locator("#username").inputValue()).isEqualTo("ann");
            assertThat(stored(tab.page())).doesNotContain("hunter2");
            assertThat(String.join("\n", tab.console)).doesNotContain("hunter2");
            assertThat(broker.log()).doesNotContain("hunter2");
        }
    }

    @Test
    void isNotFramedByOthers() {
        try (Tab tab = chromium.tab()
                .forgive("frame-ancestors")
                .forgive("X-Frame-Options")
                .forgive("chrome-error:")) {
            tab.page().navigate("http://localhost:" + foreign + "/");
            tab.page()
                    .evaluate(
                            """
                            address => new Promise(loaded => {
                                const frame = document.createElement('iframe');
                                frame.onload = loaded;
                                frame.src = address;
                                document.body.append(frame);
                            })
                            """,
                            ClientPage.address(broker.port("ws-default")));
            assertThat(tab.page().frames()).hasSize(2);
            assertThat(tab.page().frames().get(1).url()).startsWith("chrome-error:");
        }
    }

    @Test
    void letsOnlyPagesInThatItsListenerNames() {
        try (Tab tab = chromium.tab().forgive("WebSocket connection to")) {
            tab.page().navigate("http://localhost:" + foreign + "/");
            assertThat(opened(tab.page(), "ws-default")).isEqualTo("error");
            assertThat(opened(tab.page(), "ws-open")).isEqualTo("open");
            // Its own listener, of course.
            assertThat(opened(tab.page(), "ws-elsewhere")).isEqualTo("open");
            tab.page().navigate(ClientPage.address(broker.port("ws-default")));
            assertThat(opened(tab.page(), "ws-open")).isEqualTo("error");
        }
    }

    @Test
    void asksNobodyElseForAnything() {
        try (Tab tab = chromium.tab()) {
            List<String> asked = new java.util.concurrent.CopyOnWriteArrayList<>();
            tab.page().onRequest(request -> asked.add(request.url()));
            ClientPage.open(tab, broker).connect().disconnect();
            assertThat(asked)
                    .isNotEmpty()
                    .allMatch(url -> url.startsWith(ClientPage.address(broker.port("ws-default"))));
            assertThat(tab.profile().cookies()).isEmpty();
            assertThat(tab.page().evaluate("() => document.referrer")).isEqualTo("");
        }
    }

    private static Object opened(Page page, String listener) {
        return page.evaluate(
                """
                address => new Promise(done => {
                    const socket = new WebSocket(address, 'mqtt');
                    socket.onopen = () => { socket.close(); done('open'); };
                    socket.onerror = () => done('error');
                })
                """,
                "ws://localhost:" + broker.port(listener) + "/mqtt");
    }

    private static String stored(Page page) {
        return page.evaluate(
                        """
                        async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie,
                            await indexedDB.databases(), await caches.keys(), history.state, location.href, document.title])
                        """)
                .toString();
    }

    private static void assertUnharmed(Page page) {
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        assertThat(page.evaluate("() => String(window.pwn)")).isEqualTo("undefined");
        assertThat(page.evaluate("() => String({}.pwn)")).isEqualTo("undefined");
        assertThat(page.locator("main :is(img, iframe, script, a)").count()).isZero();
        assertThat(page.evaluate("() => courtier.state().error?.code !== 'page'"))
                .isEqualTo(true);
    }
}
