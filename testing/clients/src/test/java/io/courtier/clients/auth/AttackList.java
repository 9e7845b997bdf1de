// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What was tried against a running broker and what the attacker saw, as {@code target/attack-list.md}. Any thread. */
enum AttackList {
    WHO_COMES_IN("Who comes in"),
    TOPICS("Topics"),
    NETWORK("The network");

    private final String title;
    private final Map<String, String> rows = new TreeMap<>();

    AttackList(String title) {
        this.title = title;
    }

    /** Notes a result, after it was checked: a test that fails notes none. */
    void saw(String attack, String result, Object... arguments) {
        synchronized (AttackList.class) {
            rows.put(attack, result.formatted(arguments));
            write();
        }
    }

    private static void write() {
        StringBuilder document = new StringBuilder("# What attackers saw\n");
        for (AttackList part : values()) {
            if (part.rows.isEmpty()) continue;
            document.append("\n## ").append(part.title).append("\n\n| attack | what was seen |\n|---|---|\n");
            part.rows.forEach((attack, result) -> document.append("| ")
                    .append(attack)
                    .append(" | ")
                    .append(result)
                    .append(" |\n"));
        }
        try {
            Files.writeString(Path.of(System.getProperty("basedir", ""), "target", "attack-list.md"), document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
