// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.browser.bridge.Mapping.Direction;
import io.courtier.browser.broker.TabBroker;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.Publish;
import io.courtier.protocol.QoS;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BridgeTest {
    private static final Mapping ALL = new Mapping("#", Direction.BOTH, QoS.EXACTLY_ONCE, "", "");

    private final Net net = new Net();
    private final TabBroker tab = net.broker();
    private final TabBroker server = net.broker();
    private final Net.Person here = net.person(tab, "here");
    private final Net.Person there = net.person(server, "there");

    private static Mapping mapping(String filter, Direction direction, String localPrefix, String remotePrefix) {
        return new Mapping(filter, direction, QoS.EXACTLY_ONCE, localPrefix, remotePrefix);
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void carriesWhatIsMappedOnceInTheDirectionsOfItsMapping(ProtocolVersion version) {
        here.hears("#");
        there.hears("#");
        net.bridge(
                "b",
                tab,
                server,
                version,
                mapping("#", Direction.OUT, "up/", "site/"),
                mapping("#", Direction.IN, "down/", "orders/"),
                mapping("+/chat", Direction.BOTH, "", ""));
        here.says("up/a", "1");
        here.says("down/a", "2");
        here.says("room/chat", "3");
        there.says("orders/b", "4");
        there.says("site/b", "5");
        there.says("hall/chat", "6");
        assertThat(here.got).containsExactlyInAnyOrder("up/a=1", "down/a=2", "room/chat=3", "down/b=4", "hall/chat=6");
        assertThat(there.got)
                .containsExactlyInAnyOrder("site/a=1", "room/chat=3", "orders/b=4", "site/b=5", "hall/chat=6");
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void sendsNothingBack(ProtocolVersion version) {
        here.hears("#");
        there.hears("#");
        Net.Span span = net.bridge("b", tab, server, version, ALL);
        for (int i = 0; i < 3; i++) here.says("a", "same");
        for (int i = 0; i < 3; i++) there.says("a", "same");
        assertThat(here.got).hasSize(6).containsOnly("a=same");
        assertThat(there.got).hasSize(6).containsOnly("a=same");
        assertThat(span.bridge.out()).isEqualTo(3);
        assertThat(span.bridge.in()).isEqualTo(3);
    }

    @Test
    void carriesTheParentOfAPrefixUnderItsNameThere() {
        there.hears("#");
        net.bridge("b", tab, server, ProtocolVersion.V5, mapping("#", Direction.OUT, "up/", "site/"));
        here.says("up", "1");
        assertThat(there.got).containsExactly("site=1");
    }

    @Test
    void keepsQoSUpToThatOfItsMappingAndProperties() {
        there.hears("#");
        net.bridge(
                "b",
                tab,
                server,
                ProtocolVersion.V5,
                new Mapping("low", Direction.OUT, QoS.AT_LEAST_ONCE, "", ""),
                new Mapping("high", Direction.OUT, QoS.EXACTLY_ONCE, "", ""));
        Properties properties = Properties.builder()
                .set(Property.CONTENT_TYPE, "text")
                .userProperty("k", "v")
                .build();
        here.says("low", "1", QoS.EXACTLY_ONCE, false, properties);
        here.says("high", "2", QoS.EXACTLY_ONCE, false, properties);
        here.says("high", "3", QoS.AT_MOST_ONCE, false, properties);
        List<QoS> levels = new ArrayList<>();
        for (var each : there.deliveries) levels.add(each.publish().qos());
        assertThat(levels).containsExactly(QoS.AT_LEAST_ONCE, QoS.EXACTLY_ONCE, QoS.AT_MOST_ONCE);
        Publish one = there.deliveries.get(0).publish();
        assertThat(one.properties().string(Property.CONTENT_TYPE)).isEqualTo("text");
        assertThat(one.properties().userProperties().get(0).value()).isEqualTo("v");
    }

    @Test
    void carriesRetainedMessagesAsSuchAndTheirEnd() {
        here.says("a", "old", QoS.AT_LEAST_ONCE, true, Properties.NONE);
        net.bridge("b", tab, server, ProtocolVersion.V5, ALL);
        here.says("b", "new", QoS.AT_LEAST_ONCE, true, Properties.NONE);
        Net.Person late = net.person(server, "late").hears("#");
        assertThat(late.got).containsExactlyInAnyOrder("a=old", "b=new");
        assertThat(late.deliveries)
                .allSatisfy(each -> assertThat(each.publish().retain()).isTrue());
        here.says("a", "", QoS.AT_LEAST_ONCE, true, Properties.NONE);
        assertThat(net.person(server, "later").hears("#").got).containsExactly("b=new");
    }

    // ---- the other side is away

    @Test
    void keepsWhatItCouldNotCarryAndCountsQoS0() {
        there.hears("#");
        Net.Span span = net.bridge("b", tab, server, ProtocolVersion.V5, ALL);
        span.there = null;
        span.cut();
        for (int i = 0; i < 300; i++) here.says("a", "" + i, QoS.of(1 + i % 2), false, Properties.NONE);
        here.says("a", "zero", QoS.AT_MOST_ONCE, false, Properties.NONE);
        assertThat(there.got).isEmpty();
        span.there = server;
        net.advance(70_000);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) all.add("a=" + i);
        there.got.remove("a=zero");
        assertThat(there.got).containsExactlyElementsOf(all);
        assertThat(span.bridge.out() + span.bridge.dropped()).isEqualTo(301);
        assertThat(span.events)
                .contains("REMOTE CONNECTED", "REMOTE RECONNECTING")
                .endsWith("REMOTE CONNECTED");
    }

    /** More than its client for the other side may hold: it stays unacknowledged. */
    @Test
    void dropsNothingThatIsLargeWhileTheOtherSideIsAway() {
        there.hears("#");
        Net.Span span = net.bridge("b", tab, server, ProtocolVersion.V5, ALL);
        span.there = null;
        span.cut();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            String large = i + "x".repeat(900_000);
            here.says("a", large, QoS.of(1 + i % 2), false, Properties.NONE);
            all.add("a=" + large);
        }
        span.there = server;
        net.advance(70_000);
        assertThat(there.got).containsExactlyElementsOf(all);
        assertThat(span.bridge.dropped()).isZero();
    }

    /** Its echo comes when it was sent, and not when it was to be. */
    @Test
    void sendsNothingBackOfWhatWaitedForAServerBeforeMqtt5() {
        here.hears("#");
        there.hears("#");
        Net.Span span = net.bridge("b", tab, server, ProtocolVersion.V3_1_1, ALL);
        span.there = null;
        span.cut();
        here.says("a", "1");
        net.advance(30_000);
        span.there = server;
        net.advance(70_000);
        here.says("a", "2");
        assertThat(here.got).containsExactly("a=1", "a=2");
        assertThat(there.got).containsExactly("a=1", "a=2");
    }

    @Test
    void countsQoS0AsDroppedWhileTheOtherSideIsAway() {
        there.hears("#");
        Net.Span span = net.bridge("b", tab, server, ProtocolVersion.V5, ALL);
        span.there = null;
        span.cut();
        here.says("a", "zero", QoS.AT_MOST_ONCE, false, Properties.NONE);
        assertThat(span.bridge.dropped()).isEqualTo(1);
        span.there = server;
        net.advance(70_000);
        assertThat(there.got).isEmpty();
    }

    @Test
    void goesOnWhereAnotherBridgeOfItsNameWas() {
        there.hears("#");
        Net.Span span = net.bridge("b", tab, null, ProtocolVersion.V5, ALL);
        here.says("a", "1");
        here.says("a", "2");
        span.kill();
        here.says("a", "3");
        net.bridge("b", tab, server, ProtocolVersion.V5, ALL);
        net.advance(1_000);
        assertThat(there.got).containsExactly("a=1", "a=2", "a=3");
    }

    @Test
    void keepsNothingWhenItIsRemoved() {
        there.hears("#");
        Net.Span span = net.bridge("b", tab, null, ProtocolVersion.V5, ALL);
        here.says("a", "1");
        span.bridge.remove();
        net.settle();
        here.says("a", "2");
        net.bridge("b", tab, server, ProtocolVersion.V5, ALL);
        net.advance(1_000);
        assertThat(there.got).isEmpty();
        here.says("a", "3");
        assertThat(there.got).containsExactly("a=3");
    }

    @Test
    void keepsWhatComesWhileItIsStopped() {
        here.hears("#");
        Net.Span span = net.bridge("b", tab, server, ProtocolVersion.V5, ALL);
        span.bridge.stop();
        net.settle();
        there.says("a", "1");
        assertThat(here.got).isEmpty();
        net.bridge("b", tab, server, ProtocolVersion.V5, ALL);
        net.advance(1_000);
        assertThat(here.got).containsExactly("a=1");
    }

    // ---- loops

    /** Three brokers in a ring: a message may come by both ways, and stops. */
    @Test
    void endsLoopsOverSeveralBridges() {
        TabBroker third = net.broker();
        Net.Person far = net.person(third, "far").hears("#");
        here.hears("#");
        there.hears("#");
        List<Net.Span> ring = List.of(
                net.bridge("1", tab, server, ProtocolVersion.V5, ALL),
                net.bridge("2", server, third, ProtocolVersion.V5, ALL),
                net.bridge("3", third, tab, ProtocolVersion.V5, ALL));
        here.says("a", "x");
        assertThat(here.got.size()).isBetween(1, 3);
        assertThat(there.got.size()).isBetween(1, 2);
        assertThat(far.got.size()).isBetween(1, 2);
        long loops = 0;
        for (Net.Span each : ring) loops += each.bridge.loops();
        assertThat(loops).isPositive();
    }

    /** One of them speaks MQTT 3.1.1, over which no identity comes: equal messages are carried once for a while. */
    @Test
    void endsLoopsOverBridgesThatCannotMark() {
        TabBroker third = net.broker();
        Net.Person far = net.person(third, "far").hears("#");
        net.bridge("1", tab, server, ProtocolVersion.V3_1_1, 60, ALL);
        net.bridge("2", server, third, ProtocolVersion.V3_1_1, 60, ALL);
        net.bridge("3", third, tab, ProtocolVersion.V3_1_1, 60, ALL);
        here.says("a", "x");
        assertThat(far.got.size()).isBetween(1, 3);
        int pieces = net.pieces;
        net.advance(20_000);
        assertThat(net.pieces).isEqualTo(pieces);
    }

    @Test
    void refusesMappingsThatMakeNoFilter() {
        assertThatThrownBy(() -> mapping("#", Direction.OUT, "a", "b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> mapping("#", Direction.OUT, "+/", "b/")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> mapping("g/#", Direction.OUT, "$share/", "b/"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
