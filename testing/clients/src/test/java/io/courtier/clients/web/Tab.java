// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * A tab of a real Chromium, in a profile of its own. What must never happen is looked for when it closes: an error on the
 * console, a violation of a policy, an unhandled rejection, a request to another machine. One thread.
 */
final class Tab implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

    private final Playwright playwright;
    private final Browser browser;
    private final BrowserContext profile;
    private final Page page;
    final List<String> dialogs = new CopyOnWriteArrayList<>();
    final List<String> sockets = new CopyOnWriteArrayList<>();
    private final List<String> wrong = new CopyOnWriteArrayList<>();

    private Tab(Browser.NewContextOptions options, String... arguments) {
        if (!Files.isExecutable(CHROMIUM)) {
            fail("there is no chromium, which these tests run: install it (Debian: apt-get install chromium)");
        }
        playwright = Playwright.create();
        BrowserType.LaunchOptions launch = new BrowserType.LaunchOptions()
                .setExecutablePath(CHROMIUM)
                .setArgs(Stream.concat(Stream.of("--no-sandbox"), Stream.of(arguments))
                        .toList());
        browser = playwright.chromium().launch(launch);
        profile = browser.newContext(options);
        page = profile.newPage();
        watch(page);
    }

    static Tab open() {
        return new Tab(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true));
    }

    static Tab open(Browser.NewContextOptions options, String... arguments) {
        return new Tab(options.setIgnoreHTTPSErrors(true), arguments);
    }

    Page page() {
        return page;
    }

    /** Another tab of the same profile. */
    Page another() {
        Page other = profile.newPage();
        watch(other);
        return other;
    }

    BrowserContext profile() {
        return profile;
    }

    /** Lets a complaint pass that the test provokes on purpose. */
    void forgive(String part) {
        wrong.removeIf(complaint -> complaint.contains(part));
    }

    private void watch(Page watched) {
        watched.onDialog(dialog -> {
            dialogs.add(dialog.message());
            dialog.dismiss();
        });
        watched.onWebSocket(socket -> sockets.add(socket.url()));
        watched.onPageError(error -> wrong.add("error: " + error));
        watched.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                wrong.add("console: " + message.text());
            }
        });
        watched.onRequest(request -> {
            String host = URI.create(request.url()).getHost();
            if (host != null && !List.of("127.0.0.1", "localhost", "[::1]").contains(host)) {
                wrong.add("foreign request: " + request.url());
            }
        });
        watched.addInitScript(
                """
                addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI));
                addEventListener('unhandledrejection', e => console.error('unhandled rejection: ' + e.reason));
                """);
    }

    @Override
    public void close() {
        try {
            assertThat(wrong).as("what went wrong in the page").isEmpty();
        } finally {
            browser.close();
            playwright.close();
        }
    }
}
