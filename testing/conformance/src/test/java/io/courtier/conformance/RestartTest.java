// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static io.courtier.protocol.ProtocolVersion.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.core.Limits;
import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.PubRec;
import io.courtier.protocol.PubRel;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What clients find when they come back to a broker that ended at once and began again. */
class RestartTest {
    private MemoryStores memory = new MemoryStores();
    private MemoryDoor door = new MemoryDoor(2, Limits.DEFAULT, memory);

    private void restart() {
        restart(Limits.DEFAULT);
    }

    private void restart(Limits limits) {
        memory = memory.afterCrash(0);
        door = new MemoryDoor(2, limits, memory);
    }

    private Client lasting(String name, boolean clean) {
        Client client = new Client(door, V5);
        assertThat(client.connect(name, clean, null, Scenarios.expiry(100)).sessionPresent())
                .as("%s has a session", name)
                .isEqualTo(!clean);
        return client;
    }

    private Client passing(String name) {
        Client client = new Client(door, V5);
        client.connect(name, true);
        return client;
    }

    private static ApplicationMessage message(String topic, String payload, boolean retain) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return new ApplicationMessage(
                TopicName.of(topic), bytes, QoS.AT_LEAST_ONCE, retain, Properties.NONE, null, ApplicationMessage.NEVER);
    }

    @Test
    void whatWasSentAndNotAnsweredComesAgainUnderItsIdentifierWithDup() {
        Client client = lasting("c", true);
        client.subscribe("t", QoS.AT_LEAST_ONCE);
        passing("p").publishAndWait("t", "1", QoS.AT_LEAST_ONCE, false);
        Publish before = client.expect(Publish.class);
        restart();
        Publish again = lasting("c", false).expect(Publish.class);
        assertThat(again.packetIdentifier()).isEqualTo(before.packetIdentifier());
        assertThat(again.dup()).isTrue();
        assertThat(Client.payload(again)).isEqualTo("1");
    }

    @Test
    void whatWasNeverSentComesWithoutDup() {
        Client client = lasting("c", true);
        client.subscribe("t", QoS.AT_LEAST_ONCE);
        client.disconnect();
        passing("p").publishAndWait("t", "1", QoS.AT_LEAST_ONCE, false);
        restart();
        assertThat(lasting("c", false).expect(Publish.class).dup()).isFalse();
    }

    @Test
    void aMessageThatWasReceivedIsOwedItsReleaseOnly() {
        Client client = lasting("c", true);
        client.subscribe("t", QoS.EXACTLY_ONCE);
        passing("p").publishAndWait("t", "1", QoS.EXACTLY_ONCE, false);
        Publish publish = client.expect(Publish.class);
        client.send(new PubRec(publish.packetIdentifier(), ReasonCode.SUCCESS, Properties.NONE));
        client.expect(PubRel.class);
        restart();
        assertThat(lasting("c", false).expect(PubRel.class).packetIdentifier()).isEqualTo(publish.packetIdentifier());
    }

    @Test
    void theWillOfWhoWasConnectedIsSent() {
        Client watcher = lasting("watcher", true);
        watcher.subscribe("wills", QoS.AT_LEAST_ONCE);
        watcher.disconnect();
        Will will = new Will(
                TopicName.of("wills"),
                "gone".getBytes(StandardCharsets.UTF_8),
                QoS.AT_LEAST_ONCE,
                false,
                Properties.NONE);
        new Client(door, V5).connect("c", true, will, Scenarios.expiry(100));
        restart();
        assertThat(lasting("watcher", false).expectPayload()).isEqualTo("gone");
    }

    @Test
    void aSessionThatNobodyComesBackForEndsInTime() {
        lasting("c", true).disconnect();
        restart();
        door.advance(Duration.ofSeconds(101));
        assertThat(new Client(door, V5)
                        .connect("c", false, null, Scenarios.expiry(100))
                        .sessionPresent())
                .isFalse();
        // Nor does it come back with the next start.
        restart();
        lasting("c", false);
    }

    @Test
    void aSharedGroupDoesWhatAMemberThatNobodyComesBackForLeft() {
        // Nearly none of them is in memory, and none at all after the restart.
        restart(LimitsOf.with(Map.of("shardQueueBytesMax", 100L)));
        Client gone = lasting("gone", true);
        gone.subscribe("$share/g/t", QoS.AT_LEAST_ONCE);
        gone.disconnect();
        Client publisher = passing("p");
        for (int i = 0; i < 1_500; i++) publisher.publishAndWait("t", "" + i, QoS.AT_LEAST_ONCE, false);
        restart();
        Client stays = lasting("stays", true);
        stays.subscribe("$share/g/t", QoS.AT_LEAST_ONCE);
        door.advance(Duration.ofSeconds(101));
        for (int i = 0; i < 1_500; i++) assertThat(stays.expectPayload()).isEqualTo("" + i);
        stays.expectNothing();
    }

    @Test
    void aBrokerThatStopsLeavesWhatItsClientsDidNotAcknowledgeToThoseThatComeBack() {
        Client passes = passing("passes");
        passes.subscribe("$share/g/t", QoS.AT_LEAST_ONCE);
        passing("p").publishAndWait("t", "job", QoS.AT_LEAST_ONCE, false);
        passes.expect(Publish.class);
        passing("passes too").subscribe("$share/g/t", QoS.AT_LEAST_ONCE);
        Client comesBack = lasting("comes back", true);
        comesBack.subscribe("$share/g/t", QoS.AT_LEAST_ONCE);
        comesBack.disconnect();
        door.stop();
        restart();
        assertThat(lasting("comes back", false).expectPayload()).isEqualTo("job");
    }

    @Test
    void aQueueMayBeLongerThanMemory() {
        restart(LimitsOf.with(Map.of("shardQueueBytesMax", 1_000L)));
        Client client = lasting("c", true);
        client.subscribe("t", QoS.EXACTLY_ONCE);
        client.disconnect();
        Client publisher = passing("p");
        for (int i = 0; i < 1_500; i++) publisher.publishAndWait("t", "" + i, QoS.AT_LEAST_ONCE, false);
        assertThat(door.shard(0).counters().queuedBytes + door.shard(1).counters().queuedBytes)
                .isLessThanOrEqualTo(2_000);
        Client back = lasting("c", false);
        for (int i = 0; i < 1_500; i++) assertThat(back.expectPayload()).isEqualTo("" + i);
        back.expectNothing();
    }

    @Test
    void whatTheBrokerSaysOfItselfEndsWithIt() {
        door.shard(0).beginTurn(0, 0);
        door.shard(0).publish(message("$SYS/broker/version", "1", true));
        door.shard(0).endTurn();
        passing("p").publishAndWait("kept", "x", QoS.AT_LEAST_ONCE, true);
        restart();
        Client client = passing("c");
        client.subscribe("$SYS/#", QoS.AT_MOST_ONCE);
        client.subscribe("#", QoS.AT_MOST_ONCE);
        assertThat(client.expectPayload()).isEqualTo("x");
        client.expectNothing();
    }

    @Test
    void aSessionFromElsewhereIsAdoptedOnceAndKept() {
        SessionImage image = new SessionImage();
        image.record(7, new SessionRecord.Started("c"));
        image.record(8, new SessionRecord.Connected(7, null, 100, null));
        image.record(9, new SessionRecord.Subscribed(7, "t", SubscriptionOptions.of(QoS.AT_LEAST_ONCE), 0));
        image.record(11, new SessionRecord.Queued(7, 10, 1, 100, 1, false, null, null));
        SessionImage.Kept kept = image.sessions().iterator().next();
        int home = io.courtier.core.Shard.homeOf("c", 2);
        Map<Long, ApplicationMessage> messages = Map.of(10L, message("t", "brought", false));
        assertThat(door.shard(home).adopt(kept, messages)).isTrue();
        assertThat(door.shard(home).adopt(kept, messages)).isFalse();
        door.sync();
        restart();
        passing("p").publishAndWait("t", "new", QoS.AT_LEAST_ONCE, false);
        Client client = lasting("c", false);
        assertThat(client.expectPayload()).isEqualTo("brought");
        assertThat(client.expectPayload()).isEqualTo("new");
    }
}
