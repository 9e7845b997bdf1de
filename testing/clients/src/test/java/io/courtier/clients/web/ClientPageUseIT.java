// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.microsoft.playwright.Download;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the Client page is for: connecting, subscribing, publishing, and seeing what arrives. */
@ResourceLock(Lane.PAGES)
class ClientPageUseIT {
    private static final byte[] ALL_BYTES = new byte[256];

    static {
        for (int i = 0; i < 256; i++) ALL_BYTES[i] = (byte) i;
    }

    @TempDir
    static Path folder;

    private static Instance broker;
    private static Chromium chromium;

    private final String topic = House.unique("use");
    private Tab tab;
    private ClientPage page;

    @BeforeAll
    static void start() {
        broker = new Instance(folder).start();
        chromium = Chromium.launch();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        broker.close();
    }

    @BeforeEach
    void open() {
        tab = chromium.tab();
        page = ClientPage.open(tab, broker);
    }

    @AfterEach
    void close() {
        tab.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void doesWhatItIsForInEachVersionOfMqtt(int version) {
        String url = "ws://localhost:" + broker.port("ws-default") + "/mqtt";
        assertThat(page.page().locator("#broker-url").inputValue()).isEqualTo(url);
        page.version(version).connect();
        assertThat(page.page().locator("#connection-status").innerText()).isEqualTo("Connected");
        assertThat(tab.sockets).containsExactly(url);

        page.subscribe(topic + "/#", 1).publish(topic + "/a", "hello", 1).awaitReceived(1);
        page.until("s.messages.published === 1");
        page.page().waitForSelector(".row[data-dir=published][data-state=acked][data-topic='" + topic + "/a']");
        page.page().waitForSelector(".row[data-dir=received][data-topic='" + topic + "/a']");

        page.unsubscribe(topic + "/#").publish(topic + "/a", "again", 1);
        page.page().waitForFunction("() => courtier.messages().filter(m => m.state === 'acked').length === 2");
        assertThat(page.received()).extracting(ClientPage.Row::text).containsExactly("hello");

        page.disconnect();
        assertThat(page.state("error")).isNull();
        assertThat(page.page().locator("#connection-status").innerText()).isEqualTo("Disconnected");
    }

    @ParameterizedTest
    @CsvSource({"0, sent", "1, acked", "2, acked"})
    void showsHowFarAMessageCame(int qos, String state) {
        page.connect().subscribe(topic, 2).publish(topic, "hello", qos).awaitReceived(1);
        page.page().waitForSelector(".row[data-dir=published][data-state=" + state + "][data-qos='" + qos + "']");
        assertThat(page.received()).extracting(ClientPage.Row::qos).containsExactly(qos);
    }

    @Test
    void saysThatNobodyListened() {
        page.connect().publish(topic, "hello?", 1);
        page.page().waitForSelector(".row[data-state=acked] :text('no subscribers')");
        assertThat(page.published().get(0).code()).isEqualTo(0x10);
    }

    @Test
    void showsAMessageWithAllOfItsProperties() {
        page.connect().subscribe(topic + "/#", 2);
        try (Peer peer = Peer.of(broker)) {
            peer.client.publish(Mqtt5Publish.builder()
                    .topic(topic + "/pump")
                    .payload("{\"rpm\": 12345678901234567890}".getBytes())
                    .qos(MqttQos.EXACTLY_ONCE)
                    .contentType("application/json")
                    .responseTopic(topic + "/answers")
                    .correlationData(new byte[] {0, 1, (byte) 0xFF})
                    .messageExpiryInterval(600)
                    .payloadFormatIndicator(
                            com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator.UTF_8)
                    .userProperties(Mqtt5UserProperties.of(
                            Mqtt5UserProperty.of("site", "north"),
                            Mqtt5UserProperty.of("site", "yard"),
                            Mqtt5UserProperty.of("__proto__", "none")))
                    .build());
        }
        page.awaitReceived(1);
        Map<String, Object> properties = page.received().get(0).properties();
        assertThat(properties)
                .containsEntry("contentType", "application/json")
                .containsEntry("responseTopic", topic + "/answers")
                .containsEntry("correlationData", Base64.getEncoder().encodeToString(new byte[] {0, 1, (byte) 0xFF}))
                .containsEntry("payloadFormatIndicator", true);
        assertThat(((Number) properties.get("messageExpiryInterval")).intValue())
                .isBetween(590, 600);

        page.page().locator(".row[data-dir=received]").click();
        assertThat(page.page().locator("#details-property-list").innerText())
                .contains("application/json", topic + "/answers", "0x0001ff", "north", "yard", "__proto__", "none");
        assertThat(page.page().locator("#details-payload").innerText())
                .isEqualTo("{\n  \"rpm\": 12345678901234567890\n}");
    }

    @Test
    void marksWhatWasRetained() {
        try (Peer peer = Peer.of(broker)) {
            peer.says(topic, "kept".getBytes(), 1, true);
            page.connect().subscribe(topic, 1).awaitReceived(1);
            peer.says(topic, "fresh".getBytes(), 1, true);
            page.awaitReceived(2);
        }
        assertThat(page.received()).extracting(ClientPage.Row::retain).containsExactly(true, false);
        page.page().waitForSelector(".row[data-retain=true] :text('retained')");

        page.page().locator(".row[data-retain=true]").click();
        page.click("details-forget");
        page.page().waitForSelector(".row[data-dir=published][data-state=acked]");
        try (Peer later = Peer.of(broker, topic)) {
            assertThat(later.textsUntilNow(topic)).isEmpty();
        }
    }

    @Test
    void keepsEachByte() throws Exception {
        page.connect().subscribe(topic, 1);
        try (Peer peer = Peer.of(broker, topic)) {
            peer.says(topic, ALL_BYTES, 1, false);
            page.awaitReceived(1);
            assertThat(page.received().get(0).payload()).isEqualTo(ALL_BYTES);

            page.page().locator(".row[data-dir=received]").click();
            assertThat(page.page().locator("#details-payload").innerText()).contains("0000f0  f0 f1 f2");
            Download download = page.page().waitForDownload(() -> page.click("details-download"));
            assertThat(Files.readAllBytes(download.path())).isEqualTo(ALL_BYTES);

            page.click("details-again").click("publish-btn").awaitReceived(2);
            assertThat(peer.awaitHeard(2).get(1).getPayloadAsBytes()).isEqualTo(ALL_BYTES);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hex", "base64", "file"})
    void publishesBytes(String format) {
        String written = format.equals("hex")
                ? HexFormat.ofDelimiter(" ").formatHex(ALL_BYTES)
                : Base64.getEncoder().encodeToString(ALL_BYTES);
        page.connect().fill("publish-topic", topic).choose("publish-format", format);
        if (format.equals("file")) {
            page.page()
                    .setInputFiles(
                            "#publish-file",
                            new com.microsoft.playwright.options.FilePayload("all", "application/x", ALL_BYTES));
        } else {
            page.fill("publish-payload", written);
        }
        try (Peer peer = Peer.of(broker, topic)) {
            page.click("publish-btn");
            assertThat(peer.awaitHeard(1).get(0).getPayloadAsBytes()).isEqualTo(ALL_BYTES);
        }
    }

    @Test
    void publishesWithProperties() {
        page.connect()
                .fill("publish-topic", topic)
                .fill("publish-payload", "21.5")
                .choose("publish-qos", "1")
                .check("publish-retain", true)
                .fill("content-type", "text/plain")
                .fill("response-topic", topic + "/answers")
                .fill("correlation-data", "0x00ff")
                .fill("message-expiry", "90")
                .fill("topic-alias", "1")
                .check("payload-format-indicator", true);
        for (String value : List.of("north", "yard")) {
            page.click("publish-user-properties-add");
            page.page().keyboard().type("site");
            page.page().keyboard().press("Tab");
            page.page().keyboard().type(value);
        }
        try (Peer peer = Peer.of(broker, topic)) {
            page.click("publish-btn");
            Mqtt5Publish message = peer.awaitHeard(1).get(0);
            assertThat(message.getPayloadAsBytes()).isEqualTo("21.5".getBytes());
            assertThat(message.getContentType().orElseThrow()).hasToString("text/plain");
            assertThat(message.getResponseTopic().orElseThrow()).hasToString(topic + "/answers");
            assertThat(message.getCorrelationData().orElseThrow().remaining()).isEqualTo(2);
            assertThat(message.getMessageExpiryInterval().orElseThrow()).isBetween(80L, 90L);
            assertThat(message.getPayloadFormatIndicator()).isPresent();
            assertThat(message.getUserProperties())
                    .isEqualTo(Mqtt5UserProperties.of(
                            Mqtt5UserProperty.of("site", "north"), Mqtt5UserProperty.of("site", "yard")));
            page.click("publish-btn");
            // By its alias alone, if the page wants: the topic is the same.
            assertThat(peer.awaitHeard(2).get(1).getTopic()).hasToString(topic);
        }
    }

    @Test
    void subscribesToSeveralFiltersAtOnce() {
        page.connect()
                .fill("subscription-id", "7")
                .check("retain-as-published", true)
                .check("no-local", true)
                .choose("retain-handling", "2");
        try (Peer peer = Peer.of(broker)) {
            peer.says(topic + "/a/old", "retained before".getBytes(), 1, true);
            page.subscribe(topic + "/a/+, " + topic + "/b", 2);
            assertThat(page.page()
                            .locator("#subscriptions li[data-state=active]")
                            .count())
                    .isEqualTo(2);
            page.publish(topic + "/b", "mine", 1);
            page.page().waitForSelector(".row[data-dir=published][data-state=acked]");
            peer.says(topic + "/a/x", "first".getBytes(), 1, true);
            peer.says(topic + "/b", "second".getBytes(), 2, false);
            page.awaitReceived(2);
        }
        assertThat(page.received()).extracting(ClientPage.Row::text).containsExactly("first", "second");
        assertThat(page.received()).extracting(ClientPage.Row::retain).containsExactly(true, false);
        assertThat(page.received())
                .allSatisfy(row -> assertThat(row.properties()).containsEntry("subscriptionIdentifier", 7));
    }

    @Test
    void sharesASubscription() {
        page.connect().subscribe("$share/team/" + topic + "/#", 1);
        ClientPage other = ClientPage.open(tab.another(), ClientPage.address(broker.port("ws-default")))
                .connect()
                .subscribe("$share/team/" + topic + "/#", 1);
        try (Peer peer = Peer.of(broker)) {
            for (int i = 0; i < 10; i++)
                peer.says(topic + "/" + i, String.valueOf(i).getBytes(), 1, false);
        }
        tab.page().waitForCondition(() -> page.count("received") + other.count("received") == 10);
        String received = page.count("received") == 0 ? "" : String.valueOf(page.count("received"));
        // Drawn now and then, not for each message.
        page.page().waitForCondition(() -> page.page()
                .locator("#subscriptions li .count")
                .innerText()
                .equals(received));
    }

    @Test
    void refusesABadFilterByItsRuleBeforeItIsSent() {
        page.connect();
        Map<String, String> rules = Map.of(
                "a/#/b", "# is allowed only as the last level",
                "a+", "+ must be a level of its own",
                "a#", "# must be a level of its own",
                "", "at least one character",
                "$share//a", "$share needs the name of a group",
                "$share/x", "$share/group needs a filter",
                "$share/x+/a", "contains neither + nor #",
                "ok, b/#/c", "# is allowed only as the last level");
        rules.forEach((filter, rule) -> {
            page.fill("subscribe-topic", filter).click("subscribe-btn").awaitFault("field.subscribe-topic");
            assertThat(page.said()).as(filter).contains(rule);
            assertThat((List<?>) page.state("subscriptions")).isEmpty();
        });
        assertThat(page.state("status")).isEqualTo("connected");
    }

    @Test
    void refusesWhatNoTextFieldCanHold() {
        page.connect();
        for (String filter : List.of("'x'.repeat(65536)", "'a\\0b'", "'\\ud800'")) {
            page.page().evaluate("() => document.getElementById('subscribe-topic').value = " + filter);
            page.click("subscribe-btn").awaitFault("field.subscribe-topic");
            page.page().locator("#errors button").click();
            page.until("s.error === null");
        }
        page.fill("publish-topic", "a/+").click("publish-btn").awaitFault("field.publish-topic");
        assertThat(page.said()).contains("contains no wildcard");
        assertThat(page.state("status")).isEqualTo("connected");
    }

    @Test
    void findsMessages() {
        page.connect().subscribe(topic + "/#", 0);
        try (Peer peer = Peer.of(broker)) {
            for (int i = 0; i < 30; i++) peer.says(topic + "/n" + i, "value " + i);
        }
        page.awaitReceived(30).fill("filter", "VALUE 17").until("s.messages.shown === 1");
        page.fill("filter", "/n2[0-4]$/").until("s.messages.shown === 5");
        page.fill("filter", "").until("s.messages.shown === 30");
        page.click("clear-messages").until("s.messages.kept === 0 && s.messages.received === 0");
    }

    @Test
    void keepsItsClientIdOverAReload() {
        assertThat(page.page().locator("#client-id").inputValue()).isEmpty();
        String id = (String) page.connect().state("clientId");
        assertThat(id).startsWith("courtier-");
        assertThat(page.page().locator("#client-id").inputValue()).isEqualTo(id);
        page.page().reload();
        assertThat(page.ready().connect().state("clientId")).isEqualTo(id);
        // Another tab is another client.
        ClientPage other = ClientPage.open(tab.another(), ClientPage.address(broker.port("ws-default")))
                .connect();
        assertThat(other.state("clientId")).isNotEqualTo(id);
        assertThat(page.state("status")).isEqualTo("connected");
    }

    @Test
    void isFilledInByALink() {
        page.page()
                .navigate(ClientPage.address(broker.port("ws-default"))
                        + "?url=ws://127.0.0.1:9/x&username=ann&clientId=pump");
        page.ready();
        assertThat(page.page().locator("#broker-url").inputValue()).isEqualTo("ws://127.0.0.1:9/x");
        assertThat(page.page().locator("#username").inputValue()).isEqualTo("ann");
        assertThat(page.page().locator("#client-id").inputValue()).isEqualTo("pump");
        assertThat(page.state("status")).isEqualTo("disconnected");
    }
}
