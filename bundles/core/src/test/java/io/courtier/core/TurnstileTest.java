// SPDX-License-Identifier: Apache-2.0
package io.courtier.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.protocol.ConnAck;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who may come in now: by how often it comes, how many sessions its user has, and whether it fights over one. */
class TurnstileTest {
    private final ToldEvents events = new ToldEvents();
    private TestHost host = new TestHost(2, Limits.DEFAULT);
    private Shard shard = host.shards[0];
    private int asked;
    private String user = "al";
    private double now;

    private void limits(Map<String, Object> changes) {
        host = new TestHost(2, FairUses.with(changes), events);
        shard = host.shards[0];
        host.principals = client -> {
            asked++;
            return user.isEmpty() ? Principal.ANONYMOUS : new Principal(user, Set.of(), "test");
        };
    }

    private void at(double seconds) {
        now = seconds;
        long nanos = (long) (seconds * 1e9);
        for (Shard each : host.shards) {
            each.beginTurn(nanos, 1_000_000 + nanos / 1_000_000);
            each.tick();
            each.endTurn();
        }
    }

    private void until(double seconds) {
        while (now < seconds) at(now + 0.1);
    }

    private TestClient come(String name, long expirySeconds) {
        return new TestClient(shard, name).connect(0, expirySeconds);
    }

    private static ReasonCode answer(TestClient client) {
        return ((ConnAck) client.packets().get(0)).reason();
    }

    private List<ReasonCode> answers(String name, int times) {
        List<ReasonCode> answers = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            TestClient client = come(name, 0);
            answers.add(answer(client));
            if (!client.closed) client.lost();
        }
        return answers;
    }

    // ---- how often

    @Test
    void aClientThatComesTooOftenIsTurnedAwayBeforeAnybodyIsAsked() {
        limits(Map.of("clientConnectsPerMinute", 3));
        assertThat(answers("c", 5))
                .containsExactly(
                        ReasonCode.SUCCESS,
                        ReasonCode.SUCCESS,
                        ReasonCode.SUCCESS,
                        ReasonCode.CONNECTION_RATE_EXCEEDED,
                        ReasonCode.CONNECTION_RATE_EXCEEDED);
        assertThat(asked).isEqualTo(3);
        assertThat(answers("d", 1)).containsExactly(ReasonCode.SUCCESS);
        assertThat(shard.counters().connectRateRefused).isEqualTo(2);
        assertThat(events.told)
                .containsOnly(
                        "refused CONNECTION_RATE_EXCEEDED: it comes more often than client.connects.per.minute=3");
        until(20.5);
        assertThat(answers("c", 2)).containsExactly(ReasonCode.SUCCESS, ReasonCode.CONNECTION_RATE_EXCEEDED);
        until(100);
        assertThat(answers("c", 4)).endsWith(ReasonCode.SUCCESS, ReasonCode.CONNECTION_RATE_EXCEEDED);
        until(300);
        assertThat(shard.turnstile().remembered()).isZero();
    }

    @Test
    void whoIsNotLetInUsesUpNobodysRate() {
        limits(Map.of("clientConnectsPerMinute", 3));
        TestClient owner = come("c", 1_000);
        owner.lost();
        user = "mallory";
        assertThat(answers("c", 20)).containsOnly(ReasonCode.NOT_AUTHORIZED);
        user = "al";
        assertThat(answer(come("c", 1_000))).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void allClientsOfAUserShareHowOftenTheyCome() {
        limits(Map.of("userConnectsPerMinute", 4));
        assertThat(answers("a", 2)).containsOnly(ReasonCode.SUCCESS);
        shard = host.shards[1];
        assertThat(answers("b", 3))
                .containsExactly(ReasonCode.SUCCESS, ReasonCode.SUCCESS, ReasonCode.CONNECTION_RATE_EXCEEDED);
        user = "bo";
        assertThat(answers("c", 1)).containsExactly(ReasonCode.SUCCESS);
        user = "";
        assertThat(answers("d", 9)).as("nobody is no user").containsOnly(ReasonCode.SUCCESS);
        assertThat(host.users.size()).isEqualTo(2);
        until(130);
        assertThat(host.users.size()).as("nothing is left to remember").isZero();
    }

    // ---- how many

    @Test
    void aUserHasNoMoreSessionsThanItMayConnectedOrNot() {
        limits(Map.of("sessionsPerUserMax", 2));
        TestClient one = come("one", 100);
        one.lost();
        shard = host.shards[1];
        TestClient two = come("two", 0);
        TestClient three = come("three", 0);
        assertThat(answer(three)).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(shard.counters().userSessionsRefused).isEqualTo(1);
        assertThat(events.told)
                .containsExactly("refused QUOTA_EXCEEDED: its user has sessions.per.user.max=2 sessions");
        two.lost();
        assertThat(answer(come("three", 0))).as("an ended one makes room").isEqualTo(ReasonCode.SUCCESS);
        assertThat(answer(come("four", 0))).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        until(101);
        assertThat(answer(come("four", 0))).as("an expired one too").isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void aSessionThatIsTakenUpAgainHasItsPlace() {
        limits(Map.of("sessionsPerUserMax", 1));
        TestClient kept = come("one", 100);
        assertThat(answer(kept)).isEqualTo(ReasonCode.SUCCESS);
        assertThat(answer(come("one", 100))).as("resumed").isEqualTo(ReasonCode.SUCCESS);
        assertThat(kept.closed).isTrue();
        assertThat(answer(come("one", 0))).isEqualTo(ReasonCode.SUCCESS);
        TestClient last = come("one", 0);
        assertThat(answer(last)).as("ended and made anew").isEqualTo(ReasonCode.SUCCESS);
        assertThat(answer(come("two", 0))).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        last.lost();
        assertThat(host.users.size()).isZero();
        assertThat(answer(come("two", 0))).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void aSessionThatChangesItsUserIsCountedAnew() {
        limits(Map.of("sessionsPerUserMax", 1));
        user = "";
        TestClient nobody = come("one", 100);
        user = "al";
        assertThat(answer(come("one", 100))).isEqualTo(ReasonCode.SUCCESS);
        assertThat(nobody.closed).isTrue();
        assertThat(answer(come("two", 100))).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        user = "";
        TestClient third = come("three", 100);
        user = "al";
        assertThat(answer(come("three", 100))).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(third.closed).as("it is still there").isFalse();
    }

    @Test
    void aLimitThatIsSetCountsTheSessionsThatAreThere() {
        limits(Map.of());
        come("one", 100);
        come("two", 100);
        for (Shard each : host.shards) each.limits(FairUses.with(Map.of("sessionsPerUserMax", 1)));
        assertThat(answer(come("three", 100))).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(answer(come("two", 100)))
                .as("a session that is there adds none")
                .isEqualTo(ReasonCode.SUCCESS);
    }

    // ---- take-over storms

    /** Two programs, each coming back a second after it was thrown out, until a time. Gives how often they took over. */
    private int fight(String name, double untilSeconds) {
        TestClient there = come(name, 0);
        int takeOvers = 0;
        while (now < untilSeconds) {
            until(now + 1);
            TestClient next = come(name, 0);
            if (answer(next) != ReasonCode.SUCCESS) continue;
            assertThat(there.closed).isTrue();
            there = next;
            takeOvers++;
        }
        assertThat(there.closed).as("the connection that is there stays").isFalse();
        return takeOvers;
    }

    @Test
    void twoThatFightOverASessionAreDamped() {
        limits(Map.of());
        int takeOvers = fight("c", 300);
        // 5, then one after 10, 30, 70, 130, 190 and 250 s and some.
        assertThat(takeOvers).isBetween(10, 12);
        assertThat(shard.counters().takeOverStorms).isEqualTo(1);
        assertThat(shard.counters().takeOversRefused).isGreaterThan(250);
        assertThat(events.count("storm")).isEqualTo(1);
        assertThat(events.count("refused in a storm SERVER_BUSY")).isEqualTo(shard.counters().takeOversRefused);
        assertThat(asked)
                .as("who is refused in a storm costs the authenticator nothing")
                .isLessThan(20);
        until(430);
        assertThat(events.count("storm ended after")).isEqualTo(1);
        assertThat(answer(come("c", 0))).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void oneThatLosesItsNetworkNowAndThenIsNotMeant() {
        limits(Map.of());
        for (int i = 0; i < 50; i++) {
            assertThat(answer(come("c", 0))).isEqualTo(ReasonCode.SUCCESS);
            assertThat(answer(come("c", 0))).isEqualTo(ReasonCode.SUCCESS);
            until(now + 6);
        }
        assertThat(events.told).isEmpty();
    }

    @Test
    void whenTheOneThatIsThereGoesTheOtherComesIn() {
        limits(Map.of());
        TestClient there = come("c", 0);
        for (int i = 0; i < 5; i++) there = come("c", 0);
        assertThat(answer(come("c", 0))).isEqualTo(ReasonCode.SERVER_BUSY);
        there.lost();
        assertThat(answer(come("c", 0))).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void strangersCannotBeginAStorm() {
        limits(Map.of());
        TestClient owner = come("c", 0);
        user = "mallory";
        assertThat(answers("c", 20)).containsOnly(ReasonCode.NOT_AUTHORIZED);
        user = "al";
        assertThat(answer(come("c", 0))).isEqualTo(ReasonCode.SUCCESS);
        assertThat(owner.closed).isTrue();
    }

    @Test
    void anyNumberOfTakeOversWhereThereIsNoLimit() {
        limits(Map.of("takeOversMax", 0));
        for (int i = 0; i < 50; i++) assertThat(answer(come("c", 0))).isEqualTo(ReasonCode.SUCCESS);
        assertThat(shard.counters().takeOverStorms).isZero();
    }
}
