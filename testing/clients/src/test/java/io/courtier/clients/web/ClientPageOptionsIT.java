// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import io.courtier.clients.Cable;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.UserProperty;
import io.courtier.protocol.Will;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The options of CONNECT: that they are sent, and what the broker makes of them. */
@ResourceLock(Lane.PAGES)
class ClientPageOptionsIT {
    @TempDir
    static Path folder;

    private static Instance broker;
    private static Chromium chromium;

    private final String topic = House.unique("options");

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

    @Test
    void sendsEachOption() {
        try (Tab tab = chromium.tab()) {
            PuppetBroker puppet = PuppetBroker.in(tab.page(), ProtocolVersion.V5, PuppetBroker.Wire::welcome);
            ClientPage page = ClientPage.open(tab, broker)
                    .fill("client-id", "pump-7")
                    .fill("username", "ann")
                    .fill("password", "secret")
                    .fill("keep-alive", "33")
                    .fill("session-expiry", "4294967295")
                    .fill("receive-maximum", "11")
                    .fill("maximum-packet-size", "100000")
                    .fill("topic-alias-maximum", "5")
                    .check("clean-start", false)
                    .check("request-response-information", true)
                    .check("request-problem-information", false)
                    .fill("will-topic", topic)
                    .fill("will-payload", "00 ff")
                    .choose("will-format", "hex")
                    .choose("will-qos", "2")
                    .check("will-retain", true)
                    .check("will-payload-format-indicator", true)
                    .fill("will-delay", "6")
                    .fill("will-expiry", "7")
                    .fill("will-content-type", "text/x")
                    .fill("will-response-topic", topic + "/r")
                    .fill("will-correlation-data", "0x0a");
            for (String of : List.of("connect", "will")) {
                page.click(of + "-user-properties-add");
                page.page().keyboard().type("of");
                page.page().keyboard().press("Tab");
                page.page().keyboard().type(of);
            }
            page.connect();

            Connect connect = (Connect) puppet.heard.get(0);
            assertThat(connect.clientIdentifier()).isEqualTo("pump-7");
            assertThat(connect.userName()).isEqualTo("ann");
            assertThat(connect.password()).isEqualTo("secret".getBytes());
            assertThat(connect.keepAliveSeconds()).isEqualTo(33);
            assertThat(connect.cleanStart()).isFalse();
            Properties properties = connect.properties();
            assertThat(properties.integer(Property.SESSION_EXPIRY_INTERVAL, -1)).isEqualTo(4_294_967_295L);
            assertThat(properties.integer(Property.RECEIVE_MAXIMUM, -1)).isEqualTo(11);
            assertThat(properties.integer(Property.MAXIMUM_PACKET_SIZE, -1)).isEqualTo(100_000);
            assertThat(properties.integer(Property.TOPIC_ALIAS_MAXIMUM, -1)).isEqualTo(5);
            assertThat(properties.integer(Property.REQUEST_RESPONSE_INFORMATION, -1))
                    .isEqualTo(1);
            assertThat(properties.integer(Property.REQUEST_PROBLEM_INFORMATION, -1))
                    .isEqualTo(0);
            assertThat(properties.userProperties()).containsExactly(new UserProperty("of", "connect"));
            Will will = connect.will();
            assertThat(will.topic()).hasToString(topic);
            assertThat(will.payload()).containsExactly(0, 0xFF);
            assertThat(will.qos()).isEqualTo(QoS.EXACTLY_ONCE);
            assertThat(will.retain()).isTrue();
            assertThat(will.properties().integer(Property.PAYLOAD_FORMAT_INDICATOR, -1))
                    .isEqualTo(1);
            assertThat(will.properties().integer(Property.WILL_DELAY_INTERVAL, -1))
                    .isEqualTo(6);
            assertThat(will.properties().integer(Property.MESSAGE_EXPIRY_INTERVAL, -1))
                    .isEqualTo(7);
            assertThat(will.properties().string(Property.CONTENT_TYPE)).isEqualTo("text/x");
            assertThat(will.properties().string(Property.RESPONSE_TOPIC)).isEqualTo(topic + "/r");
            assertThat(will.properties().binary(Property.CORRELATION_DATA)).containsExactly(10);
            assertThat(will.properties().userProperties()).containsExactly(new UserProperty("of", "will"));
        }
    }

    @Test
    void leavesItsWillOnceWhenTheTabIsKilled() {
        try (Peer peer = Peer.of(broker, topic);
                Tab tab = chromium.tab()) {
            Page doomed = tab.another();
            ClientPage page = ClientPage.open(doomed, ClientPage.address(broker.port("ws-default")))
                    .fill("will-topic", topic)
                    .fill("will-payload", "gone")
                    .fill("will-content-type", "text/plain")
                    .choose("will-qos", "1");
            page.click("will-user-properties-add");
            doomed.keyboard().type("why");
            doomed.keyboard().press("Tab");
            doomed.keyboard().type("killed");
            page.connect();
            // Its process dies there, and answers nothing.
            assertThatThrownBy(() -> doomed.navigate("chrome://crash", new Page.NavigateOptions().setTimeout(5_000)))
                    .isInstanceOf(PlaywrightException.class);
            Mqtt5Publish will = peer.awaitHeard(1).get(0);
            assertThat(will.getContentType().orElseThrow()).hasToString("text/plain");
            assertThat(will.getUserProperties())
                    .isEqualTo(Mqtt5UserProperties.of(Mqtt5UserProperty.of("why", "killed")));
            assertThat(peer.textsUntilNow(topic)).containsExactly("gone");
        }
    }

    @Test
    void leavesNoWillWhenItSaysGoodbye() {
        try (Peer peer = Peer.of(broker, topic);
                Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab, broker)
                    .fill("will-topic", topic)
                    .fill("will-payload", "gone")
                    .connect()
                    .disconnect();
            assertThat(peer.textsUntilNow(topic)).isEmpty();

            // Neither when a person leaves the page, for it says goodbye then.
            page.connect();
            tab.page().navigate("about:blank");
            ClientPage.open(tab, broker).fill("client-id", House.unique("next")).connect();
            assertThat(peer.textsUntilNow(topic)).isEmpty();

            ClientPage closed = ClientPage.open(tab.another(), ClientPage.address(broker.port("ws-default")))
                    .fill("will-topic", topic)
                    .fill("will-payload", "gone")
                    .connect();
            closed.page().close();
            assertThat(peer.textsUntilNow(topic)).isEmpty();
        }
    }

    @Test
    void findsItsSessionAgainAfterAReload() {
        try (Peer peer = Peer.of(broker);
                Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab, broker)
                    .check("clean-start", false)
                    .fill("session-expiry", "300")
                    .connect();
            assertThat(page.state("sessionPresent")).isEqualTo(false);
            page.subscribe(topic, 1);
            tab.page().navigate("about:blank");
            peer.says(topic, "meanwhile".getBytes(), 1, false);
            ClientPage.open(tab, broker).connect().awaitReceived(1);
            assertThat(page.state("sessionPresent")).isEqualTo(true);
            assertThat(page.received()).extracting(ClientPage.Row::text).containsExactly("meanwhile");
            assertThat(tab.page().locator("#connection-facts").textContent()).contains("session resumed");
        }
    }

    @Test
    void getsNoMoreThanItsReceiveMaximumAtOnce() {
        try (Tab tab = chromium.tab();
                Peer peer = Peer.of(broker)) {
            ClientPage page = ClientPage.open(tab, broker)
                    .fill("receive-maximum", "1")
                    .connect()
                    .subscribe(topic, 2);
            for (int i = 0; i < 20; i++) peer.says(topic, String.valueOf(i).getBytes(), 2, false);
            page.awaitReceived(20);
            assertThat(page.received()).hasSize(20);
            assertThat(page.state("status")).isEqualTo("connected");
        }
    }

    @Test
    void readsTopicAliasesOfTheBroker() {
        try (Tab tab = chromium.tab();
                Peer peer = Peer.of(broker)) {
            ClientPage page = ClientPage.open(tab, broker)
                    .fill("topic-alias-maximum", "2")
                    .connect()
                    .subscribe(topic + "/#", 0);
            for (int i = 0; i < 12; i++) peer.says(topic + "/" + i % 3, String.valueOf(i));
            page.awaitReceived(12);
            assertThat(page.received()).allSatisfy(row -> assertThat(row.topic())
                    .isEqualTo(topic + "/" + Integer.parseInt(row.text()) % 3));
        }
    }

    @Test
    void staysWithinItsMaximumPacketSize() {
        try (Tab tab = chromium.tab();
                Peer peer = Peer.of(broker)) {
            ClientPage page = ClientPage.open(tab, broker)
                    .fill("maximum-packet-size", "200")
                    .connect()
                    .subscribe(topic, 1);
            peer.says(topic, new byte[300], 1, false);
            peer.says(topic, "short".getBytes(), 1, false);
            page.awaitReceived(1);
            assertThat(page.received()).extracting(ClientPage.Row::text).containsExactly("short");
        }
    }

    @Test
    void keepsAliveWhenNothingIsSaid() {
        try (Cable cable = new Cable(broker.port("ws-default"));
                Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab.page(), ClientPage.address(cable.port()))
                    .fill("keep-alive", "1")
                    .connect()
                    .subscribe(topic, 0);
            // Longer than the broker would wait for one that is silent: a second and a half.
            long deadlineNanos = System.nanoTime() + 2_500_000_000L;
            page.page().waitForCondition(() -> System.nanoTime() - deadlineNanos > 0);
            page.publish(topic, "still here", 0).awaitReceived(1);
            assertThat(page.state("attempt")).isEqualTo(0);
            assertThat(page.state("error")).isNull();
        }
    }

    @Test
    void refusesNumbersThatMqttCannotSay() {
        try (Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab, broker).fill("receive-maximum", "0");
            page.click("connect-btn").awaitFault("field.receive-maximum");
            assertThat(page.said()).contains("a whole number from 1 to 65535");
            page.fill("receive-maximum", "").fill("keep-alive", "65536");
            page.click("connect-btn").awaitFault("field.keep-alive");
            page.fill("keep-alive", "0").version(3).fill("client-id", "x".repeat(24));
            page.click("connect-btn").awaitFault("field.client-id");
            page.version(4).fill("password", "secret").click("connect-btn").awaitFault("field.username");
            assertThat(tab.sockets).isEmpty();
        }
    }
}
