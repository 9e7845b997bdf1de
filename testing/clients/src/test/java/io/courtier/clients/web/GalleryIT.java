// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.courtier.clients.Lane;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The gallery: every scenario, run to the end, and each of its steps green. */
@ResourceLock(Lane.PAGES)
class GalleryIT {
    /** What the authors of a library for browsers show of it, each as an example of its own. */
    private static final List<String> PROMISED = List.of(
            "websocket",
            "local-broker",
            "broker-bridge",
            "loop-prevention",
            "load-balancer-redirect",
            "shared-subscription",
            "qos2-recovery",
            "session-recovery",
            "will-message",
            "retained-messages",
            "message-expiry",
            "topic-aliases",
            "subscription-ids",
            "request-response",
            "flow-control",
            "change-only-delivery",
            "codec-compression",
            "connectivity-detection",
            "acl-permissions",
            "auth-tools",
            "google-jwt-auth",
            "sys-monitoring",
            "broadcast-channel",
            "rapid-ports");

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    static final Lab LAB = new Lab();

    private static String address(String query) {
        return LAB.page("gallery/" + query);
    }

    private Page gallery(String query) {
        return gallery(LAB.tab().page(), query);
    }

    private static Page gallery(Page page, String query) {
        page.setDefaultTimeout(LIMIT.toMillis());
        page.navigate(address(query));
        page.waitForFunction("() => document.body.dataset.ready");
        return page;
    }

    /** Runs all that the page shows, and gives what became of each scenario. */
    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> run(Page page) {
        page.locator("#run-all").click();
        page.waitForFunction("() => !courtier.state().running");
        return (List<Map<String, Object>>) page.evaluate("() => courtier.state().scenarios");
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, String>> steps(Map<String, Object> scenario) {
        return (List<Map<String, String>>) scenario.get("steps");
    }

    private static void assertGreen(Map<String, Object> scenario) {
        assertThat(steps(scenario))
                .as("%s, by the %s", scenario.get("id"), scenario.get("via"))
                .isNotEmpty()
                .allSatisfy(step -> assertThat(step).containsEntry("state", "passed"));
        assertThat(scenario).containsEntry("state", "passed");
    }

    @Test
    void everyScenarioTurnsGreenInTheTab() {
        Page page = gallery("");
        long began = System.nanoTime();
        List<Map<String, Object>> scenarios = run(page);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        assertThat(scenarios).extracting(scenario -> scenario.get("id")).containsExactlyElementsOf(cast(PROMISED));
        scenarios.forEach(GalleryIT::assertGreen);
        assertThat(page.locator("#scenarios li[data-state=passed]").count()).isEqualTo(PROMISED.size());
        assertThat(page.locator("#run-status").innerText()).isEqualTo("Passed");
        page.screenshot(new Page.ScreenshotOptions().setPath(LabLookIT.PICTURES.resolve("lab-gallery-light.png")));
        assertThat(took).isLessThan(LIMIT);
        int steps = 0;
        for (Map<String, Object> scenario : scenarios) {
            int count = steps(scenario).size();
            steps += count;
            LabList.GALLERY.saw((String) scenario.get("id"), "%d steps, all green", count);
        }
        LabList.FIGURES.saw(
                "gallery", "%d scenarios, %d steps: %.1f s", scenarios.size(), steps, took.toMillis() / 1_000.0);
    }

    private static List<Object> cast(List<String> texts) {
        return List.copyOf(texts);
    }

    @Test
    void scenariosThatTheServerCanDoTurnGreenThere() {
        List<Map<String, Object>> scenarios = run(gallery("?via=server"));
        scenarios.forEach(GalleryIT::assertGreen);
        List<Object> byServer = scenarios.stream()
                .filter(scenario -> scenario.get("via").equals("server"))
                .map(scenario -> scenario.get("id"))
                .toList();
        assertThat(byServer)
                .contains("websocket", "will-message", "qos2-recovery", "shared-subscription", "message-expiry");
        LabList.GALLERY.saw("via=server", "%d scenarios with this server as their broker: all green", byServer.size());
    }

    @Test
    void oneScenarioHasAPageOfItsOwn() {
        Page page = gallery("?scenario=session-recovery");
        assertThat(page.title()).startsWith("A session that waits");
        Locator steps = page.locator("#steps li");
        assertThat(page.locator("#steps li[data-state=none]").count()).isEqualTo(steps.count());
        run(page).forEach(GalleryIT::assertGreen);
        assertThat(page.locator("#steps li[data-state=passed]").count()).isEqualTo(steps.count());
        assertThat(steps.last().locator(".seen").innerText()).isEqualTo("no session, as asked");
        // Again, on the same page.
        run(page).forEach(GalleryIT::assertGreen);
    }

    @Test
    void aStepThatDoesNotHoldIsRedAndSaysWhy() {
        LAB.tab().page().routeWebSocket("**/mqtt", socket -> socket.close());
        Page page = gallery("?scenario=websocket");
        Map<String, Object> scenario = run(page).get(0);
        assertThat(scenario).containsEntry("state", "failed");
        assertThat(page.locator("#run-status").innerText()).isEqualTo("Failed");
        Locator first = page.locator("#steps li").first();
        assertThat(first.getAttribute("data-state")).isEqualTo("failed");
        assertThat(first.locator(".seen").innerText()).contains("closed");
        assertThat(page.locator("#steps li[data-state=none]").count())
                .isEqualTo(steps(scenario).size() - 1);
    }

    @Test
    void usersAndRulesAreMadeInThePageAndSaved() throws Exception {
        Page page = gallery("?scenario=auth-tools");
        page.waitForSelector("#live[data-state=ready]");
        page.locator("#auth-name").fill("ann");
        page.locator("#auth-password").fill("correct horse");
        page.locator("#auth-role").fill("operator");
        page.locator("#auth-form button").click();
        page.waitForSelector("#auth-users li");
        Download users =
                page.waitForDownload(() -> page.locator("#auth-save-users").click());
        assertThat(users.suggestedFilename()).isEqualTo("users.json");
        assertThat(Files.readString(users.path()))
                .contains("\"ann\"", "pbkdf2-sha256$600000$", "operator")
                .doesNotContain("correct horse");
        Download rules =
                page.waitForDownload(() -> page.locator("#auth-save-rules").click());
        assertThat(Files.readString(rules.path())).contains("allow publish   plant/# role operator");
        page.locator("#auth-rules").fill("allow all #\nalow publish x");
        page.locator("#auth-check").click();
        page.waitForFunction("() => document.getElementById('auth-said').textContent.startsWith('line 2')");
    }

    @Test
    void whatIsNotThereIsSaid() {
        LAB.tab().page().navigate(address("?scenario=nonsense"));
        LAB.tab().page().waitForFunction("() => document.getElementById('errors').textContent !== ''");
        assertThat(LAB.tab().page().locator("#errors").innerText()).isEqualTo("There is no such scenario.");
    }

    @Test
    void tabsShareACanvasAndAChat() {
        Page one = gallery("?scenario=broadcast-channel");
        Page other = gallery(LAB.tab().another(), "?scenario=broadcast-channel");
        for (Page page : List.of(one, other)) page.waitForSelector("#live[data-state=connected]");
        assertThat(one.locator("#board-role").innerText()).isEqualTo("broker");
        assertThat(other.locator("#board-role").innerText()).isEqualTo("client");
        other.bringToFront();
        other.locator("#board").scrollIntoViewIfNeeded();
        var box = other.locator("#board").boundingBox();
        other.mouse().move(box.x + 20, box.y + 20);
        other.mouse().down();
        other.mouse().move(box.x + 200, box.y + 90);
        other.mouse().up();
        for (Page page : List.of(one, other)) page.waitForSelector("#live[data-strokes='1']");
        String pixels =
                "() => Array.from(document.getElementById('board').getContext('2d').getImageData(0, 0, 640, 320).data).join('')";
        assertThat(one.evaluate(pixels)).isEqualTo(other.evaluate(pixels));
        assertThat((String) one.evaluate(pixels)).matches(".*[1-9].*");
        one.locator("#board-text").fill("<b>hello</b>");
        one.locator("#board-text").press("Enter");
        for (Page page : List.of(one, other)) {
            page.waitForFunction("() => document.getElementById('board-chat').textContent.includes(': <b>hello</b>')");
        }
        one.close();
        other.waitForFunction("() => document.getElementById('board-role').textContent === 'broker'");
        LabList.GALLERY.saw("canvas", "two tabs drew and chatted; when the broker's tab was closed, the other was it");
    }
}
