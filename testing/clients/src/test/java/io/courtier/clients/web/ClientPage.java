// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitUntilState;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The Client page in a tab: what a person does there, and what the page knows of it. */
final class ClientPage {
    /** A row of the list. Properties as MQTT.js names them; {@code code} is null where nothing was answered. */
    record Row(
            String dir,
            String topic,
            int qos,
            boolean retain,
            boolean dup,
            String state,
            Integer code,
            Map<String, Object> properties,
            byte[] payload) {
        String text() {
            return new String(payload, java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    private final Page page;

    private ClientPage(Page page) {
        this.page = page;
    }

    static ClientPage open(Tab tab, Instance broker) {
        return open(tab.page(), address(broker.port("ws-default")));
    }

    static ClientPage open(Page page, String address) {
        page.setDefaultTimeout(15_000);
        page.navigate(address, new Page.NavigateOptions().setWaitUntil(WaitUntilState.DOMCONTENTLOADED));
        return new ClientPage(page).ready();
    }

    /** The page as it is, its fields folded. */
    static ClientPage of(Page page) {
        return new ClientPage(page);
    }

    static String address(int port) {
        return "http://localhost:" + port + "/";
    }

    /** Shows all of its fields, as soon as there is a page. */
    ClientPage ready() {
        page.waitForFunction("() => window.courtier && !document.body.classList.contains('starting')");
        page.evaluate("() => document.querySelectorAll('details').forEach(folded => folded.open = true)");
        return this;
    }

    Page page() {
        return page;
    }

    ClientPage fill(String id, String value) {
        page.locator("#" + id).fill(value);
        return this;
    }

    ClientPage choose(String id, String value) {
        page.locator("#" + id).selectOption(value);
        return this;
    }

    ClientPage check(String id, boolean wanted) {
        page.locator("#" + id).setChecked(wanted);
        return this;
    }

    ClientPage click(String id) {
        page.locator("#" + id).click();
        return this;
    }

    ClientPage version(int version) {
        return choose("protocol-version", String.valueOf(version));
    }

    ClientPage connect() {
        return click("connect-btn").await("connected");
    }

    ClientPage disconnect() {
        return click("disconnect-btn").await("disconnected");
    }

    /** Waits for this state of the connection. */
    ClientPage await(String status) {
        return until("s.status === '" + status + "'");
    }

    ClientPage awaitFault(String code) {
        return until("s.error && s.error.code === '" + code + "'");
    }

    /** Waits until it holds of {@code courtier.state()}, which is called s. */
    ClientPage until(String condition) {
        page.waitForFunction("() => { const s = courtier.state(); return " + condition + "; }");
        return this;
    }

    ClientPage subscribe(String filters, int qos) {
        fill("subscribe-topic", filters)
                .choose("subscribe-qos", String.valueOf(qos))
                .click("subscribe-btn");
        return until("s.subscriptions.length > 0 && s.subscriptions.every(one => one.state !== 'pending')");
    }

    ClientPage unsubscribe(String filter) {
        page.locator("#subscriptions li[data-filter='" + filter + "'] .unsubscribe")
                .click();
        return until("!s.subscriptions.some(one => one.filter === '" + filter + "')");
    }

    ClientPage publish(String topic, String payload, int qos) {
        return fill("publish-topic", topic)
                .fill("publish-payload", payload)
                .choose("publish-qos", String.valueOf(qos))
                .click("publish-btn");
    }

    ClientPage awaitReceived(int count) {
        return until("s.messages.received >= " + count);
    }

    /** One of the page's numbers: received, published, dropped, kept or shown. */
    int count(String of) {
        return ((Number) page.evaluate("of => courtier.state().messages[of]", of)).intValue();
    }

    Object state(String part) {
        return page.evaluate("part => courtier.state()[part]", part);
    }

    String said() {
        return page.locator("#errors").innerText();
    }

    List<Row> received() {
        return rows().stream().filter(row -> row.dir.equals("received")).toList();
    }

    List<Row> published() {
        return rows().stream().filter(row -> row.dir.equals("published")).toList();
    }

    @SuppressWarnings("unchecked")
    List<Row> rows() {
        List<Map<String, Object>> rows = (List<Map<String, Object>>) page.evaluate("() => courtier.messages(10000)");
        return rows.stream()
                .map(row -> new Row(
                        (String) row.get("dir"),
                        (String) row.get("topic"),
                        ((Number) row.get("qos")).intValue(),
                        (Boolean) row.get("retain"),
                        (Boolean) row.get("dup"),
                        (String) row.get("state"),
                        (Integer) row.get("code"),
                        (Map<String, Object>) row.get("properties"),
                        Base64.getDecoder().decode((String) row.get("payload"))))
                .toList();
    }
}
