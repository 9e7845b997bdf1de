// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitUntilState;
import io.courtier.clients.Cable;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubComp;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.Publish;
import io.courtier.protocol.ReasonCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the Client page says and does when a connection cannot be made, or is lost. */
@ResourceLock(Lane.PAGES)
class ClientPageTroubleIT {
    /** What Chromium itself writes where a socket does not open. */
    private static final String NO_SOCKET = "WebSocket connection to";

    private static final String NO_ANSWER = "net::ERR_";

    @TempDir
    static Path folder;

    private static Instance broker;
    private static Chromium chromium;

    private final String topic = House.unique("trouble");

    @BeforeAll
    static void start() {
        broker = new Instance(folder);
        broker.courtier("certs");
        broker.courtierSaid("right\n", "passwd", "add", "ann");
        broker.with("io.courtier.listener.ws-locked.cfg", "port = 0", "allow.anonymous = false")
                .start("--tls", "0", "--wss", "0");
        chromium = Chromium.launch();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        broker.close();
    }

    @Test
    void saysThatNobodyIsThere() {
        try (Tab tab = chromium.tab().forgive(NO_SOCKET)) {
            ClientPage page = ClientPage.open(tab, broker).fill("broker-url", "ws://localhost:" + freePort() + "/mqtt");
            page.click("connect-btn").awaitFault("unreachable");
            assertThat(page.said()).contains("No WebSocket to localhost:");
            assertThat(page.state("status")).isEqualTo("disconnected");
        }
    }

    @Test
    void saysThatTheBrokerIsThereButNotAtThisPath() {
        try (Tab tab = chromium.tab().forgive(NO_SOCKET)) {
            ClientPage page = ClientPage.open(tab, broker)
                    .fill("broker-url", "ws://localhost:" + broker.port("ws-default") + "/elsewhere");
            page.click("connect-btn").awaitFault("upgrade");
            assertThat(page.said()).contains("answers, but refused to open a WebSocket at “/elsewhere”");
        }
    }

    @Test
    void saysWhatIsNoUrlBeforeItTries() {
        try (Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab, broker);
            for (String url : List.of("localhost:1883", "http://localhost/", "mqtt://localhost", "ws://")) {
                page.fill("broker-url", url).click("connect-btn").awaitFault("url");
                page.page().locator("#errors button").first().click();
            }
            page.fill("broker-url", "ws://ann:right@localhost/")
                    .click("connect-btn")
                    .awaitFault("url.secret");
            page.fill("broker-url", "ws://localhost/#x").click("connect-btn").awaitFault("url.fragment");
            assertThat(tab.sockets).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void saysThatThePasswordIsWrongAndDoesNotTryAgain(int version) {
        try (Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab.page(), ClientPage.address(broker.port("ws-locked")))
                    .version(version)
                    .fill("username", "ann")
                    .fill("password", "wrong");
            page.click("connect-btn").awaitFault("auth").await("disconnected");
            assertThat(page.said())
                    .contains(version == 5 ? "0x86" : "(4)", "Check user name and password")
                    .doesNotContain("wrong");
            page.fill("password", "right").connect();
            assertThat(tab.sockets).hasSize(2);
        }
    }

    @Test
    void saysThatNoCredentialsAreNotEnough() {
        try (Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab.page(), ClientPage.address(broker.port("ws-locked")));
            page.click("connect-btn").awaitFault("auth").await("disconnected");
        }
    }

    @Test
    void staysAwayWhenAnotherTabTakesItsSession() {
        try (Tab tab = chromium.tab()) {
            String id = House.unique("twin");
            ClientPage first =
                    ClientPage.open(tab, broker).fill("client-id", id).connect();
            ClientPage second = ClientPage.open(tab.another(), ClientPage.address(broker.port("ws-default")))
                    .fill("client-id", id)
                    .connect();
            first.awaitFault("takeover").await("disconnected");
            assertThat(first.said()).contains("Another client connected with the client ID “" + id + "”");
            assertThat(first.page().evaluate("() => courtier.state().error.reason"))
                    .isEqualTo(0x8E);
            second.subscribe(topic, 0).publish(topic, "mine", 0).awaitReceived(1);
            assertThat(tab.sockets).hasSize(2);
        }
    }

    @Test
    void endsAWarWithATwinThatIsToldNothing() {
        try (Tab tab = chromium.tab()) {
            String id = House.unique("twin");
            ClientPage first = ClientPage.open(tab, broker)
                    .version(4)
                    .fill("client-id", id)
                    .connect();
            ClientPage second = ClientPage.open(tab.another(), ClientPage.address(broker.port("ws-default")))
                    .version(4)
                    .fill("client-id", id)
                    .connect();
            tab.page()
                    .waitForCondition(() -> first.state("status").equals("disconnected")
                            || second.state("status").equals("disconnected"));
            ClientPage loser = first.state("status").equals("disconnected") ? first : second;
            loser.awaitFault("takeover.guess");
            (loser == first ? second : first).await("connected");
        }
    }

    @Test
    void saysThatTheBrokerIsDownAndComesBackByItselfAndSubscribesAgain() {
        int port = freePort();
        Instance restarted = new Instance(folder.resolve("restarted")).start("--ws", String.valueOf(port));
        try (Tab tab = chromium.tab().forgive(NO_SOCKET).forgive(NO_ANSWER)) {
            ClientPage page = ClientPage.open(tab.page(), ClientPage.address(port))
                    .connect()
                    .subscribe(topic + "/#, x/y", 1);
            ClientPage other = ClientPage.open(tab.another(), ClientPage.address(port));
            restarted.close();
            page.until("s.status === 'waiting' || s.status === 'reconnecting'");
            assertThat(page.page().locator("#connection-status").innerText()).startsWith("Reconnecting");
            other.click("connect-btn").awaitFault("down");
            assertThat(other.said()).contains("does not answer");
            restarted.start("--ws", String.valueOf(port));
            page.await("connected").until("s.subscriptions.every(one => one.state === 'active')");
            assertThat(page.state("error")).isNull();
            page.publish(topic + "/a", "back", 1).awaitReceived(1);
        } finally {
            restarted.close();
        }
    }

    @Test
    void losesAndDoublesNothingAtQos2WhenItIsCutOff() {
        try (Cable cable = new Cable(broker.port("ws-default"));
                Peer peer = Peer.of(broker, topic + "/up");
                Tab tab = chromium.tab().forgive(NO_SOCKET).forgive("already in CLOSING")) {
            ClientPage page = ClientPage.open(tab.page(), ClientPage.address(cable.port()))
                    .check("clean-start", false)
                    .fill("session-expiry", "300")
                    .connect()
                    .subscribe(topic + "/down", 2);
            List<String> all = IntStream.range(0, 60).mapToObj(String::valueOf).toList();
            for (int round = 0; round < 3; round++) {
                for (String text : all.subList(20 * round, 20 * round + 20)) {
                    peer.says(topic + "/down", text.getBytes(), 2, false);
                }
                page.page()
                        .evaluate(
                                """
                                ([topic, from]) => {
                                    document.getElementById('publish-topic').value = topic;
                                    document.getElementById('publish-qos').value = '2';
                                    for (let i = from; i < from + 20; i++) {
                                        document.getElementById('publish-payload').value = String(i);
                                        document.getElementById('publish-form').requestSubmit();
                                    }
                                }
                                """,
                                List.of(topic + "/up", 20 * round));
                cable.cut();
                int sockets = round + 2;
                page.page().waitForCondition(() -> tab.sockets.size() >= sockets);
                page.await("connected");
                assertThat(page.state("sessionPresent")).isEqualTo(true);
                page.page()
                        .waitForFunction(
                                "count => courtier.messages(1000).filter(m => m.state === 'acked').length === count",
                                20 * round + 20);
            }
            page.awaitReceived(60);
            assertThat(peer.textsUntilNow(topic + "/up")).containsExactlyInAnyOrderElementsOf(all);
            assertThat(page.received()).extracting(ClientPage.Row::text).containsExactlyInAnyOrderElementsOf(all);
        }
    }

    @Test
    void aMessageWhosePubCompWasLostIsAcknowledged() {
        try (Tab tab = chromium.tab()) {
            int[] connects = {0};
            PuppetBroker.in(tab.page(), ProtocolVersion.V5, wire -> {
                boolean again = connects[0] == 2;
                if (wire.packet instanceof Connect) {
                    wire.answer(new ConnAck(connects[0]++ > 0, ReasonCode.SUCCESS, Properties.NONE));
                } else if (wire.packet instanceof Publish publish) {
                    wire.answer(new PubRec(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
                } else if (wire.packet instanceof PubRel rel && again) {
                    ReasonCode unknown = ReasonCode.PACKET_IDENTIFIER_NOT_FOUND;
                    wire.answer(new PubComp(rel.packetIdentifier(), unknown, Properties.NONE));
                } else if (wire.packet instanceof PubRel) {
                    wire.hangUp();
                }
            });
            ClientPage page = ClientPage.open(tab, broker)
                    .check("clean-start", false)
                    .fill("session-expiry", "300")
                    .connect()
                    .publish(topic, "x", 2);
            page.page().waitForFunction("() => courtier.messages(10)[0].state !== 'pending'");
            assertThat(page.rows()).singleElement().satisfies(row -> {
                assertThat(row.state()).isEqualTo("acked");
                assertThat(row.code()).isZero();
            });
            assertThat(connects[0]).isEqualTo(2);
        }
    }

    @Test
    void waitsForTheNetworkAndComesBackWithIt() {
        try (Cable cable = new Cable(broker.port("ws-default"));
                Tab tab = chromium.tab().forgive(NO_SOCKET).forgive(NO_ANSWER)) {
            ClientPage page = ClientPage.open(tab.page(), ClientPage.address(cable.port()))
                    .connect()
                    .subscribe(topic, 1);
            tab.profile().setOffline(true);
            cable.cut();
            page.await("offline");
            assertThat(page.page().locator("#connection-status").innerText()).contains("Offline");
            int sockets = tab.sockets.size();
            tab.profile().setOffline(false);
            page.await("connected").publish(topic, "back", 1).awaitReceived(1);
            assertThat(tab.sockets).hasSize(sockets + 1);
        }
    }

    @Test
    void goesOnWhenAPersonComesBackToThePage() {
        try (Chromium caching = Chromium.launchWithPageCache();
                // A drawing names no icon, so that Chromium asks for /favicon.ico.
                Tab tab = caching.tab().forgive("404 (Not Found)");
                Peer peer = Peer.of(broker, topic)) {
            ClientPage page = ClientPage.open(tab, broker)
                    .fill("will-topic", topic)
                    .fill("will-payload", "gone")
                    .connect()
                    .subscribe(topic + "/x", 1);
            page.page().evaluate("() => { window.same = true; }");
            page.page().navigate(ClientPage.address(broker.port("ws-default")) + "icon.svg");
            page.page().goBack(new Page.GoBackOptions().setWaitUntil(WaitUntilState.COMMIT));
            page.page().waitForFunction("() => window.same");
            page.await("connected").until("s.subscriptions.every(one => one.state === 'active')");
            page.publish(topic + "/x", "back", 1).awaitReceived(1);
            assertThat(peer.textsUntilNow(topic)).isEmpty();
        }
    }

    @Test
    void speaksTlsWhereItCameByTls() {
        int port = broker.port("ws-tls");
        try (Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab.page(), "https://localhost:" + port + "/");
            assertThat(page.page().locator("#broker-url").inputValue()).isEqualTo("wss://localhost:" + port + "/mqtt");
            page.connect().subscribe(topic, 1).publish(topic, "secretly", 1).awaitReceived(1);
            page.disconnect();

            page.fill("broker-url", "ws://broker.example:8084/mqtt")
                    .click("connect-btn")
                    .awaitFault("mixed");
            assertThat(page.said()).contains("Use wss://");
            assertThat(tab.sockets).hasSize(1);
        }
    }

    @Test
    void asksBeforeItFollowsToAnotherServer() {
        try (Tab tab = chromium.tab()) {
            PuppetBroker puppet = PuppetBroker.in(tab.page(), ProtocolVersion.V5, wire -> {
                Properties to = Properties.builder()
                        .set(Property.SERVER_REFERENCE, "127.0.0.1:9999")
                        .build();
                wire.answer(new ConnAck(false, ReasonCode.SERVER_MOVED, to));
                // It leaves the closing to the page.
            });
            ClientPage page = ClientPage.open(tab, broker);
            page.click("connect-btn").awaitFault("moved").await("disconnected");
            assertThat(page.said()).contains("127.0.0.1:9999");
            page.page().locator("#errors button.small").click();
            assertThat(page.page().locator("#broker-url").inputValue()).isEqualTo("ws://127.0.0.1:9999/mqtt");
            assertThat(puppet.heard).hasSize(1);
        }
    }

    @Test
    void noticesABrokerThatHasGoneSilent() {
        try (Tab tab = chromium.tab()) {
            PuppetBroker.in(tab.page(), ProtocolVersion.V5, PuppetBroker.Wire::welcome);
            ClientPage page =
                    ClientPage.open(tab, broker).fill("keep-alive", "1").connect();
            page.awaitFault("keepalive");
            assertThat(page.said()).contains("did not answer for one and a half keep-alive intervals");
        }
    }

    @Test
    void saysWhatIsNoMqtt() {
        try (Tab tab = chromium.tab()) {
            PuppetBroker.in(tab.page(), ProtocolVersion.V5, wire -> wire.answer("HTTP/1.1 200 OK\r\n\r\n".getBytes()));
            ClientPage page = ClientPage.open(tab, broker);
            page.click("connect-btn").until("s.error && s.status === 'disconnected'");
            assertThat(page.page().evaluate("() => courtier.state().error.code"))
                    .isEqualTo("protocol");
        }
    }

    @Test
    void readsPacketsThatComeByteByByte() {
        try (Tab tab = chromium.tab()) {
            PuppetBroker.in(tab.page(), ProtocolVersion.V5, wire -> {
                if (!(wire.packet instanceof Connect)) return;
                // CONNACK, then twice PUBLISH of "x" to "a/b", the second within a frame of the first's end.
                byte[] bytes = {
                    0x20, 3, 0, 0, 0, 0x30, 7, 0, 3, 'a', '/', 'b', 0, 'x', 0x30, 7, 0, 3, 'a', '/', 'b', 0, 'y'
                };
                for (int i = 0; i < 12; i++) wire.answer(new byte[] {bytes[i]});
                wire.answer(java.util.Arrays.copyOfRange(bytes, 12, bytes.length));
            });
            ClientPage page = ClientPage.open(tab, broker).connect().awaitReceived(2);
            assertThat(page.received()).extracting(ClientPage.Row::text).containsExactly("x", "y");
        }
    }

    @Test
    void comesBackToABrokerThatWasShutDown() {
        try (Tab tab = chromium.tab()) {
            int[] connects = {0};
            PuppetBroker.in(tab.page(), ProtocolVersion.V5, wire -> {
                wire.welcome();
                if (++connects[0] > 1) return;
                wire.answer(new Disconnect(ReasonCode.SERVER_SHUTTING_DOWN, Properties.NONE));
                wire.hangUp();
            });
            ClientPage page = ClientPage.open(tab, broker);
            page.click("connect-btn").awaitFault("kicked").await("connected");
            assertThat(connects[0]).isEqualTo(2);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
