// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordFileTest {
    private static final String HASH = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

    @TempDir
    Path directory;

    private Path path;
    private PasswordFile file;

    @BeforeEach
    void open() {
        path = directory.resolve("courtier-passwd");
        file = new PasswordFile(path);
    }

    @AfterEach
    void close() {
        file.close();
    }

    @Test
    void hasNoUsersWithoutAFile() {
        file.look();
        assertThat(file.users().size()).isZero();
    }

    @Test
    void followsTheFile() throws IOException {
        write("joe:" + HASH);
        assertThat(file.users().find("joe")).isNotNull();
        write("joe:" + HASH, "ann:" + HASH);
        assertThat(file.users().find("ann")).isNotNull();
        Files.delete(path);
        lookTwice();
        assertThat(file.users().size()).isZero();
    }

    @Test
    void keepsTheUsersWhenTheNewFileIsBrokenAndSaysSoOnce() throws IOException {
        write("joe:" + HASH);
        try (Logged logged = new Logged()) {
            write("# users", "joe:" + HASH, "ann");
            lookTwice();
            lookTwice();
            assertThat(logged.lines("ERROR"))
                    .singleElement()
                    .asString()
                    .contains("line 3")
                    .doesNotContain(HASH);
        }
        assertThat(file.users().find("joe")).isNotNull();
        write("ann:" + HASH);
        assertThat(file.users().find("joe")).isNull();
        assertThat(file.users().find("ann")).isNotNull();
    }

    @Test
    void warnsOfAFileWithUsersThatOthersMayRead() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
        try (Logged logged = new Logged()) {
            write("joe:" + HASH);
            permit("rw-r-----");
            write("joe:" + HASH, "ann:" + HASH);
            assertThat(logged.lines("WARN")).isEmpty();
            permit("rw-r--r--");
            write("# nobody");
            assertThat(logged.lines("WARN")).isEmpty();
            write("joe:" + HASH);
            assertThat(logged.lines("WARN")).singleElement().asString().contains("chmod 600");
        }
    }

    @Test
    void theFileThatIsShippedHasNoUsers() throws IOException, BrokenLine {
        assertThat(Users.parse(Files.readAllLines(Path.of("src/main/cfg/courtier-passwd")))
                        .size())
                .isZero();
    }

    private void write(String... lines) throws IOException {
        if (!Files.exists(path)) {
            Files.createFile(path);
            permit("rw-------");
        }
        Files.write(path, List.of(lines));
        lookTwice();
    }

    private void permit(String permissions) throws IOException {
        if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }

    private void lookTwice() {
        file.look();
        file.look();
    }
}
