// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.courtier.clients.House;
import io.courtier.clients.Lane;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the Client page looks, and that it can be used by keys and by ear. Pictures of it are in target/screenshots. */
@ResourceLock(Lane.PAGES)
class ClientPageLookIT {
    private static final Path PICTURES = Path.of(System.getProperty("basedir", ""), "target", "screenshots");
    private static final Set<String> CONTROLS =
            Set.of("button", "textbox", "searchbox", "combobox", "checkbox", "radio", "spinbutton", "listbox", "link");

    @TempDir
    static Path folder;

    private static Instance broker;
    private static Chromium chromium;

    private final String topic = House.unique("plant");

    @BeforeAll
    static void start() {
        broker = new Instance(folder).start();
        chromium = Chromium.launch();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        broker.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void fitsADesk(ColorScheme scheme) {
        try (Tab tab = chromium.tab(sized(1280, 800, scheme))) {
            Page page = tab.page();
            ClientPage.open(page, ClientPage.address(broker.port("ws-default")));
            page.reload();
            page.waitForFunction("() => window.courtier");
            picture(page, "desk-begin", scheme);
            ClientPage busy = busy(tab);
            picture(page, "desk", scheme);
            page.locator(".row[data-topic='" + topic + "/pump/7/state']")
                    .first()
                    .click();
            picture(page, "desk-details", scheme);
            page.keyboard().press("Escape");
            page.evaluate("() => document.querySelectorAll('details').forEach(folded => folded.open = true)");
            busy.disconnect().fill("broker-url", "nowhere").click("connect-btn").awaitFault("url");
            picture(page, "desk-open", scheme);
            assertThat(page.evaluate("() => document.documentElement.scrollWidth"))
                    .isEqualTo(1280);
            assertThat(faint(page)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void fitsAPhone(ColorScheme scheme) {
        try (Tab tab = chromium.tab(sized(320, 640, scheme))) {
            Page page = tab.page();
            ClientPage.open(tab, broker);
            assertThat(widest(page)).as("with all of its fields").isEqualTo(320);
            busy(tab);
            assertThat(widest(page)).isEqualTo(320);
            page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(path("phone", scheme)));
            page.locator(".row[data-topic='" + topic + "/pump/7/state']")
                    .first()
                    .click();
            assertThat(widest(page)).isEqualTo(320);
            picture(page, "phone-details", scheme);
            assertThat(faint(page)).isEmpty();
        }
    }

    @Test
    void namesEachControl() {
        try (Tab tab = chromium.tab()) {
            ClientPage page = ClientPage.open(tab, broker);
            for (String of : List.of("connect", "will", "subscribe", "publish"))
                page.click(of + "-user-properties-add");
            assertThat(nameless(tab)).isEmpty();
            page.page().reload();
            page.ready();
            busy(tab);
            page.page().locator(".row").first().click();
            assertThat(nameless(tab)).isEmpty();
        }
    }

    @Test
    void answersToKeys() {
        try (Tab tab = chromium.tab()) {
            ClientPage page = busy(tab);
            page.page().evaluate("() => document.activeElement.blur()");
            List<String> reached = new ArrayList<>();
            for (String key : List.of("/", "s", "p")) {
                page.page().keyboard().press(key);
                reached.add((String) page.page().evaluate("() => document.activeElement.id"));
                // In a field it is a letter.
                page.page().keyboard().press(key);
                page.page().evaluate("() => { document.activeElement.value = ''; document.activeElement.blur(); }");
            }
            assertThat(reached).containsExactly("filter", "subscribe-topic", "publish-topic");

            page.page().keyboard().press("j");
            page.page().keyboard().press("k");
            page.page().keyboard().press("Enter");
            page.page().waitForSelector("#details:not([hidden])");
            String shown = page.page().locator("#details-topic").innerText();
            assertThat(page.page().locator(".row[aria-selected=true]").getAttribute("data-topic"))
                    .isEqualTo(shown);
            page.page().keyboard().press("Escape");
            page.page()
                    .waitForSelector(
                            "#details",
                            new Page.WaitForSelectorOptions()
                                    .setState(com.microsoft.playwright.options.WaitForSelectorState.HIDDEN));

            page.page().keyboard().press("x");
            page.until("s.paused");
            page.page().keyboard().press("x");
            page.until("!s.paused");

            page.page().keyboard().press("?");
            page.page().waitForSelector("#help[open]");
            page.page().keyboard().press("Escape");
            assertThat(page.page().locator("#help").isVisible()).isFalse();

            int published = page.count("published");
            page.fill("publish-topic", topic).fill("publish-payload", "by keys");
            page.page().keyboard().press("Control+Enter");
            page.until("s.messages.published === " + (published + 1));

            page.disconnect().page().evaluate("() => document.activeElement.blur()");
            page.page().keyboard().press("n");
            assertThat(page.page().evaluate("() => document.activeElement.id")).isEqualTo("broker-url");
        }
    }

    /** Fifteen messages of several kinds. */
    private ClientPage busy(Tab tab) {
        tab.page().navigate(ClientPage.address(broker.port("ws-default")));
        tab.page().waitForFunction("() => window.courtier");
        ClientPage page = ClientPage.of(tab.page()).connect();
        page.subscribe(topic + "/#", 2).subscribe("$share/team/jobs/+", 1).subscribe("alarms/#", 0);
        try (Peer peer = Peer.of(broker)) {
            for (int i = 0; i < 5; i++) peer.says(topic + "/kitchen/temperature", "2" + i + ".5");
            peer.says(topic + "/pump/7/state", "{\"rpm\": 1480, \"on\": true, \"errors\": []}".getBytes(), 1, true);
            peer.says(topic + "/camera", new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0}, 1, false);
            peer.says(
                    topic + "/greeting",
                    "Grüße, 你好, مرحبا 👋".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    2,
                    false);
            peer.says(topic + "/empty", "");
            peer.says(topic + "/a/rather/long/topic/that/does/not/fit/into/its/column/at/all", "long ".repeat(60));
        }
        page.publish(topic + "/lamp", "on", 1)
                .publish(topic + "/lamp", "off", 0)
                .publish("nobody/listens", "hello?", 1);
        page.awaitReceived(12);
        page.page().waitForFunction("() => courtier.messages().every(m => m.state !== 'pending')");
        page.page().evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        return page;
    }

    private static Browser.NewContextOptions sized(int width, int height, ColorScheme scheme) {
        return new Browser.NewContextOptions().setViewportSize(width, height).setColorScheme(scheme);
    }

    private static void picture(Page page, String name, ColorScheme scheme) {
        page.screenshot(new Page.ScreenshotOptions().setPath(path(name, scheme)));
    }

    private static Path path(String name, ColorScheme scheme) {
        return PICTURES.resolve(name + "-" + scheme.name().toLowerCase(java.util.Locale.ROOT) + ".png");
    }

    private static Object widest(Page page) {
        return page.evaluate("() => document.documentElement.scrollWidth");
    }

    private static List<String> nameless(Tab tab) {
        List<String> found = new ArrayList<>();
        JsonObject tree = tab.profile().newCDPSession(tab.page()).send("Accessibility.getFullAXTree", null);
        for (JsonElement each : tree.getAsJsonArray("nodes")) {
            JsonObject node = each.getAsJsonObject();
            if (node.get("ignored").getAsBoolean() || !node.has("role")) continue;
            String role = node.getAsJsonObject("role").get("value").getAsString();
            String name = node.has("name") && node.getAsJsonObject("name").has("value")
                    ? node.getAsJsonObject("name").get("value").getAsString()
                    : "";
            if (CONTROLS.contains(role) && name.isBlank()) found.add(node.toString());
        }
        return found;
    }

    /** Texts in sight whose colour is nearer to what is behind them than 4.5 to 1. */
    private static List<?> faint(Page page) {
        return (List<?>)
                page.evaluate(
                        """
                () => {
                    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
                    const rgb = color => {
                        canvas.clearRect(0, 0, 1, 1);
                        canvas.fillStyle = color;
                        canvas.fillRect(0, 0, 1, 1);
                        return [...canvas.getImageData(0, 0, 1, 1).data];
                    };
                    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
                        .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
                    const behind = element => {
                        for (let e = element; e; e = e.parentElement) {
                            const color = rgb(getComputedStyle(e).backgroundColor);
                            if (color[3] === 255) return color;
                        }
                        return [255, 255, 255];
                    };
                    const found = [];
                    for (const e of document.querySelectorAll('body *')) {
                        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
                        if (!own || !e.checkVisibility() || e.closest(':disabled, .offscreen, svg, option')) continue;
                        const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
                        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                        if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${e.className || e.id || e.tagName}: ${e.textContent.slice(0, 40)}`);
                    }
                    return [...new Set(found)];
                }
                """);
    }
}
