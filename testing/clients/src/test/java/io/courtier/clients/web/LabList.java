// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

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
