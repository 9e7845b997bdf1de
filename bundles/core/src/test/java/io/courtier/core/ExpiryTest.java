// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.Auth;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import io.courtier.spi.auth.EnhancedAuthenticator.Answer;
import io.courtier.spi.auth.Principal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Clients that may be here until a time, and those that re-authenticate before it. The wall clock begins at 1,000 s. */
class ExpiryTest {
    private static final long BEGIN_MILLIS = 1_000_000;

    private final TestHost host = new TestHost(1, Limits.DEFAULT);
    private final Shard shard = host.shards[0];

    @Test
    void aClientGoesWhenItsTimeIsOver() {
        at(0);
        host.principals = client -> until("ann", 90);
        TestClient client = new TestClient(shard, "c").connect(0, 0);
        for (double t = 1; t < 90; t++) at(t);
        assertThat(client.closed).isFalse();
        at(90.1);
        assertThat(client.closed).isTrue();
        assertThat(last(client)).isInstanceOfSatisfying(Disconnect.class, disconnect -> assertThat(disconnect.reason())
                .isEqualTo(ReasonCode.MAXIMUM_CONNECT_TIME));
        assertThat(shard.timers().count()).isZero();
    }

    @Test
    void itsWillIsPublished() {
        at(0);
        TestClient watcher = new TestClient(shard, "w").connect(0, 0).subscribe("gone", QoS.AT_MOST_ONCE);
        host.principals = client -> until("ann", 5);
        TestClient client = new TestClient(shard, "c");
        Will will = new Will(TopicName.of("gone"), bytes("c"), QoS.AT_MOST_ONCE, false, Properties.NONE);
        client.send(new Connect(ProtocolVersion.V5, client.identifier, true, 0, will, null, null, Properties.NONE));
        at(4);
        assertThat(watcher.payloads()).isEmpty();
        at(5.1);
        assertThat(watcher.payloads()).containsExactly("c");
    }

    @Test
    void aWallClockThatIsSetCountsAtOnceOrSoon() {
        at(0);
        host.principals = client -> until("ann", 3_600);
        TestClient client = new TestClient(shard, "c").connect(0, 0);
        TestClient early = new TestClient(shard, "e").connect(0, 0);
        early.lost();
        at(1, 7_200);
        at(61, 7_260);
        assertThat(client.closed).as("within a minute").isTrue();
    }

    @Test
    void aWallClockThatIsSetBackGivesTheTimeAgain() {
        at(0);
        host.principals = client -> until("ann", 30);
        TestClient client = new TestClient(shard, "c").connect(0, 0);
        at(31, 1);
        assertThat(client.closed).isFalse();
        at(61, 31);
        assertThat(client.closed).isTrue();
    }

    @Test
    void whoseTimeIsOverAlreadyDoesNotComeIn() {
        at(0);
        host.principals = client -> until("ann", 0);
        TestClient client = new TestClient(shard, "c").connect(0, 100);
        assertThat(((ConnAck) client.packets().get(0)).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(client.closed).isTrue();
        assertThat(shard.counters().sessions).isZero();
    }

    @Test
    void whoMayStayForEverHasNoTimer() {
        at(0);
        new TestClient(shard, "c").connect(0, 0);
        assertThat(shard.timers().count()).isZero();
        host.principals = client -> new Principal("ann", Set.of(), "test", Long.MAX_VALUE - 1);
        TestClient far = new TestClient(shard, "far").connect(0, 0);
        for (double t = 1; t < 300; t++) at(t);
        assertThat(far.closed).isFalse();
        assertThat(shard.timers().count()).isEqualTo(1);
    }

    @Test
    void reAuthenticationGivesItAnotherTime() {
        at(0);
        TestClient client = enhanced(until("ann", 10));
        at(9);
        reauthenticate(client, until("ann", 20));
        assertThat(last(client)).isInstanceOfSatisfying(Auth.class, auth -> assertThat(auth.reason())
                .isEqualTo(ReasonCode.SUCCESS));
        at(19);
        assertThat(client.closed).isFalse();
        at(20.1);
        assertThat(client.closed).isTrue();
    }

    @Test
    void reAuthenticationMayTakeTheEndAway() {
        at(0);
        TestClient client = enhanced(until("ann", 10));
        reauthenticate(client, new Principal("ann", Set.of(), "test"));
        at(30);
        assertThat(client.closed).isFalse();
        assertThat(shard.timers().count()).isZero();
    }

    @Test
    void nobodyReAuthenticatesAsAnotherUser() {
        for (Principal other : List.of(until("eve", 20), Principal.ANONYMOUS)) {
            at(0);
            TestClient client = enhanced(until("ann", 10));
            reauthenticate(client, other);
            assertThat(client.closed).isTrue();
            assertThat(last(client))
                    .isInstanceOfSatisfying(Disconnect.class, disconnect -> assertThat(disconnect.reason())
                            .isEqualTo(ReasonCode.NOT_AUTHORIZED));
            assertThat(client.packets()).noneMatch(Auth.class::isInstance);
        }
    }

    private TestClient enhanced(Principal principal) {
        host.exchanges = method -> (data, answer) -> answer.accept(new Answer.Success(principal, null));
        TestClient client = new TestClient(shard, "c");
        client.send(new Connect(ProtocolVersion.V5, client.identifier, true, 0, null, null, null, method()));
        return client;
    }

    private void reauthenticate(TestClient client, Principal principal) {
        host.exchanges = method -> (data, answer) -> answer.accept(new Answer.Success(principal, null));
        client.send(new Auth(ReasonCode.REAUTHENTICATE, method()));
    }

    private static Properties method() {
        return Properties.builder().set(Property.AUTHENTICATION_METHOD, "M").build();
    }

    private static Principal until(String user, long seconds) {
        return new Principal(user, Set.of(), "test", BEGIN_MILLIS + seconds * 1_000);
    }

    private void at(double seconds) {
        at(seconds, seconds);
    }

    private void at(double seconds, double wallSeconds) {
        shard.beginTurn((long) (seconds * 1e9), BEGIN_MILLIS + (long) (wallSeconds * 1e3));
        shard.tick();
        shard.endTurn();
    }

    private static ControlPacket last(TestClient client) {
        List<ControlPacket> packets = client.packets();
        return packets.get(packets.size() - 1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
