// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.TopicFilter;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import io.courtier.spi.auth.Permissions;
import io.courtier.spi.auth.Principal;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of sessions that were allowed something, when they no longer are, or when somebody else wants them. */
class AuthorizationTest {
    /** All but topics that begin with secret. */
    private static final Permissions NO_SECRETS = new Permissions() {
        @Override
        public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
            return true;
        }

        @Override
        public boolean maySubscribe(TopicFilter filter, QoS qos) {
            return !filter.toString().startsWith("secret");
        }
    };

    private final TestHost host = new TestHost(1, Limits.DEFAULT);
    private final Shard shard = host.shards[0];

    @BeforeEach
    void begin() {
        shard.beginTurn(0, 1_000_000);
    }

    @Test
    void aSubscriptionThatIsNoLongerAllowedEndsAtOnce() {
        TestClient client = new TestClient(shard, "c")
                .connect(0, 0)
                .subscribe("secret/#", QoS.AT_MOST_ONCE)
                .subscribe("open", QoS.AT_MOST_ONCE);
        TestClient publisher = new TestClient(shard, "p").connect(0, 0);
        host.permissions = who -> NO_SECRETS;
        shard.permissionsChanged();
        publisher.publish("secret/plan", "no", QoS.AT_MOST_ONCE);
        publisher.publish("open", "yes", QoS.AT_MOST_ONCE);
        shard.endTurn();
        assertThat(client.payloads()).containsExactly("yes");
        assertThat(client.closed).isFalse();
        assertThat(shard.counters().subscriptions).isEqualTo(1);
        assertThat(shard.counters().subscriptionsRevoked).isEqualTo(1);
    }

    @Test
    void aSessionThatIsResumedKeepsOnlyWhatItsClientMayHaveNow() {
        new TestClient(shard, "c")
                .connect(0, 100)
                .subscribe("secret/#", QoS.AT_LEAST_ONCE)
                .lost();
        host.permissions = who -> NO_SECRETS;
        TestClient again = new TestClient(shard, "c").connect(0, 100);
        new TestClient(shard, "p").connect(0, 0).publish("secret/plan", "no", QoS.AT_LEAST_ONCE);
        shard.endTurn();
        assertThat(again.payloads()).isEmpty();
        assertThat(shard.counters().subscriptions).isZero();
    }

    @Test
    void aWillIsAskedForWithItsQoSAndRetainAndRefusesItsConnect() {
        List<String> asked = new ArrayList<>();
        host.permissions = who -> new Permissions() {
            @Override
            public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
                asked.add(topic + " " + qos.value() + " " + retain);
                return !retain;
            }

            @Override
            public boolean maySubscribe(TopicFilter filter, QoS qos) {
                return true;
            }
        };
        TestClient refused = new TestClient(shard, "c");
        refused.send(dying(refused, QoS.AT_LEAST_ONCE, true));
        assertThat(((ConnAck) refused.packets().get(0)).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        TestClient accepted = new TestClient(shard, "d");
        accepted.send(dying(accepted, QoS.EXACTLY_ONCE, false));
        assertThat(((ConnAck) accepted.packets().get(0)).reason()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(asked).containsExactly("secret/will 1 true", "secret/will 2 false");
    }

    @Test
    void aWillThatIsNoLongerAllowedIsNotPublished() {
        TestClient reader = new TestClient(shard, "r").connect(0, 0).subscribe("#", QoS.AT_MOST_ONCE);
        TestClient dying = new TestClient(shard, "c");
        dying.send(dying(dying, QoS.AT_MOST_ONCE, false));
        TestClient other = new TestClient(shard, "d");
        other.send(dying(other, QoS.AT_MOST_ONCE, false));
        host.permissions = who -> who.equals(dying.identifier) ? Permissions.NONE : Permissions.ALL;
        shard.permissionsChanged();
        dying.lost();
        shard.endTurn();
        assertThat(reader.payloads()).isEmpty();
        other.lost();
        shard.endTurn();
        assertThat(reader.payloads()).containsExactly("x");
    }

    private static Connect dying(TestClient client, QoS qos, boolean retain) {
        return new Connect(
                ProtocolVersion.V5,
                client.identifier,
                true,
                0,
                new Will(TopicName.of("secret/will"), new byte[] {'x'}, qos, retain, Properties.NONE),
                null,
                null,
                Properties.NONE);
    }

    @Test
    void asksForASubscriptionWithTheQoSThatItWouldGet() throws ReflectiveOperationException {
        TestHost lowered = new TestHost(1, withMaximumQoS(1));
        List<QoS> asked = new ArrayList<>();
        lowered.permissions = who -> new Permissions() {
            @Override
            public boolean mayPublish(TopicName topic, QoS qos, boolean retain) {
                return true;
            }

            @Override
            public boolean maySubscribe(TopicFilter filter, QoS qos) {
                asked.add(qos);
                return true;
            }
        };
        lowered.shards[0].beginTurn(0, 1_000_000);
        new TestClient(lowered.shards[0], "c").connect(0, 0).subscribe("t", QoS.EXACTLY_ONCE);
        lowered.shards[0].permissionsChanged();
        assertThat(asked).containsExactly(QoS.AT_LEAST_ONCE, QoS.AT_LEAST_ONCE);
    }

    /** The others as they are, however many there are. */
    private static Limits withMaximumQoS(int qos) throws ReflectiveOperationException {
        RecordComponent[] all = Limits.class.getRecordComponents();
        Object[] values = new Object[all.length];
        for (int i = 0; i < all.length; i++) {
            values[i] = all[i].getName().equals("maximumQoS")
                    ? qos
                    : all[i].getAccessor().invoke(Limits.DEFAULT);
        }
        Class<?>[] types = Arrays.stream(all).map(RecordComponent::getType).toArray(Class<?>[]::new);
        return Limits.class.getDeclaredConstructor(types).newInstance(values);
    }

    @Test
    void nobodyElseTakesOverTheSessionOfAUser() {
        host.principals = client -> new Principal("ann", Set.of(), "test");
        TestClient ann = new TestClient(shard, "c").connect(0, 100).subscribe("t", QoS.AT_LEAST_ONCE);
        host.principals = client -> new Principal("eve", Set.of(), "test");
        TestClient eve = new TestClient(shard, "c").connect(0, 100);
        assertThat(((ConnAck) eve.packets().get(0)).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        host.principals = client -> Principal.ANONYMOUS;
        TestClient nobody = new TestClient(shard, "c").connect(0, 100);
        assertThat(((ConnAck) nobody.packets().get(0)).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(ann.closed).isFalse();
        ann.lost();
        TestClient late = new TestClient(shard, "c").connect(0, 100);
        assertThat(((ConnAck) late.packets().get(0)).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        host.principals = client -> new Principal("ann", Set.of(), "test");
        TestClient back = new TestClient(shard, "c").connect(0, 100);
        assertThat(((ConnAck) back.packets().get(0)).sessionPresent()).isTrue();
    }

    @Test
    void theSessionOfNobodyIsAnybodys() {
        new TestClient(shard, "c")
                .connect(0, 100)
                .subscribe("t", QoS.AT_LEAST_ONCE)
                .lost();
        host.principals = client -> new Principal("ann", Set.of(), "test");
        TestClient ann = new TestClient(shard, "c").connect(0, 100);
        assertThat(((ConnAck) ann.packets().get(0)).sessionPresent()).isTrue();
    }
}
