// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessFileTest {
    @TempDir
    Path directory;

    private final List<Integer> rules = new ArrayList<>();
    private Path path;
    private AccessFile file;

    @BeforeEach
    void open() {
        path = directory.resolve("courtier-acl");
        file = new AccessFile(path, list -> rules.add(list.size()));
    }

    @AfterEach
    void close() {
        file.close();
    }

    @Test
    void tellsEachListAndNoneWhenTheFileGoes() throws IOException {
        Files.writeString(path, "allow all #\n");
        file.start();
        Files.writeString(path, "deny all a\nallow all #\n");
        lookTwice();
        Files.delete(path);
        lookTwice();
        assertThat(rules).containsExactly(1, 2, 0);
    }

    @Test
    void saysOnceWhichFileIsMissing() {
        try (Logged logged = new Logged()) {
            file.start();
            lookTwice();
            assertThat(logged.lines("ERROR")).singleElement().asString().contains(path.toString(), "allow all #");
        }
        assertThat(rules).containsExactly(0);
    }

    @Test
    void keepsTheListWhenTheNewFileIsBrokenAndSaysSoOnce() throws IOException {
        Files.writeString(path, "allow all #\n");
        file.start();
        try (Logged logged = new Logged()) {
            Files.writeString(path, "deny all #\nallow everything\n");
            lookTwice();
            lookTwice();
            assertThat(logged.lines("ERROR")).singleElement().asString().contains("line 2");
        }
        assertThat(rules).containsExactly(1);
    }

    @Test
    void allowsNothingWhereTheFirstFileIsBroken() throws IOException {
        Files.writeString(path, "allow everything\n");
        file.start();
        assertThat(rules).containsExactly(0);
    }

    private void lookTwice() {
        file.look();
        file.look();
    }
}
