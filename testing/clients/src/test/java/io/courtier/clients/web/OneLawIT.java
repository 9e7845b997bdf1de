// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.courtier.clients.Lane;
import io.courtier.conformance.AcknowledgementTest;
import io.courtier.conformance.ConnectTest;
import io.courtier.conformance.Door;
import io.courtier.conformance.Doors;
import io.courtier.conformance.FlowTest;
import io.courtier.conformance.PublishTest;
import io.courtier.conformance.QueueFullTest;
import io.courtier.conformance.RetainTest;
import io.courtier.conformance.SubscribeTest;
import io.courtier.conformance.Through;
import io.courtier.conformance.WillTest;
import io.courtier.core.Limits;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The law of the server holds in a browser's tab: the same scenarios, through MessagePorts of a real Chromium. */
@ResourceLock(Lane.PAGES)
class OneLawIT {
    /** Both outputs of the compiler, and both places for what outlives a tab. */
    enum Tab implements Through {
        WASM_WITH_INDEXEDDB("wasm", "indexeddb"),
        JS_IN_MEMORY("js", "memory");

        private final String runtime;
        private final String store;

        Tab(String runtime, String store) {
            this.runtime = runtime;
            this.store = store;
        }

        @Override
        public Door open(Limits limits) {
            Page page = PAGES.computeIfAbsent(this, first -> {
                Page opened = tab.another();
                opened.navigate(files.url(ChromiumDoor.PAGE));
                opened.waitForFunction("() => globalThis.door");
                return opened;
            });
            ChromiumDoor door = new ChromiumDoor(page, runtime, store, limits);
            assertThat(door.kind()).isEqualTo(runtime + " " + store);
            return door;
        }

        /** A broker for each costs less than names that keep them apart. */
        @Override
        public boolean isShared() {
            return false;
        }
    }

    private static final Map<Tab, Page> PAGES = new EnumMap<>(Tab.class);
    private static ModuleFiles files;
    private static io.courtier.clients.web.Tab tab;

    @BeforeAll
    static void open() throws Exception {
        files = new ModuleFiles();
        tab = io.courtier.clients.web.Tab.open();
    }

    @AfterAll
    static void close() {
        PAGES.clear();
        LabList.BC.saw(
                "BC-6",
                "the conformance suite walks the compiled broker through MessagePorts: see the tests of OneLawIT");
        try {
            tab.close();
        } finally {
            files.close();
        }
    }

    @Nested
    @Doors(Tab.class)
    class Connecting extends ConnectTest {}

    @Nested
    @Doors(Tab.class)
    class Publishing extends PublishTest {}

    @Nested
    @Doors(Tab.class)
    class Subscribing extends SubscribeTest {}

    @Nested
    @Doors(Tab.class)
    class Retaining extends RetainTest {}

    @Nested
    @Doors(Tab.class)
    class Acknowledging extends AcknowledgementTest {}

    @Nested
    @Doors(Tab.class)
    class Flowing extends FlowTest {}

    @Nested
    @Doors(Tab.class)
    class FillingQueues extends QueueFullTest {}

    @Nested
    @Doors(Tab.class)
    class Willing extends WillTest {}
}
