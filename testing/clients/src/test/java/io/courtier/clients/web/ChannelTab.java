// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.List;
import java.util.Map;

/** A page that uses the channels of the lab's shared worker, by what is in their client.js. */
final class ChannelTab {
    /** In the page: client, got (what its subscriptions received), errors, said (what went over its ports). */
    private static final String BEGIN =
            """
            async ([worker, options]) => {
                const { SharedWorkerClient } = await import('/lab/shared-worker/client.js');
                Object.assign(window, { SharedWorkerClient, got: [], errors: [], said: [] });
                const post = MessagePort.prototype.postMessage;
                MessagePort.prototype.postMessage = function (message, ...others) {
                    if (typeof message === 'string') said.push(message);
                    return post.call(this, message, ...others);
                };
                window.make = (url = worker, given = options) => {
                    const made = new SharedWorkerClient(url, given);
                    made.on('error', error => errors.push(error.message));
                    return made;
                };
                window.client = make();
                window.until = async fact => { while (!fact()) await new Promise(again => setTimeout(again, 5)); };
            }
            """;

    private final Page page;

    private ChannelTab(Page page) {
        this.page = page;
    }

    /** A tab at a page with nothing of its own on it. */
    static ChannelTab open(Page page, int port, String options) {
        page.setDefaultTimeout(20_000);
        blank(page, "/lab/blank", Map.of());
        page.navigate("http://localhost:" + port + "/lab/blank");
        return of(page, "/lab/shared-worker/worker.js", options);
    }

    static ChannelTab open(Page page, int port) {
        return open(page, port, "{}");
    }

    /** The same on the page that is there. */
    static ChannelTab of(Page page, String worker, String options) {
        page.evaluate(
                "([worker, options]) => (" + BEGIN + ")([worker, JSON.parse(options)])", List.of(worker, options));
        return new ChannelTab(page);
    }

    /** Puts a page without anything at a path of every server. */
    static void blank(Page page, String path, Map<String, String> headers) {
        page.route(
                "**" + path,
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("text/html")
                        .setHeaders(headers)
                        .setBody("<!doctype html><title>blank</title><link rel=icon href=data:,>")));
    }

    Page page() {
        return page;
    }

    /** What a function's body gives, which may await and use client, got, errors, said, make and until. */
    Object run(String body) {
        return page.evaluate("async () => { " + body + " }");
    }

    /** The same for what is one expression, as text: JSON, or what it rejects with. */
    String json(String expression) {
        return (String) page.evaluate("async () => { try { return JSON.stringify(await (" + expression
                + ")) ?? 'undefined'; } catch (error) { return 'rejected: ' + error.message; } }");
    }

    /** Subscribes, and has what comes in got. */
    ChannelTab subscribe(String channel) {
        page.evaluate("channel => { client.subscribe(channel, data => got.push(data)); }", channel);
        return this;
    }

    String got() {
        return json("got");
    }

    ChannelTab until(String fact) {
        page.waitForFunction("() => " + fact);
        return this;
    }

    /** Waits until an asynchronous function says yes. */
    static void await(Page page, String fact, Object argument) {
        page.evaluate(
                """
                async argument => {
                    const deadline = Date.now() + 20_000;
                    while (!(await (FACT)(argument))) {
                        if (Date.now() > deadline) throw new Error('waited in vain');
                        await new Promise(again => setTimeout(again, 10));
                    }
                }
                """
                        .replace("FACT", fact),
                argument);
    }

    void close() {
        page.close();
    }
}
