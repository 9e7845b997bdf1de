// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;

/** A tab on a page of the lab: what a person does there, and what the page knows of it. */
final class LabTab {
    private final Page page;

    private LabTab(Page page) {
        this.page = page;
    }

    static LabTab open(Page page, String address) {
        page.setDefaultTimeout(20_000);
        page.navigate(address);
        return new LabTab(page).ready();
    }

    static LabTab of(Page page) {
        return new LabTab(page);
    }

    LabTab ready() {
        page.waitForFunction("() => globalThis.courtier && document.getElementById('tab-id').textContent !== ''");
        return this;
    }

    Page page() {
        return page;
    }

    LabTab fill(String id, String value) {
        page.locator("#" + id).fill(value);
        return this;
    }

    LabTab choose(String id, String value) {
        page.locator("#" + id).selectOption(value);
        return this;
    }

    /** Does not wait until the button holds still, which tabs in the background see once a second. */
    LabTab click(String id) {
        page.locator("#" + id + ":enabled").dispatchEvent("click");
        return this;
    }

    LabTab connect() {
        click("connect-btn");
        return until("s.state === 'connected'");
    }

    LabTab disconnect() {
        click("disconnect-btn");
        return until("s.state === 'disconnected'");
    }

    /** Unfolds what is folded. */
    LabTab open(String id) {
        page.evaluate("id => { document.getElementById(id).open = true; }", id);
        return this;
    }

    /** Ends its process. Gives back when the browser has noticed: what the process did for other tabs may be gone, too. */
    void crash() {
        boolean[] crashed = {false};
        page.onCrash(gone -> crashed[0] = true);
        try {
            page.navigate("chrome://crash", new Page.NavigateOptions().setTimeout(300));
        } catch (RuntimeException expected) {
            // It never answers.
        }
        try {
            page.waitForCondition(() -> crashed[0], new Page.WaitForConditionOptions().setTimeout(5_000));
        } catch (RuntimeException crashedMeanwhile) {
            if (!crashed[0]) throw crashedMeanwhile;
        }
    }

    /** As a tab that is closed: nobody says goodbye. */
    void disconnectAbruptly() {
        page.navigate("about:blank");
    }

    LabTab subscribe(String filter, int qos) {
        fill("subscribe-topic", filter).choose("subscribe-qos", "" + qos).click("subscribe-btn");
        return until("s.subscriptions.includes('" + filter + "')");
    }

    LabTab publish(String topic, String payload, int qos) {
        return fill("publish-topic", topic)
                .fill("publish-payload", payload)
                .choose("publish-qos", "" + qos)
                .click("publish-btn");
    }

    /** Waits until it holds of {@code courtier.state()}, which is called s. */
    LabTab until(String condition) {
        page.waitForFunction("() => { const s = courtier.state(); return " + condition + "; }");
        return this;
    }

    Object state(String part) {
        return page.evaluate("part => courtier.state()[part]", part);
    }

    String role() {
        return (String) state("role");
    }

    String id() {
        return (String) state("tab");
    }

    /** Topic and payload of each received message, the oldest first. */
    @SuppressWarnings("unchecked")
    List<String> received() {
        return (List<String>)
                page.evaluate(
                        """
                () => [...document.querySelectorAll('#messages li[data-dir=received]')].reverse()
                    .map(li => li.dataset.topic + ' ' + li.querySelector('.payload').textContent)""");
    }

    LabTab awaitReceived(String message) {
        page.waitForFunction(
                """
                wanted => [...document.querySelectorAll('#messages li[data-dir=received]')]
                    .some(li => li.dataset.topic + ' ' + li.querySelector('.payload').textContent === wanted)""",
                message);
        return this;
    }

    String said() {
        return page.locator("#errors").innerText();
    }

    /** Waits until a function's promise is true: Playwright's own waiting takes the promise itself for it. */
    LabTab await(String function, Object argument) {
        page.waitForCondition(() -> Boolean.TRUE.equals(page.evaluate(function, argument)));
        return this;
    }

    /** Publishes a number after the other, one each so many milliseconds, until {@link #stopStream}. */
    LabTab startStream(String topic, int qos, int everyMillis) {
        page.evaluate(
                """
                ([topic, qos, every]) => {
                    globalThis.stream = { sent: 0, acknowledged: [], failed: [] };
                    stream.timer = setInterval(() => {
                        const n = String(++stream.sent);
                        courtier.publish(topic, n, { qos }).then(() => stream.acknowledged.push(n), e => stream.failed.push(n + ': ' + e.message));
                    }, every);
                }""",
                List.of(topic, qos, everyMillis));
        return this;
    }

    /** Stops it, and waits until all that it published was acknowledged. */
    @SuppressWarnings("unchecked")
    Map<String, Object> stopStream() {
        page.evaluate("() => clearInterval(stream.timer)");
        page.waitForFunction("() => stream.acknowledged.length + stream.failed.length >= stream.sent");
        return (Map<String, Object>) page.evaluate("() => ({ sent: stream.sent, failed: stream.failed })");
    }

    /** Counts what comes in one topic, apart from the rows, which have an end. */
    LabTab countMessages() {
        page.evaluate(
                """
                () => {
                    globalThis.counted = {};
                    new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(li => {
                        if (li.dataset?.dir !== 'received') return;
                        const key = li.dataset.topic + ' ' + li.querySelector('.payload').textContent;
                        counted[key] = (counted[key] ?? 0) + 1;
                    }))).observe(document.getElementById('messages'), { childList: true });
                }""");
        return this;
    }

    int counted(String topic, int number) {
        return ((Number) page.evaluate("key => counted[key] ?? 0", topic + " " + number)).intValue();
    }

    LabTab awaitCounted(String topic, int number) {
        page.waitForFunction("key => counted[key] > 0", topic + " " + number);
        return this;
    }
}
