// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.access.BrokenRule;
import io.courtier.core.Limits;
import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.TopicFilter;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.EnhancedAuthenticator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TabGateTest {
    private record Asked(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        void says(double reason, String roles) {
            answer.accept(
                    TabGate.result(request.userName(), reason, "the page says so", roles, "elsewhere.example:1883"));
        }
    }

    private final List<Asked> asked = new ArrayList<>();
    private RuntimeException failure;
    private EnhancedAuthenticator.Exchange exchange;
    private TabGate gate;
    private final TestTab tab = new TestTab(turn -> {
        gate = new TabGate(
                (request, answer) -> {
                    if (failure != null) throw failure;
                    asked.add(new Asked(request, answer));
                },
                (method, request) -> method.equals("RIDDLE") ? exchange : null,
                turn);
        return gate;
    });

    private TestTab.Client connected(String user, String roles) {
        TestTab.Client client = tab.client(user).connect(user, "secret");
        asked.remove(0).says(0, roles);
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        return client;
    }

    private ReasonCode publish(TestTab.Client client, String topic) {
        return client.publish(topic, "x", QoS.AT_LEAST_ONCE).only(PubAck.class).reason();
    }

    private ReasonCode subscribe(TestTab.Client client, String filter) {
        return client.subscribe(filter, QoS.AT_MOST_ONCE)
                .only(SubAck.class)
                .reasons()
                .get(0);
    }

    @Test
    void thePageIsAskedAndItsAnswerLetsIn() {
        TestTab.Client client = tab.client("c").connect("joe", "secret");
        assertThat(client.came()).isEmpty();
        AuthenticationRequest request = asked.get(0).request();
        assertThat(request.clientIdentifier()).isEqualTo("c");
        assertThat(request.userName()).isEqualTo("joe");
        assertThat(new String(request.password(), StandardCharsets.UTF_8)).isEqualTo("secret");
        asked.get(0).says(0, "");
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(ReasonCode.SUCCESS);
    }

    @ParameterizedTest
    @CsvSource({
        "134, BAD_USER_NAME_OR_PASSWORD",
        "135, NOT_AUTHORIZED",
        "138, BANNED",
        "137, SERVER_BUSY",
        // Not of CONNACK, not a refusal, or no Reason Code at all.
        "141, NOT_AUTHORIZED",
        "24, NOT_AUTHORIZED",
        "1, NOT_AUTHORIZED",
        "255, NOT_AUTHORIZED",
        "256, NOT_AUTHORIZED",
        "390, NOT_AUTHORIZED",
        "-1, NOT_AUTHORIZED",
        "134.5, NOT_AUTHORIZED",
        "0.5, NOT_AUTHORIZED",
        "NaN, NOT_AUTHORIZED",
        "Infinity, NOT_AUTHORIZED"
    })
    void anyOtherAnswerRefusesAndIsAReasonThatConnAckHas(double reason, ReasonCode expected) {
        TestTab.Client client = tab.client("c").connect("joe", "secret");
        asked.get(0).says(reason, "admin");
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(expected);
        assertThat(client.closed).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x9C, 0x9D})
    void whoIsSentElsewhereIsToldWhere(int reason) {
        TestTab.Client client = tab.client("c").connect("joe", "secret");
        asked.get(0).says(reason, "");
        ConnAck refused = client.only(ConnAck.class);
        assertThat(refused.reason().code()).isEqualTo(reason);
        assertThat(refused.properties().string(Property.SERVER_REFERENCE)).isEqualTo("elsewhere.example:1883");
    }

    @Test
    void aReferenceThatMqttHasNoTextForIsLeftOut() {
        assertThat(TabGate.result("joe", 0x9C, "", "", "half a \uD800 pair"))
                .isEqualTo(new AuthenticationResult.Deny(ReasonCode.USE_ANOTHER_SERVER, ""));
        assertThat(TabGate.result("joe", 0x9C, "", "", "x".repeat(65_536)))
                .isEqualTo(new AuthenticationResult.Deny(ReasonCode.USE_ANOTHER_SERVER, ""));
    }

    @Test
    void anyOtherRefusalNamesNoServer() {
        TestTab.Client client = tab.client("c").connect("joe", "secret");
        asked.get(0).says(0x86, "");
        assertThat(client.only(ConnAck.class).properties().has(Property.SERVER_REFERENCE))
                .isFalse();
    }

    @Test
    void whatDoesNotChangeIsAcknowledgedAndGoesToNobody() {
        gate.changesOnly(new ChangesOnly(List.of(TopicFilter.of("sensors/#"))));
        TestTab.Client reader = connected("joe", "");
        TestTab.Client sensor = connected("ann", "");
        subscribe(reader, "#");
        assertThat(publish(sensor, "sensors/1")).isEqualTo(ReasonCode.SUCCESS);
        assertThat(publish(sensor, "sensors/1")).isEqualTo(ReasonCode.SUCCESS);
        assertThat(reader.only(Publish.class).topic()).hasToString("sensors/1");
        assertThat(publish(sensor, "doors/1")).isEqualTo(ReasonCode.SUCCESS);
        assertThat(publish(sensor, "doors/1")).isEqualTo(ReasonCode.SUCCESS);
        assertThat(reader.came()).hasSize(2);
    }

    @Test
    void onlyTheFirstAnswerCounts() {
        TestTab.Client client = tab.client("c").connect("joe", "wrong");
        asked.get(0).says(0x86, "");
        asked.get(0).says(0, "admin");
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }

    @Test
    void aPageThatFailsLetsNobodyIn() {
        failure = new IllegalStateException("a bug");
        TestTab.Client client = tab.client("c").connect("joe", "secret");
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
    }

    @Test
    void aPageThatNeverAnswersIsNotWaitedForForEver() {
        TestTab.Client client = tab.client("c").connect("joe", "secret");
        tab.advance(Duration.ofSeconds(Limits.DEFAULT.connectSeconds() + 1));
        assertThat(client.closed).isTrue();
        asked.get(0).says(0, "");
        assertThat(client.came())
                .noneMatch(packet -> packet instanceof ConnAck ack && ack.reason() == ReasonCode.SUCCESS);
    }

    @Test
    void whoHasToSayItsNameAndDoesNotIsRefusedUnasked() {
        TestTab.Client client = tab.clientThatHasToSayItsName("c").connect(null, null);
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(asked).isEmpty();
        tab.clientThatHasToSayItsName("d").connect("joe", null);
        tab.client("e").connect(null, null);
        assertThat(asked).hasSize(2);
    }

    @Test
    void withoutRulesEverythingIsAllowedButToSpeakForTheBroker() {
        TestTab.Client joe = connected("joe", "");
        assertThat(publish(joe, "a")).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(publish(joe, "$SYS/broker/version")).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(subscribe(joe, "#")).isEqualTo(ReasonCode.SUCCESS);
        assertThat(subscribe(joe, "$SYS/#")).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void rulesAskForTheRolesThatThePageGave() throws BrokenRule {
        gate.access("allow publish a role writer\nallow publish b role \"night shift\"\nallow subscribe # role reader");
        TestTab.Client joe = connected("joe", " writer , night shift,,");
        assertThat(publish(joe, "a")).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(publish(joe, "b")).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(publish(joe, "c")).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(subscribe(joe, "a")).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(subscribe(connected("ann", "reader"), "a")).isEqualTo(ReasonCode.SUCCESS);
        assertThat(publish(connected("bob", ""), "a")).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void brokenRulesNameTheLineAndChangeNothing() throws BrokenRule {
        gate.access("allow all a");
        assertThatThrownBy(() -> gate.access("# better\nallow everything")).hasMessageStartingWith("line 2: ");
        TestTab.Client joe = connected("joe", "");
        assertThat(publish(joe, "a")).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(publish(joe, "b")).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void aListWithoutRulesAllowsNothingAndNoListIsAsAtFirst() throws BrokenRule {
        gate.access("");
        assertThat(publish(connected("joe", ""), "a")).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        gate.access(null);
        assertThat(publish(connected("ann", ""), "a")).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
    }

    @Test
    void otherRulesCountForWhoIsConnectedAndForWhatTheySubscribedTo() throws BrokenRule {
        TestTab.Client joe = connected("joe", "");
        TestTab.Client ann = connected("ann", "");
        subscribe(joe, "a");
        subscribe(joe, "b");
        gate.access("allow all b\nallow publish a user ann");
        tab.broker.permissionsChanged();
        assertThat(publish(ann, "a")).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(publish(ann, "b")).isEqualTo(ReasonCode.SUCCESS);
        assertThat(joe.only(Publish.class).topic()).hasToString("b");
        assertThat(publish(joe, "a")).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    }

    private static Properties method(String method, String data) {
        return Properties.builder()
                .set(Property.AUTHENTICATION_METHOD, method)
                .set(Property.AUTHENTICATION_DATA, data.getBytes(StandardCharsets.UTF_8))
                .build();
    }

    @Test
    void aPageMaySpeakAnAuthenticationMethod() throws BrokenRule {
        gate.access("allow publish a role riddler");
        exchange = (data, answer) -> {
            boolean right = new String(data, StandardCharsets.UTF_8).equals("42");
            byte[] more = {7};
            answer.accept(
                    right ? TabGate.answer(0, more, "joe", "riddler", "") : TabGate.answer(0x18, more, null, "", ""));
            // What comes too much changes nothing.
            answer.accept(TabGate.answer(0x87, null, null, "", "twice"));
        };
        TestTab.Client client = tab.client("c").connect(null, null, method("RIDDLE", "?"));
        assertThat(client.only(Auth.class).reason()).isEqualTo(ReasonCode.CONTINUE_AUTHENTICATION);
        client.send(new Auth(ReasonCode.CONTINUE_AUTHENTICATION, method("RIDDLE", "42")));
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(publish(client, "a")).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0x87, 0x86, 1, Double.NaN})
    void aStepThatGoesWrongRefuses(double reason) {
        exchange = (data, answer) -> answer.accept(TabGate.answer(reason, null, "joe", "admin", "wrong"));
        TestTab.Client client = tab.client("c").connect(null, null, method("RIDDLE", "41"));
        assertThat(client.only(ConnAck.class).reason())
                .isEqualTo(reason == 0x86 ? ReasonCode.BAD_USER_NAME_OR_PASSWORD : ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void aStepThatFailsRefuses() {
        exchange = (data, answer) -> {
            throw new IllegalStateException("a bug");
        };
        TestTab.Client client = tab.client("c").connect(null, null, method("RIDDLE", "41"));
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
    }

    @Test
    void aMethodThatThePageDoesNotSpeakIsRefused() {
        TestTab.Client client = tab.client("c").connect(null, null, method("SCRAM-SHA-256", "n,,"));
        assertThat(client.only(ConnAck.class).reason()).isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD);
    }
}
