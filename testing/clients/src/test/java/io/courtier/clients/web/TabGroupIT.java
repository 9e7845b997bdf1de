// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import io.courtier.clients.Lane;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Who leads a group of tabs, in a world where time moves when the test says so: locks, channels, the database and the broker are
 * those of {@code tab-group/world.js}, the group and its election are served as they are. FailoverIT sees the same with real ones.
 */
@ResourceLock(Lane.LAB)
class TabGroupIT {
    private static ModuleFiles files;
    private static Chromium chromium;

    private Tab tab;

    @BeforeAll
    static void start() throws IOException {
        files = new ModuleFiles();
        chromium = Chromium.launch();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        files.close();
    }

    @BeforeEach
    void open() {
        // The policy that pages of ours have allows no frames, and each tab of this world is one.
        tab = chromium.tab(new Browser.NewContextOptions().setBypassCSP(true));
        instead("broker.js");
        instead("load.js");
        tab.page().navigate(files.url("/tab-group/index.html"));
        tab.page().waitForFunction("() => globalThis.World");
    }

    @AfterEach
    void close() {
        tab.close();
    }

    private void instead(String module) {
        tab.profile().route("**/courtier/" + module, route -> {
            try (InputStream file = TabGroupIT.class.getResourceAsStream("/tab-group/" + module)) {
                route.fulfill(new Route.FulfillOptions()
                        .setBodyBytes(file.readAllBytes())
                        .setContentType("text/javascript"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private Facts world(String story) {
        Page page = tab.page();
        return new Facts((Map<?, ?>) page.evaluate("() => (" + story + ")(new World())"));
    }

    private record Facts(Map<?, ?> all) {
        Object get(String name) {
            return all.get(name);
        }

        int number(String name) {
            return ((Number) get(name)).intValue();
        }
    }

    @Test
    void oneOfManyStealsFromALeaderThatSleeps() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b', 'c', 'd']);
                    const took = [];
                    const led = [];
                    let most = 0;
                    for (let i = 0; i < 12; i++) {
                        const [leader] = world.leaders();
                        world.freeze(leader);
                        took.push(await world.until(() => world.leaders().length === 2));
                        // Another that stole it, too, would be there by now.
                        for (let n = 0; n < 100; n++) {
                            await world.advance(50);
                            most = Math.max(most, world.leaders().length);
                        }
                        world.thaw(leader);
                        await world.until(() => world.leaders().length === 1);
                        await world.advance(1_000 + 70 * i);
                        led.push(world.leaders().length);
                        if (!world.tidy()) throw new Error(JSON.stringify(world.facts()));
                    }
                    return { longest: Math.max(...took), most, led, epoch: world.epoch };
                }""");
        assertThat(facts.number("longest")).isLessThan(5_000);
        // The one that sleeps believes that it leads, and one more.
        assertThat(facts.number("most")).isEqualTo(2);
        assertThat(facts.get("led")).isEqualTo(List.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
        assertThat(facts.get("epoch")).as("brokers opened").isEqualTo(13);
    }

    @Test
    void waitsForOneThatOpensALargeDatabase() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b', 'c', 'd']);
                    world.openMillis = 7_000;
                    world.freeze('a');
                    await world.until(() => world.leaders().length === 2);
                    await world.advance(12_000);
                    world.thaw('a');
                    await world.advance(2_000);
                    return { leaders: world.leaders().length, tidy: world.tidy(), epoch: world.epoch };
                }""");
        assertThat(facts.all()).isEqualTo(Map.of("leaders", 1, "tidy", true, "epoch", 2));
    }

    @Test
    void oneThatFallsAsleepWhileItOpensIsReplaced() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b', 'c']);
                    world.openMillis = 2_000;
                    world.crash('a');
                    await world.advance(500);
                    // Its broker is not open yet.
                    world.freeze('b');
                    const took = await world.until(() => world.get('c').group.role === 'broker');
                    world.thaw('b');
                    await world.advance(6_000);
                    return { took, leaders: world.leaders(), tidy: world.tidy(), b: world.get('b').roles };
                }""");
        assertThat(facts.number("took")).isLessThan(14_000);
        assertThat((List<?>) facts.get("leaders")).hasSize(1);
        assertThat(facts.get("tidy")).isEqualTo(true);
    }

    @Test
    void aNewTabReplacesALeaderThatItNeverHeard() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a']);
                    world.freeze('a');
                    await world.tab('b');
                    const took = await world.until(() => world.get('b').joined);
                    world.thaw('a');
                    await world.advance(2_000);
                    return { took, leaders: world.leaders(), tidy: world.tidy() };
                }""");
        assertThat(facts.number("took")).isLessThan(4_500);
        assertThat(facts.get("leaders")).isEqualTo(List.of("b"));
        assertThat(facts.get("tidy")).isEqualTo(true);
    }

    @Test
    void whoComesBackDoesNotTakeItsAbsenceForSilence() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b']);
                    await Promise.all([world.get('b').group.leave(), world.advance(100)]);
                    await world.advance(20_000);
                    world.join('b');
                    await world.until(() => world.get('b').joined);
                    await world.advance(5_000);
                    return { leaders: world.leaders(), epoch: world.epoch, a: world.get('a').roles };
                }""");
        assertThat(facts.all()).isEqualTo(Map.of("leaders", List.of("a"), "epoch", 1, "a", List.of("broker")));
    }

    @Test
    void whoSleptDoesNotTakeThatForSilence() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b']);
                    world.freeze('b');
                    await world.advance(20_000);
                    world.thaw('b');
                    await world.advance(5_000);
                    return { leaders: world.leaders(), epoch: world.epoch, a: world.get('a').roles };
                }""");
        assertThat(facts.all()).isEqualTo(Map.of("leaders", List.of("a"), "epoch", 1, "a", List.of("broker")));
    }

    @Test
    void leavesNothingWhenItLeavesWhileItOpens() {
        Facts facts = world(
                """
                async world => {
                    world.openMillis = 2_000;
                    await world.tab('a');
                    await world.advance(500);
                    let left = false;
                    world.get('a').group.leave().then(() => (left = true));
                    await world.until(() => left);
                    const { brokers, intervals, role } = world.get('a').facts();
                    world.join('a');
                    await world.until(() => world.get('a').joined);
                    return { brokers, intervals, role, again: world.leaders(), tidy: world.tidy() };
                }""");
        assertThat(facts.all())
                .isEqualTo(Map.of("brokers", 0, "intervals", 0, "role", "client", "again", List.of("a"), "tidy", true));
    }

    @Test
    void anotherLeadsWhereABrokerCannotBeOpened() {
        Facts facts = world(
                """
                async world => {
                    const tab = await world.tab('a');
                    tab.damaged = true;
                    let errors = 0;
                    tab.group.on('error', () => errors++);
                    await world.tab('b');
                    await world.until(() => world.leaders().length === 1);
                    await world.advance(3_000);
                    return { leaders: world.leaders(), errors, tidy: world.tidy() };
                }""");
        assertThat(facts.all()).isEqualTo(Map.of("leaders", List.of("b"), "errors", 1, "tidy", true));
    }

    @Test
    void aClientThatWaitsForTheOldBrokerHearsThatThisTabIsItNow() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b']);
                    world.freeze('a');
                    const heard = [];
                    const events = { opened: () => heard.push('opened'), bytes() {}, closed: error => heard.push(error.message) };
                    world.get('b').group.transport().open(events);
                    await world.until(() => world.leaders().includes('b'));
                    await world.advance(100);
                    world.get('b').group.transport().open(events);
                    await world.advance(100);
                    return { heard };
                }""");
        assertThat(facts.get("heard")).isEqualTo(List.of("this tab became the broker", "opened"));
    }

    @Test
    void anotherLeadsSoonAfterACrashWithoutLocks() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b', 'c', 'd', 'e'], { locks: false });
                    const took = [];
                    for (let i = 0; i < 4; i++) {
                        world.crash(world.leaders()[0]);
                        took.push(await world.until(() => world.leaders().length === 1));
                        await world.advance(130 * i);
                        if (world.leaders().length !== 1 || !world.tidy()) throw new Error(JSON.stringify(world.facts()));
                    }
                    return { longest: Math.max(...took), epoch: world.epoch };
                }""");
        assertThat(facts.number("longest")).as("BC-E12: milliseconds").isLessThan(5_000);
        assertThat(facts.get("epoch")).as("brokers opened").isEqualTo(5);
    }

    @Test
    void oneOfManyThatComeAtOnceLeadsWithoutLocks() {
        Facts facts = world(
                """
                async world => {
                    for (const id of ['e', 'd', 'c', 'b', 'a']) await world.tab(id, { locks: false });
                    const took = await world.until(() => world.leaders().length > 0);
                    await world.advance(10_000);
                    return { took, leaders: world.leaders(), tidy: world.tidy(), epoch: world.epoch };
                }""");
        assertThat(facts.number("took")).isLessThan(2_500);
        assertThat(facts.get("leaders")).isEqualTo(List.of("a"));
        assertThat(facts.get("tidy")).isEqualTo(true);
        assertThat(facts.get("epoch")).as("brokers opened").isEqualTo(1);
    }

    @Test
    void whoNeverLeadsIsNotWaitedForWithoutLocks() {
        Facts facts = world(
                """
                async world => {
                    await world.tab('a', { locks: false, candidate: false });
                    await world.advance(50);
                    await world.tab('b', { locks: false });
                    const took = await world.until(() => world.get('a').joined && world.get('b').joined);
                    return { took, leaders: world.leaders() };
                }""");
        assertThat(facts.number("took")).isLessThan(2_500);
        assertThat(facts.get("leaders")).isEqualTo(List.of("b"));
    }

    @Test
    void whoWasReplacedInItsSleepResignsWithoutLocks() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b', 'c'], { locks: false });
                    world.openMillis = 2_000;
                    world.freeze('a');
                    await world.until(() => world.leaders().length === 2);
                    await world.advance(8_000);
                    const [, second] = world.leaders();
                    world.thaw('a');
                    await world.advance(8_000);
                    return { stays: world.leaders().join() === second, tidy: world.tidy(), a: world.get('a').roles, epoch: world.epoch };
                }""");
        assertThat(facts.all())
                .isEqualTo(Map.of("stays", true, "tidy", true, "a", List.of("broker", "client"), "epoch", 2));
    }

    @Test
    void anotherLeadsWhereABrokerCannotBeOpenedWithoutLocks() {
        Facts facts = world(
                """
                async world => {
                    (await world.tab('a', { locks: false })).damaged = true;
                    for (const id of ['b', 'c']) await world.tab(id, { locks: false });
                    const took = await world.until(() => world.leaders().length === 1);
                    await world.advance(30_000);
                    return { took, leaders: world.leaders(), tidy: world.tidy(), epoch: world.epoch };
                }""");
        assertThat(facts.number("took")).isLessThan(15_000);
        assertThat(facts.get("leaders")).isEqualTo(List.of("b"));
        assertThat(facts.get("tidy")).isEqualTo(true);
        assertThat(facts.get("epoch")).as("brokers opened").isEqualTo(1);
    }

    @Test
    void oneOfTwoThatLeadApartStays() {
        Facts facts = world(
                """
                async world => {
                    world.inMemory = true;
                    world.apart = true;
                    await world.tab('a', { locks: false });
                    await world.tab('b', { locks: false });
                    await world.until(() => world.leaders().length === 2);
                    world.apart = false;
                    await world.advance(3_000);
                    return { leaders: world.leaders(), tidy: world.tidy(), epochs: world.facts().map(({ epoch }) => epoch) };
                }""");
        assertThat(facts.all()).isEqualTo(Map.of("leaders", List.of("a"), "tidy", true, "epochs", List.of(1, 1)));
    }

    @Test
    void anEpochThatNobodyCanSucceedIsNotBelieved() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b', 'c']);
                    const beat = epoch => world.say({ v: 1, epoch, from: 'broker', to: '*', seq: 0, type: 'BEAT', data: '' });
                    for (const epoch of [Number.MAX_SAFE_INTEGER, 2 ** 48, 1_000_000, -1]) beat(epoch);
                    await world.advance(5_000);
                    const ignored = world.facts().map(fact => fact.ignored);
                    const leader = world.leaders();
                    world.crash('a');
                    await world.until(() => world.leaders().length === 1);
                    await world.advance(8_000);
                    return { ignored, leader, epochs: world.facts().map(({ epoch }) => epoch), tidy: world.tidy(), opened: world.epoch };
                }""");
        assertThat(facts.all())
                .isEqualTo(Map.of(
                        "ignored", List.of(4, 4, 4),
                        "leader", List.of("a"),
                        "epochs", List.of(2, 2),
                        "tidy", true,
                        "opened", 2));
    }

    @Test
    void aNewcomerThatBelievedAWrongEpochFindsTheBroker() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b']);
                    await world.tab('new', { join: false });
                    world.join('new');
                    world.say({ v: 1, epoch: 2 ** 47, from: 'broker', to: '*', seq: 0, type: 'BEAT', data: '' });
                    await world.advance(20);
                    const first = world.get('new').group.epoch;
                    const heard = [];
                    world.get('new').group.transport().open({ opened: () => heard.push('opened'), bytes() {}, closed() {} });
                    const took = await world.until(() => heard.length > 0);
                    await world.advance(5_000);
                    return { believed: first === 2 ** 47, took, leaders: world.leaders(), epochs: world.facts().map(({ epoch }) => epoch) };
                }""");
        assertThat(facts.get("believed")).isEqualTo(true);
        assertThat(facts.number("took")).isLessThan(5_000);
        assertThat(facts.get("leaders")).isEqualTo(List.of("a"));
        assertThat(facts.get("epochs")).isEqualTo(List.of(1, 1, 1));
    }

    @Test
    void whoAsksABrokerThatIsClosedIsTold() {
        Facts facts = world(
                """
                async world => {
                    await world.led(['a', 'b']);
                    await world.get('a').group.broker.close();
                    const heard = [];
                    world.get('b').group.transport().open({
                        opened: () => heard.push('opened'), bytes() {}, closed: error => heard.push(error.message),
                    });
                    await world.advance(100);
                    // Nothing of it is left to be lost.
                    world.say({ type: 'GOODBYE', tabId: 'b' }, 'plant-control');
                    await world.advance(100);
                    return { heard };
                }""");
        assertThat(facts.get("heard")).isEqualTo(List.of("the broker is closed"));
    }
}
