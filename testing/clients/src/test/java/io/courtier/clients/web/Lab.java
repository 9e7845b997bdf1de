// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import com.microsoft.playwright.Page;
import io.courtier.clients.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * What a class needs that uses pages of the lab, in a static field with {@code @RegisterExtension}: a broker that serves them, the
 * same for all classes of its lane, a Chromium while the class runs, and for each test a profile that nobody used. The tests of one
 * class run one after the other.
 */
final class Lab implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private static final ExtensionContext.Namespace BROKERS = ExtensionContext.Namespace.create(Lab.class);

    private final Supplier<Chromium> browser;
    private Instance broker;
    private Chromium chromium;
    private Tab tab;
    private boolean used;

    Lab() {
        this(Chromium::launch);
    }

    Lab(Supplier<Chromium> browser) {
        this.browser = browser;
    }

    /** Ends when all classes have ended. */
    private record Broker(Path folder, Instance instance) implements AutoCloseable {
        static Broker start() {
            try {
                Path folder = Files.createTempDirectory("courtier-lab");
                return new Broker(folder, new Instance(folder).start());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            instance.close();
            try (Program remove = Program.start(List.of("rm", "-rf", folder.toString()))) {
                remove.succeeded();
            }
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        String lane =
                context.getRequiredTestClass().getAnnotation(ResourceLock.class).value();
        broker = context.getRoot()
                .getStore(BROKERS)
                .computeIfAbsent(lane, any -> Broker.start(), Broker.class)
                .instance();
        chromium = browser.get();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        closeTab();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (chromium != null) chromium.close();
    }

    Instance broker() {
        return broker;
    }

    Chromium chromium() {
        return chromium;
    }

    int port() {
        return broker.port("ws-default");
    }

    /** The address of a page of the lab: {@code message-port/}. */
    String page(String path) {
        return "http://localhost:" + port() + "/lab/" + path;
    }

    /** The profile of this test, made when it is first asked for. */
    Tab tab() {
        if (tab == null) tab = chromium.tab();
        return tab;
    }

    /** Another page of it: first the one that there is anyway. */
    Page next() {
        Page page = used ? tab().another() : tab().page();
        used = true;
        return page;
    }

    /** Before the end of the test, where something else must outlive its pages. */
    void closeTab() {
        Tab closing = tab;
        tab = null;
        used = false;
        if (closing != null) closing.close();
    }
}
