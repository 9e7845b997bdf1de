// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.WaitUntilState;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Tabs of one channel come and go, in all ways, and each says what its badge shows whenever that changes: from this follows
 * what a person would have seen in each millisecond. Never two brokers, and none only while another takes over [BC-1].
 * {@code -Dcourtier.churn.seconds=60} for more; {@code -Dcourtier.churn.seed} for the same steps again.
 */
@ResourceLock(Lane.LAB)
class OneBrokerIT {
    private static final int SECONDS = Integer.getInteger("courtier.churn.seconds", 10);
    private static final long SEED = Long.getLong("courtier.churn.seed", System.nanoTime());
    private static final int TABS_MIN = 3;
    private static final int TABS_MAX = 6;
    /** As for any other failover: see {@link FailoverIT}. */
    private static final int GAP_MILLIS_MAX = 3_000;

    /** Joins by itself, as after a reload, and tells by the console what the badge shows. */
    private static final String TELL =
            """
            if (location.pathname.startsWith('/lab/')) {
                if (!sessionStorage.getItem('courtier-lab:channel')) {
                    sessionStorage.setItem('courtier-lab:channel', JSON.stringify({ channel: 'CHANNEL', clientId: '', subscriptions: [] }));
                }
                const tell = shown => console.log('shows ' + shown + ' ' + Date.now());
                tell('none');
                addEventListener('pagehide', () => tell('none'));
                new MutationObserver(changes => {
                    for (const { target } of changes) if (target.id === 'role-status') tell(target.dataset.role);
                }).observe(document, { subtree: true, attributeFilter: ['data-role'] });
            }
            """;

    private enum Step {
        OPEN,
        CLOSE,
        RELOAD,
        CRASH,
        DISCONNECT
    }

    /** When a tab showed that it was the broker. */
    private record Span(String tab, long from, long to) {}

    /** What is known of one tab. */
    private final class Watched {
        final String name = "tab " + ++opened;
        final Page page;
        private String shows = "none";
        private long since;

        Watched(Page page) {
            this.page = page;
            page.onConsoleMessage(message -> {
                String[] words = message.text().split(" ");
                if (words.length == 3 && words[0].equals("shows")) shows(words[1], Long.parseLong(words[2]));
            });
            page.onCrash(crashed -> gone());
        }

        void shows(String what, long at) {
            if (!tabs.contains(this) || what.equals(shows)) return;
            if (shows.equals("broker")) spans.add(new Span(name, since, at));
            shows = what;
            since = at;
        }

        boolean isThere() {
            return !shows.equals("none");
        }

        boolean isBroker() {
            return shows.equals("broker");
        }

        /** Whoever is asked to go is looked at no more. */
        void gone() {
            shows("none", System.currentTimeMillis());
            tabs.remove(this);
        }
    }

    @RegisterExtension
    static final Lab LAB = new Lab();

    private final String channel = House.unique("churn");
    private final List<Watched> tabs = new ArrayList<>();
    private final List<Span> spans = new ArrayList<>();
    private final Random random = new Random(SEED);
    private int opened;

    @Test
    void isNeverTwoAndSoonAnother() {
        LAB.tab().forgive("crash").forgive("ERR_");
        LAB.tab().profile().addInitScript(TELL.replace("CHANNEL", channel));
        another();
        awaitThere(1);
        long from = System.currentTimeMillis();
        Map<Step, Integer> done = new EnumMap<>(Step.class);
        while (System.currentTimeMillis() < from + SECONDS * 1_000L) {
            // Who goes leaves another that can take over: else nobody could be expected to. A crash may take more than
            // one tab.
            while (tabs.size() < TABS_MIN) another();
            awaitThere(2);
            Step step = next();
            take(step);
            done.merge(step, 1, Integer::sum);
        }
        awaitThere(1);
        long to = System.currentTimeMillis();
        for (Watched each : List.copyOf(tabs)) each.gone();

        List<Span> shown = spans.stream()
                .sorted((one, other) -> Long.compare(one.from(), other.from()))
                .toList();
        String what = "seed " + SEED + ": " + shown;
        long none = 0;
        long longest = 0;
        for (int i = 1; i < shown.size(); i++) {
            long gap = shown.get(i).from() - shown.get(i - 1).to();
            // The clock of all has whole milliseconds.
            assertThat(gap).as(what).isGreaterThanOrEqualTo(0);
            none += gap;
            longest = Math.max(longest, gap);
        }
        assertThat(shown.get(0).from()).as(what).isLessThanOrEqualTo(from);
        assertThat(longest).as(what).isLessThan(GAP_MILLIS_MAX);
        LabList.BC.saw(
                "BC-1 churn",
                "%d s of tabs that came and went (%s): of %,d samples, one each ms, none had two brokers; %d others took over, and the"
                        + " longest time without one was %d ms, %d ms in all",
                SECONDS,
                done.entrySet().stream()
                        .map(each -> each.getKey().name().toLowerCase(Locale.ROOT) + " " + each.getValue())
                        .collect(Collectors.joining(", ")),
                to - from,
                shown.size() - 1,
                longest,
                none);
    }

    private void another() {
        Watched watched = new Watched(LAB.next());
        tabs.add(watched);
        watched.page.navigate(
                LAB.page("broadcast-channel/"), new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));
    }

    /** Waits until a broker is shown, and so many tabs take part. */
    private void awaitThere(int count) {
        BooleanSupplier there = () -> tabs.stream().anyMatch(Watched::isBroker)
                && tabs.stream().filter(Watched::isThere).count() >= count;
        try {
            tabs.get(0).page.waitForCondition(there);
        } catch (TimeoutError late) {
            throw new AssertionError(
                    "seed " + SEED + ": no broker, or not " + count + " tabs, among "
                            + tabs.stream()
                                    .map(each -> each.name + " " + each.shows + " "
                                            + each.page.evaluate("() => JSON.stringify(globalThis.courtier?.state())"))
                                    .toList(),
                    late);
        }
    }

    private Step next() {
        if (tabs.size() <= TABS_MIN) return Step.OPEN;
        Step[] all = Step.values();
        return all[random.nextInt(tabs.size() < TABS_MAX ? 0 : 1, all.length)];
    }

    private void take(Step step) {
        if (step == Step.OPEN) {
            another();
            return;
        }
        // The process that crashes may be the service worker's, too: what a page loads through it at this moment fails
        // for good.
        if (step == Step.CRASH) awaitThere(tabs.size());
        List<Watched> there = tabs.stream().filter(Watched::isThere).toList();
        // The broker half of the times.
        Watched one = random.nextBoolean()
                ? there.stream().filter(Watched::isBroker).findAny().orElseThrow()
                : there.get(random.nextInt(there.size()));
        switch (step) {
            case CLOSE -> {
                one.gone();
                one.page.close();
            }
            case CRASH -> {
                one.gone();
                LabTab.of(one.page).crash();
                one.page.close();
            }
            case RELOAD -> {
                one.shows("none", System.currentTimeMillis());
                one.page.reload(new Page.ReloadOptions().setWaitUntil(WaitUntilState.COMMIT));
            }
            case DISCONNECT -> one.page.evaluate("() => courtier.disconnect().then(() => courtier.connect())");
            default -> throw new AssertionError(step);
        }
    }
}
