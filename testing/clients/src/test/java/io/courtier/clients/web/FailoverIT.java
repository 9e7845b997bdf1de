// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitUntilState;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The broker's tab goes, again and again, in each way that a tab can go, while two others talk: a message of QoS 1 and one of
 * QoS 2 each 50 ms. None is lost, and none of QoS 2 comes twice [BC-5, BC-E1]. {@code -Dcourtier.failovers=20} for more.
 */
@ResourceLock(Lane.LAB)
class FailoverIT {
    private static final int FAILOVERS = Integer.getInteger("courtier.failovers", 3);

    enum Going {
        CLOSED,
        RELOADED,
        NAVIGATED,
        CRASHED,
        DISCONNECTED,
        FROZEN
    }

    /** Pages that were left wait in a cache, with what they hold. */
    @RegisterExtension
    static final Lab LAB = new Lab(Chromium::launchWithPageCache);

    private final String channel = House.unique("failover");

    private LabTab join(Page page, String more) {
        return LabTab.open(page, LAB.page("broadcast-channel/?channel=" + channel + more))
                .until("s.state === 'connected' || s.joined === null");
    }

    private LabTab joined(Page page, String more) {
        LabTab opened = join(page, more);
        return opened.state("joined") == null ? opened.connect() : opened;
    }

    @ParameterizedTest
    @EnumSource
    void losesNothingWhenTheBrokersTabIs(Going how) {
        LAB.tab().forgive("crash").forgive("ERR_");
        // Two that follow: both hear the same silence.
        List<LabTab> candidates = new ArrayList<>(List.of(
                joined(LAB.tab().page(), ""),
                joined(LAB.tab().another(), ""),
                joined(LAB.tab().another(), "")));
        LabTab subscriber = joined(LAB.tab().another(), "&no-candidate").countMessages();
        subscriber.subscribe("once/#", 1).subscribe("exactly/#", 2);
        LabTab publisher = joined(LAB.tab().another(), "&no-candidate");
        LabTab exact = joined(LAB.tab().another(), "&no-candidate");
        publisher.startStream("once/1", 1, 50);
        exact.startStream("exactly/1", 2, 50);
        List<Long> took = new ArrayList<>();
        for (int i = 0; i < FAILOVERS; i++) {
            LabTab leader = onlyLeader(candidates);
            List<LabTab> next = new ArrayList<>(candidates);
            next.remove(leader);
            for (LabTab each : next) {
                each.page()
                        .evaluate(
                                "() => { globalThis.ledAt = 0; clearInterval(globalThis.watch); globalThis.watch = setInterval(() => { if (courtier.state().role === 'broker') { ledAt = Date.now(); clearInterval(watch); } }, 2); }");
            }
            long begun = System.currentTimeMillis();
            Page gone = leave(leader, how);
            subscriber.page().waitForCondition(() -> ledAt(next) > 0);
            took.add(ledAt(next) - begun);
            candidates.set(candidates.indexOf(leader), comeBack(gone, how));
        }
        onlyLeader(candidates);
        int once = ((Number) publisher.stopStream().get("sent")).intValue();
        Map<String, Object> exactly = exact.stopStream();
        assertThat(exactly.get("failed")).isEqualTo(List.of());
        int twos = ((Number) exactly.get("sent")).intValue();
        subscriber.awaitCounted("once/1", once).awaitCounted("exactly/1", twos);
        for (int n = 1; n <= once; n++)
            assertThat(subscriber.counted("once/1", n))
                    .as("QoS 1, message " + n)
                    .isPositive();
        for (int n = 1; n <= twos; n++)
            assertThat(subscriber.counted("exactly/1", n))
                    .as("QoS 2, message " + n)
                    .isEqualTo(1);
        List<Long> sorted = took.stream().sorted().toList();
        // Nobody knows that one sleeps before it has missed three beats, a second each.
        assertThat(sorted.get(sorted.size() / 2))
                .as("the median of %s ms", took)
                .isLessThan(how == Going.FROZEN ? 5_000 : 1_000);
        assertThat(sorted.get(sorted.size() - 1))
                .as("the longest of %s ms", took)
                .isLessThan(how == Going.FROZEN ? 8_000 : 3_000);
        LabList.BC.saw(
                "BC-5 " + how.name().toLowerCase(java.util.Locale.ROOT),
                "%d times: another led after %s ms; %d messages of QoS 1, none lost, %d of QoS 2, each once",
                FAILOVERS,
                took,
                once,
                twos);
        if (how == Going.CRASHED)
            LabList.BC.saw("BC-E1", "the broker's tab crashed amid QoS 2: %d messages, each once", twos);
        if (how == Going.NAVIGATED)
            LabList.BC.saw(
                    "BC-E8", "left into the page cache and back: its lock went at once, it came back as a client");
        if (how != Going.FROZEN) return;
        LabList.BC.saw("BC-E2", "a broker that had slept while another led stepped down and showed Client");
        LabList.BC.saw("BC-E6", "frozen: another led after %s ms", took);
    }

    private static LabTab onlyLeader(List<LabTab> candidates) {
        List<LabTab> leaders =
                candidates.stream().filter(each -> each.role().equals("broker")).toList();
        assertThat(leaders).as("tabs that say that they are the broker").hasSize(1);
        return leaders.get(0);
    }

    /** When the first of them led; 0 before. */
    private static long ledAt(List<LabTab> tabs) {
        return tabs.stream()
                .mapToLong(each -> ((Number) each.page().evaluate("() => ledAt")).longValue())
                .filter(at -> at > 0)
                .min()
                .orElse(0);
    }

    private Page leave(LabTab leader, Going how) {
        Page page = leader.page();
        switch (how) {
            case CLOSED -> page.close();
            case RELOADED -> page.reload(new Page.ReloadOptions().setWaitUntil(WaitUntilState.COMMIT));
            case NAVIGATED -> page.navigate("about:blank");
            case CRASHED -> leader.crash();
            case DISCONNECTED -> page.evaluate("() => { courtier.disconnect(); }");
            case FROZEN -> lifecycle(page, "frozen");
        }
        return page;
    }

    private LabTab comeBack(Page page, Going how) {
        return switch (how) {
            case CLOSED -> joined(LAB.tab().another(), "");
            case CRASHED -> {
                page.close();
                yield joined(LAB.tab().another(), "");
            }
            case RELOADED -> LabTab.of(page).ready().until("s.state === 'connected'");
            case NAVIGATED -> {
                page.goBack(new Page.GoBackOptions().setWaitUntil(WaitUntilState.COMMIT));
                yield LabTab.of(page).ready().until("s.state === 'connected'");
            }
            case DISCONNECTED ->
                LabTab.of(page).until("s.state === 'disconnected'").connect();
            case FROZEN -> {
                lifecycle(page, "active");
                yield LabTab.of(page).until("s.role === 'client' && s.state === 'connected'");
            }
        };
    }

    private static void lifecycle(Page page, String state) {
        CDPSession devtools = page.context().newCDPSession(page);
        JsonObject wanted = new JsonObject();
        wanted.addProperty("state", state);
        devtools.send("Page.setWebLifecycleState", wanted);
        // Its worker goes on under this emulation: held up, it is as frozen as a phone's.
        if (state.equals("frozen")) page.evaluate("() => courtier.hold(6_000)");
        devtools.detach();
    }
}
