// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.fail;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A real Chromium, whose tabs have a profile each. One thread. */
final class Chromium implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/chromium");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(BrowserType.LaunchOptions options, String... arguments) {
        if (!Files.isExecutable(PROGRAM)) {
            fail("there is no chromium, which these tests run: install it (Debian: apt-get install chromium)");
        }
        playwright = Playwright.create();
        browser = playwright
                .chromium()
                .launch(options.setExecutablePath(PROGRAM)
                        .setArgs(Stream.concat(Stream.of("--no-sandbox"), Stream.of(arguments))
                                .toList()));
    }

    static Chromium launch(String... arguments) {
        return new Chromium(new BrowserType.LaunchOptions(), arguments);
    }

    /** With the cache of pages that were left, which Playwright turns off. */
    static Chromium launchWithPageCache() {
        return new Chromium(
                new BrowserType.LaunchOptions().setIgnoreDefaultArgs(List.of("--disable-back-forward-cache")));
    }

    Tab tab() {
        return tab(new Browser.NewContextOptions());
    }

    Tab tab(Browser.NewContextOptions profile) {
        return new Tab(browser.newContext(profile.setIgnoreHTTPSErrors(true)), () -> {});
    }

    /** A tab that takes the browser with it. */
    Tab onlyTab(Browser.NewContextOptions profile) {
        return new Tab(browser.newContext(profile.setIgnoreHTTPSErrors(true)), this::close);
    }

    /** What DevTools of the whole browser say and do. */
    CDPSession tools() {
        return browser.newBrowserCDPSession();
    }

    /** A browser whose profile is kept in a folder. It ends with the tab. */
    static Tab withProfile(Path folder) {
        Playwright own = Playwright.create();
        BrowserContext profile = own.chromium()
                .launchPersistentContext(
                        folder,
                        new BrowserType.LaunchPersistentContextOptions()
                                .setExecutablePath(PROGRAM)
                                .setArgs(List.of("--no-sandbox")));
        return new Tab(profile, own::close);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
