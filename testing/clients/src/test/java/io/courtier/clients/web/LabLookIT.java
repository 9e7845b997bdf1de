// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.courtier.clients.Lane;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the lab's pages look while several tabs use them. Pictures of it are in target/screenshots. */
@ResourceLock(Lane.PAGES)
class LabLookIT {
    static final Path PICTURES = Path.of(System.getProperty("basedir", ""), "target", "screenshots");
    private static final int WIDTH = 1280;

    @RegisterExtension
    static final Lab LAB = new Lab();

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void threeTabsOfWhichOneIsTheBroker(ColorScheme scheme) {
        try (Tab tab = LAB.chromium().tab(sized(scheme))) {
            LabTab hall = channel(tab.page(), "hall").connect().subscribe("plant/#", 1);
            LabTab desk = channel(tab.another(), "desk").connect().subscribe("plant/+/alarm", 2);
            LabTab pump = channel(tab.another(), "pump-7").connect().subscribe("plant/pump-7/set", 1);
            pump.publish("plant/pump-7/temperature", "61.5", 0)
                    .publish("plant/pump-7/state", "{\"rpm\": 1480, \"on\": true}", 1)
                    .publish("plant/pump-7/alarm", "bearing is hot", 2);
            desk.awaitReceived("plant/pump-7/alarm bearing is hot").publish("plant/pump-7/set", "{\"rpm\": 900}", 1);
            pump.awaitReceived("plant/pump-7/set {\"rpm\": 900}");
            hall.awaitReceived("plant/pump-7/set {\"rpm\": 900}").publish("plant/hall/light", "on", 1);
            hall.awaitReceived("plant/hall/light on").until("s.role === 'broker' && s.members.length === 2");
            picture(hall.page(), "lab-broadcast-channel", scheme);
            desk.until("s.role === 'client'");
            picture(desk.page(), "lab-broadcast-channel-client", scheme);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void twoTabsThroughAServiceWorker(ColorScheme scheme) {
        try (Tab tab = LAB.chromium().tab(sized(scheme))) {
            List<LabTab> tabs = new ArrayList<>();
            for (Page page : List.of(tab.page(), tab.another())) {
                tabs.add(LabTab.open(page, address("message-port/"))
                        .until("s.worker === 'ready'")
                        .fill("client-id", tabs.isEmpty() ? "hall" : "desk")
                        .connect());
            }
            LabTab hall = tabs.get(0).subscribe("plant/#", 1);
            LabTab desk = tabs.get(1).subscribe("plant/+/alarm", 2);
            desk.publish("plant/pump-7/alarm", "bearing is hot", 2);
            hall.awaitReceived("plant/pump-7/alarm bearing is hot").publish("plant/hall/light", "on", 1);
            hall.awaitReceived("plant/hall/light on");
            picture(hall.page(), "lab-message-port", scheme);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void twoTabsOnChannelsOfASharedWorker(ColorScheme scheme) {
        try (Tab tab = LAB.chromium().tab(sized(scheme))) {
            List<Page> pages = List.of(tab.page(), tab.another());
            for (Page page : pages) {
                page.setDefaultTimeout(20_000);
                page.navigate(address("shared-worker/example.html"));
                page.waitForSelector("body[data-state=open]");
            }
            Page hall = pages.get(0);
            Page desk = pages.get(1);
            for (String channel : List.of("user-data", "basket")) {
                hall.locator("#subscribe-channel").fill(channel);
                hall.locator("#subscribe-btn").click();
            }
            desk.locator("#subscribe-btn").click();
            desk.locator("#publish-btn").click();
            desk.locator("#publish-channel").fill("basket");
            desk.locator("#publish-data").fill("{ \"items\": [3, 5] }");
            desk.locator("#publish-btn").click();
            hall.waitForFunction("() => document.querySelectorAll('#messages li').length === 2");
            hall.waitForFunction("() => document.querySelectorAll('#inspect-channels tbody tr').length >= 2");
            picture(hall, "lab-shared-worker", scheme);
        }
    }

    @Test
    void twoTabsOverWebSocket() {
        try (Tab tab = LAB.chromium().tab(sized(ColorScheme.LIGHT))) {
            List<LabTab> tabs = new ArrayList<>();
            for (Page page : List.of(tab.page(), tab.another())) {
                tabs.add(LabTab.open(page, address("websocket/")).connect().subscribe("plant/#", 1));
            }
            tabs.get(1).publish("plant/pump-7/alarm", "bearing is hot", 2);
            tabs.get(0).awaitReceived("plant/pump-7/alarm bearing is hot").publish("plant/hall/light", "on", 1);
            tabs.get(0).awaitReceived("plant/hall/light on");
            tabs.get(1).awaitReceived("plant/hall/light on");
            picture(tabs.get(0).page(), "lab-websocket", ColorScheme.LIGHT);
        }
    }

    @Test
    void threeTabsOfMqttJsOnOneConnection() {
        try (Tab tab = LAB.chromium().tab(sized(ColorScheme.LIGHT))) {
            List<Page> pages = List.of(tab.page(), tab.another(), tab.another());
            for (Page page : pages) {
                page.setDefaultTimeout(20_000);
                page.navigate(address("hub/"));
                page.locator("#connect-btn").click();
                page.waitForSelector("#connection-status[data-state=connected]");
                page.locator("#subscribe-btn").click();
            }
            pages.get(0).waitForFunction("() => document.getElementById('hub-filters').textContent.includes('hub/#')");
            for (Page page : pages) page.locator("#publish-btn").click();
            pages.get(0).waitForFunction("() => document.querySelectorAll('#messages li').length >= 3");
            picture(pages.get(0), "lab-hub", ColorScheme.LIGHT);
        }
    }

    private static LabTab channel(Page page, String name) {
        return LabTab.open(page, address("broadcast-channel/?channel=plant")).fill("client-id", name);
    }

    private static String address(String path) {
        return LAB.page(path);
    }

    private static Browser.NewContextOptions sized(ColorScheme scheme) {
        return new Browser.NewContextOptions().setViewportSize(WIDTH, 900).setColorScheme(scheme);
    }

    private static void picture(Page page, String name, ColorScheme scheme) {
        page.bringToFront();
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        assertThat(page.evaluate("() => document.documentElement.scrollWidth")).isEqualTo(WIDTH);
        assertThat(page.locator("#errors").innerText()).isEmpty();
        String file = name + "-" + scheme.name().toLowerCase(Locale.ROOT) + ".png";
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve(file)));
    }
}
