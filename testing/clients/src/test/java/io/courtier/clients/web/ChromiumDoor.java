// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import com.microsoft.playwright.Page;
import io.courtier.conformance.Door;
import io.courtier.conformance.Wire;
import io.courtier.core.Limits;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A broker in a tab of Chromium, compiled from the same source, behind MessagePorts. What clients send is gathered, and goes
 * into the page when somebody wants to know what came of it: then it is done one after the other, each to its end.
 */
final class ChromiumDoor implements Door {
    static final String PAGE = "/chromium-door/index.html";

    private static final AtomicInteger DOORS = new AtomicInteger();

    private final Page page;
    private final String broker;
    private final List<List<Object>> operations = new ArrayList<>();
    private final Map<String, TabWire> wires = new HashMap<>();
    private final String kind;

    /** @param page with {@link #PAGE} in it */
    ChromiumDoor(Page page, String runtime, String store, Limits limits) {
        this(page, newName(), Map.of("runtime", runtime, "store", store, "limits", named(limits)));
    }

    /** Without the house's rules: with users, each a name, which is the password too, and roles. */
    ChromiumDoor(Page page, List<List<String>> users) {
        this(page, newName(), Map.of("runtime", "wasm", "store", "memory", "limits", Map.of(), "users", users));
    }

    /** Without users, and with history, of a name: who opens another one by it later finds what this one kept. */
    static ChromiumDoor remembering(Page page, String name, String runtime) {
        return new ChromiumDoor(
                page,
                name,
                Map.of(
                        "runtime",
                        runtime,
                        "store",
                        "indexeddb",
                        "limits",
                        Map.of(),
                        "users",
                        List.of(),
                        "history",
                        true));
    }

    private static String newName() {
        return "house-" + DOORS.incrementAndGet();
    }

    private ChromiumDoor(Page page, String broker, Map<String, Object> options) {
        this.page = page;
        this.broker = broker;
        kind = (String) page.evaluate("([broker, options]) => door.begin(broker, options)", List.of(broker, options));
    }

    /** The runtime and the store that it got: {@code wasm indexeddb}. */
    String kind() {
        return kind;
    }

    /** Gives other access rules; what is wrong with them, or nothing. */
    String access(String rules) {
        return (String) page.evaluate("([broker, rules]) => door.access(broker, rules)", List.of(broker, rules));
    }

    /** All of them by name: a tab has others by itself. */
    private static Map<String, Object> named(Limits limits) {
        Map<String, Object> named = new HashMap<>();
        addNamed(limits, named);
        named.remove("fairUse");
        addNamed(limits.fairUse(), named);
        return named;
    }

    private static void addNamed(Record record, Map<String, Object> named) {
        try {
            for (RecordComponent component : record.getClass().getRecordComponents()) {
                named.put(component.getName(), "" + component.getAccessor().invoke(record));
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public Wire open() {
        TabWire wire = new TabWire(broker + "/" + wires.size());
        wires.put(wire.name, wire);
        wire.does("open");
        return wire;
    }

    @Override
    public boolean movesTime() {
        return true;
    }

    @Override
    public void advance(Duration by) {
        operations.add(List.of("advance", by.toNanos() / 1e6));
        run();
    }

    @Override
    public void close() {
        page.evaluate("broker => door.end(broker)", broker);
    }

    private void run() {
        Object answer = page.evaluate(
                "([broker, operations]) => door.run(broker, operations)", List.of(broker, List.copyOf(operations)));
        operations.clear();
        Map<?, ?> done = (Map<?, ?>) answer;
        for (Object each : (List<?>) done.get("came")) {
            List<?> came = (List<?>) each;
            wires.get(came.get(0)).arrived.add(Base64.getDecoder().decode((String) came.get(1)));
        }
        for (Object closed : (List<?>) done.get("closed")) wires.get(closed).closed = true;
    }

    private final class TabWire implements Wire {
        private final String name;
        private final ArrayDeque<byte[]> arrived = new ArrayDeque<>();
        private boolean closed;

        TabWire(String name) {
            this.name = name;
        }

        private void does(String operation, Object... more) {
            List<Object> all = new ArrayList<>(List.of(operation, name));
            all.addAll(List.of(more));
            operations.add(all);
        }

        @Override
        public void send(byte[] bytes) {
            does("send", Base64.getEncoder().encodeToString(bytes));
        }

        @Override
        public byte @Nullable [] receive() {
            if (arrived.isEmpty()) run();
            return arrived.poll();
        }

        @Override
        public boolean awaitClosed() {
            run();
            return closed;
        }

        @Override
        public void close() {
            does("close");
        }

        @Override
        public void reading(boolean wanted) {
            does("reading", wanted);
        }
    }
}
