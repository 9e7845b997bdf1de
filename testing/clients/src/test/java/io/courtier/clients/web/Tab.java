// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A tab of a real Chromium, in a profile of its own. What must never happen is looked for when it closes: an error on the
 * console, a violation of a policy, an unhandled rejection, a request to another machine. One thread.
 */
final class Tab implements AutoCloseable {
    private final BrowserContext profile;
    private final Page page;
    private final Runnable last;
    final List<String> dialogs = new CopyOnWriteArrayList<>();
    final List<String> sockets = new CopyOnWriteArrayList<>();
    /** Whatever was written to the console, errors too. */
    final List<String> console = new CopyOnWriteArrayList<>();

    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final List<String> forgiven = new CopyOnWriteArrayList<>();

    Tab(BrowserContext profile, Runnable last) {
        this.profile = profile;
        this.last = last;
        page = another();
    }

    static Tab open() {
        return open(new Browser.NewContextOptions());
    }

    static Tab open(Browser.NewContextOptions options, String... arguments) {
        return Chromium.launch(arguments).onlyTab(options);
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

    /** Lets complaints pass, also later ones, that the test provokes on purpose. */
    Tab forgive(String part) {
        forgiven.add(part);
        return this;
    }

    private void watch(Page watched) {
        watched.onDialog(dialog -> {
            dialogs.add(dialog.message());
            dialog.dismiss();
        });
        watched.onWebSocket(socket -> sockets.add(socket.url()));
        watched.onPageError(error -> wrong.add("error: " + error));
        watched.onConsoleMessage(message -> {
            console.add(message.text());
            if (message.type().equals("error")) wrong.add("console: " + message.text());
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
        wrong.removeIf(complaint -> forgiven.stream().anyMatch(complaint::contains));
        try {
            assertThat(wrong).as("what went wrong in the page").isEmpty();
        } finally {
            profile.close();
            last.run();
        }
    }
}
