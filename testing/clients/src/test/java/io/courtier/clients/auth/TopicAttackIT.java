// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.clients.House;
import io.courtier.clients.web.Instance;
import io.courtier.conformance.Client;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.ControlPacket;
import io.courtier.protocol.Disconnect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.PubAck;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import io.courtier.protocol.SubAck;
import io.courtier.protocol.Subscribe;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Attacks of somebody who was let in on topics that are for others: ann may read all but secrets, keeper all. */
@Execution(ExecutionMode.CONCURRENT)
class TopicAttackIT {
    /** secret, by bcrypt. */
    private static final String BCRYPT = "$2b$10$DD5Oah0TKkRojnLG9RqCTeO7.Q26Ta6UwVNDPiRbXGd9sntR2X1qC";

    private static final int MESSAGES = 20;

    @TempDir
    static Path folder;

    private static Instance broker;

    @BeforeAll
    static void start() {
        broker = new Instance(folder)
                .with("io.courtier.broker.cfg", "sys.interval.seconds = 1")
                .with("courtier-passwd", "ann:" + BCRYPT, "keeper:" + BCRYPT)
                .with(
                        "courtier-acl",
                        "deny  publish   $SYS/#",
                        "allow subscribe $SYS/#    user keeper",
                        "allow all       secret/#  user keeper",
                        "deny  all       secret/#",
                        "allow all       #         user keeper",
                        "allow subscribe #         user ann",
                        "allow publish   public/#  user ann",
                        "deny  all #",
                        "deny  all $#")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void aWillForAForbiddenTopicKeepsItsClientOut() throws IOException {
        Client keeper = in("keeper");
        String topic = House.unique("secret/will");
        keeper.subscribe(topic, QoS.AT_LEAST_ONCE);
        for (String forbidden : List.of(topic, "$SYS/broker/uptime", "elsewhere")) {
            Client ann = Bare.tcp(broker);
            assertThat(ann.connect(withWill(forbidden)).reason()).as(forbidden).isEqualTo(ReasonCode.NOT_AUTHORIZED);
            ann.wire().close();
        }
        keeper.expectNothing();
        AttackList.TOPICS.saw("will to a forbidden topic", "CONNECT is refused with 0x87, and nothing is published");
    }

    private static Connect withWill(String topic) {
        Will will = new Will(TopicName.of(topic), bytes("boo"), QoS.AT_LEAST_ONCE, true, Properties.NONE);
        return new Connect(
                ProtocolVersion.V5, House.unique("will"), true, 0, will, "ann", bytes("secret"), Properties.NONE);
    }

    @Test
    void aWideFilterDoesNotReadForbiddenRetainedMessages() throws IOException {
        Client keeper = in("keeper");
        String level = House.unique("retained");
        keeper.publishAndWait("secret/" + level, "hidden", QoS.AT_LEAST_ONCE, true);
        keeper.publishAndWait("public/" + level, "shown", QoS.AT_LEAST_ONCE, true);
        for (String wide : List.of("#", "+/" + level, "+/#")) {
            Client ann = in("ann");
            assertThat(ann.subscribe(wide, QoS.AT_LEAST_ONCE).reasons().get(0).isError())
                    .as(wide)
                    .isFalse();
            // Other tests publish meanwhile.
            assertThat(topics(ann)).as(wide).contains("public/" + level).noneMatch(topic -> topic.startsWith("secret"));
            ann.disconnect();
        }
        Client ann = in("ann");
        for (String narrow : List.of("secret/#", "secret/" + level, "secret/+")) {
            assertThat(ann.subscribe(narrow, QoS.AT_LEAST_ONCE).reasons()).containsExactly(ReasonCode.NOT_AUTHORIZED);
        }
        assertThat(ann.drain()).isEmpty();
        AttackList.TOPICS.saw(
                "retained messages through a wider filter",
                "`#`, `+/x`, `+/#` bring the retained messages that may be read and no others; `secret/#` is refused with 0x87");
    }

    @Test
    void sysIsNeitherWrittenNorReadThroughWildcardsOrGroups() throws IOException {
        Client ann = in("ann");
        assertThat(ann.publishAndWait("$SYS/broker/uptime", "forever", QoS.AT_LEAST_ONCE, true))
                .isEqualTo(ReasonCode.NOT_AUTHORIZED);
        for (String filter :
                List.of("$SYS/#", "$SYS/broker/uptime", "$share/g/$SYS/#", "$share/g/$SYS/+/uptime", "$queue/#")) {
            assertThat(ann.subscribe(filter, QoS.AT_LEAST_ONCE).reasons())
                    .as(filter)
                    .containsExactly(ReasonCode.NOT_AUTHORIZED);
        }
        Client wide = in("ann");
        assertThat(wide.subscribe("#", QoS.AT_LEAST_ONCE).reasons()).containsExactly(ReasonCode.GRANTED_QOS_1);
        Client wider = in("ann");
        assertThat(wider.subscribe("+/broker/#", QoS.AT_LEAST_ONCE).reasons())
                .containsExactly(ReasonCode.GRANTED_QOS_1);
        Client keeper = in("keeper");
        keeper.subscribe("$SYS/#", QoS.AT_MOST_ONCE);
        String first = keeper.expectMessage().topic().toString();
        while (!keeper.expectMessage().topic().toString().equals(first)) {
            // Until the broker said all of it once more.
        }
        assertThat(topics(wide)).noneMatch(topic -> topic.startsWith("$"));
        assertThat(topics(wider)).noneMatch(topic -> topic.startsWith("$"));
        AttackList.TOPICS.saw(
                "`$SYS`",
                "publishing: 0x87; `$SYS/#`, `$share/g/$SYS/#`, `$queue/#`: 0x87; `#` and `+/broker/#` bring none of it");
    }

    @Test
    void namesOfGroupsThatAreNoneAreRefused() throws IOException {
        for (String filter : List.of(
                "$share//public/#", "$share/g", "$share/g/", "$share/+/public/x", "$share/#", "$share/#/public")) {
            Client ann = in("ann");
            ann.send(new Subscribe(
                    1,
                    List.of(new Subscribe.Request(filter, SubscriptionOptions.of(QoS.AT_LEAST_ONCE))),
                    Properties.NONE));
            ControlPacket answer = ann.expect(ControlPacket.class);
            if (answer instanceof SubAck ack)
                assertThat(ack.reasons()).as(filter).allMatch(ReasonCode::isError);
            else assertThat(((Disconnect) answer).reason().isError()).as(filter).isTrue();
            ann.wire().close();
        }
        Client ann = in("ann");
        assertThat(ann.publishAndWait("$share/g/public/x", "x", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.NOT_AUTHORIZED);
        AttackList.TOPICS.saw(
                "`$share` with odd names",
                "`$share//x`, `$share/g`, `$share/+/x` and such: an error for each; publishing to `$share/...`: 0x87");
    }

    @Test
    void aSharedSubscriptionIsNoWayAroundTheRulesAndSwallowsNothing() throws IOException {
        Client ann = in("ann");
        Client keeper = in("keeper");
        assertThat(ann.subscribe("$share/g/secret/#", QoS.AT_LEAST_ONCE).reasons())
                .containsExactly(ReasonCode.NOT_AUTHORIZED);
        String level = House.unique("shared");
        // Both in one group, wide enough that ann may subscribe.
        for (Client member : List.of(ann, keeper)) {
            assertThat(member.subscribe("$share/wide/+/" + level, QoS.AT_LEAST_ONCE)
                            .reasons())
                    .containsExactly(ReasonCode.GRANTED_QOS_1);
        }
        Client sender = in("keeper");
        for (int i = 0; i < MESSAGES; i++) {
            sender.publishAndWait("secret/" + level, "s" + i, QoS.AT_LEAST_ONCE, false);
            sender.publishAndWait("public/" + level, "p" + i, QoS.AT_LEAST_ONCE, false);
        }
        List<String> annGot = payloads(ann);
        List<String> keeperGot = payloads(keeper);
        assertThat(annGot).noneMatch(payload -> payload.startsWith("s"));
        assertThat(keeperGot).containsAll(numbered("s").toList());
        assertThat(Stream.concat(annGot.stream(), keeperGot.stream()))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(numbered("s"), numbered("p")).toList());
        AttackList.TOPICS.saw(
                "a shared subscription around the rules",
                "`$share/g/secret/#`: 0x87; in a group for `+/x` with one who may read secrets: of %d secrets and %d others she got 0 and %d, her colleague %d and %d, none was lost",
                MESSAGES,
                MESSAGES,
                annGot.size(),
                MESSAGES,
                keeperGot.size() - MESSAGES);
    }

    @Test
    void aGroupOfNobodyWhoMayReadTakesNothingFromOthers() throws IOException {
        Client ann = in("ann");
        Client keeper = in("keeper");
        String level = House.unique("alone");
        ann.subscribe("$share/alone/+/" + level, QoS.AT_LEAST_ONCE);
        keeper.subscribe("secret/" + level, QoS.AT_LEAST_ONCE);
        Client sender = in("keeper");
        for (int i = 0; i < MESSAGES; i++) sender.publishAndWait("secret/" + level, "s" + i, QoS.AT_LEAST_ONCE, false);
        assertThat(payloads(keeper)).containsExactlyElementsOf(numbered("s").toList());
        assertThat(payloads(ann)).isEmpty();
        AttackList.TOPICS.saw(
                "a shared subscription of those alone who may not read",
                "gets none of %d; a plain subscriber who may gets all",
                MESSAGES);
    }

    @Test
    void aTopicAliasIsNoWayAroundTheRules() throws IOException {
        Client ann = in("ann");
        Client keeper = in("keeper");
        String topic = House.unique("secret/alias");
        keeper.subscribe("secret/#", QoS.AT_LEAST_ONCE);
        Properties alias = Properties.builder().set(Property.TOPIC_ALIAS, 1).build();
        ann.publish(topic, "x", QoS.AT_LEAST_ONCE, false, alias);
        assertThat(ann.expect(PubAck.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        ann.send(new Publish(false, QoS.AT_LEAST_ONCE, false, 9, TopicName.of(topic), bytes("y"), alias));
        assertThat(ann.expect(PubAck.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(topics(keeper)).doesNotContain(topic);
        AttackList.TOPICS.saw("a forbidden topic by a topic alias", "0x87 each time; nothing is published");
    }

    // ---- what tests are made of

    private static Client in(String user) throws IOException {
        Client client = Bare.tcp(broker);
        ConnAck ack = client.connect(Bare.connect(House.unique(user), user, "secret"));
        assertThat(ack.reason()).isEqualTo(ReasonCode.SUCCESS);
        return client;
    }

    private static Stream<String> numbered(String letter) {
        return IntStream.range(0, MESSAGES).mapToObj(i -> letter + i);
    }

    /** Of the messages that are on their way to a client, acknowledged. */
    private static List<String> payloads(Client client) {
        return messages(client).map(Client::payload).toList();
    }

    private static List<String> topics(Client client) {
        return messages(client).map(message -> message.topic().toString()).toList();
    }

    private static Stream<Publish> messages(Client client) {
        List<Publish> messages =
                client.drain().stream().map(Publish.class::cast).toList();
        messages.forEach(client::answer);
        return messages.stream();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
