// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** What pages of the lab were asked for, and what a real browser showed, as {@code target/lab-list.md}. Any thread. */
enum LabList {
    MP("Tabs through a service worker"),
    BC("A broker among tabs"),
    SW("Channels in a shared worker"),
    WS("A client over WebSocket"),
    GALLERY("The gallery"),
    FIGURES("Figures of this run");

    private final String title;
    private final Map<String, String> rows = new TreeMap<>();

    LabList(String title) {
        this.title = title;
    }

    /** Notes a result, after it was checked: a test that fails notes none. Ids are those of the requirement: BC-1, BC-E1. */
    void saw(String id, String result, Object... arguments) {
        synchronized (LabList.class) {
            rows.put(padded(id), "| " + id + " | " + result.formatted(arguments) + " |\n");
            write();
        }
    }

    /** BC-2 before BC-10. */
    private static String padded(String id) {
        int at = id.length();
        while (at > 0 && Character.isDigit(id.charAt(at - 1))) at--;
        String number = id.substring(at);
        return id.substring(0, at) + "0".repeat(Math.max(0, 3 - number.length())) + number;
    }

    /** Notes tests whose names begin with what they show, {@code SW-1, SW-13: what}, when they have passed. */
    static final class Passed implements TestWatcher {
        @Override
        public void testSuccessful(ExtensionContext test) {
            String name = test.getDisplayName();
            int colon = name.indexOf(": ");
            for (String id : name.substring(0, colon).split(", ")) {
                String key = id.matches("SW-\\d+")
                        ? id
                        : id + " " + test.getRequiredTestMethod().getName();
                SW.add(key, name.substring(colon + 2));
            }
        }
    }

    /** Behind what was seen of the same before. */
    private void add(String id, String result) {
        synchronized (LabList.class) {
            String row = rows.get(padded(id));
            if (row == null) saw(id, "%s", result);
            else if (!row.contains(result)) {
                rows.put(padded(id), row.replace(" |\n", "; " + result + " |\n"));
                write();
            }
        }
    }

    private static void write() {
        StringBuilder document = new StringBuilder("# What the pages of the lab did in a real Chromium\n");
        for (LabList part : values()) {
            if (part.rows.isEmpty()) continue;
            document.append("\n## ").append(part.title).append("\n\n| what | what was seen |\n|---|---|\n");
            part.rows.values().forEach(document::append);
        }
        try {
            Files.writeString(Path.of(System.getProperty("basedir", ""), "target", "lab-list.md"), document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
