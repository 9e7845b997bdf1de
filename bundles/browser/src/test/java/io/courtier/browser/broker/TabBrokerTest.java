// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.core.Limits;
import io.courtier.core.Plugins;
import io.courtier.core.SystemTopics;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TabBrokerTest {
    /** Lets everybody in; has a bug that a message to {@code bug} meets. */
    private static final class Buggy implements Plugins {
        @Override
        public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
            answer.accept(new AuthenticationResult.Allow(Principal.ANONYMOUS));
        }

        @Override
        public EnhancedAuthenticator.@Nullable Exchange enhanced(String method, AuthenticationRequest request) {
            return null;
        }

        @Override
        public Permissions permissions(Principal principal, String clientIdentifier, String listener) {
            return Permissions.ALL;
        }

        @Override
        public @Nullable ApplicationMessage intercept(ApplicationMessage message) {
            if (message.topic().toString().equals("bug")) throw new IllegalStateException("a bug");
            return message;
        }
    }

    private final TestTab tab = new TestTab(turn -> new Buggy());

    private TestTab.Client connected(String name) {
        TestTab.Client client = tab.client(name).connect(null, null);
        client.only(ConnAck.class);
        return client;
    }

    private static Map<String, String> told(List<ControlPacket> packets) {
        Map<String, String> told = new HashMap<>();
        for (ControlPacket packet : packets) {
            if (packet instanceof Publish publish) {
                told.put(publish.topic().toString(), new String(publish.payload(), StandardCharsets.UTF_8));
            }
        }
        return told;
    }

    @Test
    void whatItCountsIsPublishedEverySoOftenUntilItIsStopped() {
        TestTab.Client watcher = connected("watcher");
        watcher.subscribe("$SYS/#", QoS.AT_MOST_ONCE).only(SubAck.class);
        tab.broker.startSystemTopics(new SystemTopics("x"), 10);
        assertThat(told(watcher.came()))
                .containsEntry("$SYS/broker/version", "Courtier x")
                .containsEntry("$SYS/broker/uptime", "0 seconds")
                .containsEntry("$SYS/broker/clients/connected", "1");
        TestTab.Client late = connected("late");
        late.subscribe("$SYS/broker/clients/+", QoS.AT_MOST_ONCE);
        assertThat(told(late.came())).containsEntry("$SYS/broker/clients/connected", "1");
        tab.advance(Duration.ofSeconds(9));
        assertThat(watcher.came()).isEmpty();
        tab.advance(Duration.ofSeconds(1));
        assertThat(told(watcher.came()))
                .containsEntry("$SYS/broker/uptime", "10 seconds")
                .containsEntry("$SYS/broker/clients/connected", "2");
        tab.broker.stopSystemTopics();
        assertThat(told(watcher.came())).containsEntry("$SYS/broker/clients/connected", "");
        tab.advance(Duration.ofSeconds(30));
        assertThat(watcher.came()).isEmpty();
        connected("later").subscribe("$SYS/#", QoS.AT_MOST_ONCE).only(SubAck.class);
    }

    private static Publish numbered(int number) {
        byte[] payload = String.valueOf(number).getBytes(StandardCharsets.UTF_8);
        return new Publish(false, QoS.AT_MOST_ONCE, false, 0, TopicName.of("t"), payload, Properties.NONE);
    }

    private static Publish[] numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(TabBrokerTest::numbered).toArray(Publish[]::new);
    }

    private static List<String> texts(List<ControlPacket> packets) {
        return packets.stream()
                .map(packet -> new String(((Publish) packet).payload(), StandardCharsets.UTF_8))
                .toList();
    }

    private static List<String> texts(int to) {
        return IntStream.range(0, to).mapToObj(String::valueOf).toList();
    }

    /** A broker that is so busy with ten messages at once that it reads no more for some turns, and one of four subscribers. */
    private static TestTab.Client subscribed(TestTab busy) {
        for (String name : List.of("b", "c", "d"))
            busy.client(name).connect(null, null).subscribe("t", QoS.AT_MOST_ONCE);
        TestTab.Client subscriber = busy.client("a").connect(null, null).subscribe("t", QoS.AT_MOST_ONCE);
        subscriber.came();
        return subscriber;
    }

    private static TestTab busy() {
        Limits few = TabLimits.of(Map.of("fanOutSlice", "2", "mailboxMessagesMax", "2"));
        return new TestTab(few, turn -> new Buggy(), null);
    }

    @Test
    void whatComesWhileAConnectionIsNotReadIsReadInItsOrder() {
        TestTab busy = busy();
        TestTab.Client subscriber = subscribed(busy);
        TestTab.Client publisher = busy.client("p").connect(null, null);
        publisher.sendInOne(numbered(0, 10));
        for (int i = 10; i < 70; i++) {
            publisher.sendInOne(numbered(i));
            busy.step();
        }
        assertThat(texts(subscriber.came())).isEqualTo(texts(70));
    }

    @Test
    void whatAClientSentBeforeItWentCountsAlsoWhereItWasNotReadYet() {
        TestTab busy = busy();
        TestTab.Client subscriber = subscribed(busy);
        TestTab.Client publisher = busy.client("p")
                .connectWithWill(new Will(
                        TopicName.of("t"),
                        "will".getBytes(StandardCharsets.UTF_8),
                        QoS.AT_MOST_ONCE,
                        false,
                        Properties.NONE));
        publisher.sendInOne(numbered(0, 10));
        publisher.sendInOne(numbered(10, 20));
        publisher.sendInOne(new Disconnect(ReasonCode.SUCCESS, Properties.NONE));
        publisher.goes();
        assertThat(texts(subscriber.came())).isEqualTo(texts(20));
    }

    @Test
    void aMistakeOfOursEndsTheConnectionThatMeetsItAndNothingElse() {
        TestTab.Client other = connected("other");
        other.subscribe("a", QoS.AT_MOST_ONCE).only(SubAck.class);
        TestTab.Client unlucky = connected("unlucky");
        unlucky.publish("bug", "x", QoS.AT_LEAST_ONCE);
        assertThat(unlucky.closed).isTrue();
        connected("next").publish("a", "x", QoS.AT_LEAST_ONCE).only(PubAck.class);
        other.only(Publish.class);
    }
}
