// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LooseSettingsTest {
    @TempDir
    Path etc;

    @BeforeEach
    void hasPermissions() throws IOException {
        assumeTrue(Files.getFileStore(etc).supportsFileAttributeView("posix"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "connection.password = secret",
                "tls.key.password=secret",
                "  probe.allowed.password: secret",
                "a = b\r\ntls.keystore.password = secret\r\n"
            })
    void namesAFileWithAPasswordThatEverybodyMayRead(String text) throws IOException {
        Path file = file("io.courtier.realm-ldap.cfg", text, "rw-r--r--");
        assertThat(warnings(new LooseSettings(etc))).singleElement().asString().contains("chmod 600 " + file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"#tls.key.password = secret", "tls.key.password =", "tls.key.password =\na = b", "a = password"})
    void saysNothingOfAFileWithoutOne(String text) throws IOException {
        file("io.courtier.listener.tcp-tls.cfg", text, "rw-r--r--");
        assertThat(warnings(new LooseSettings(etc))).isEmpty();
    }

    @Test
    void saysNothingOfAFileThatIsKeptFromOthersOrIsNotOurs() throws IOException {
        file("io.courtier.realm-ldap.cfg", "connection.password = secret", "rw-r-----");
        file("org.example.cfg", "connection.password = secret", "rw-r--r--");
        assertThat(warnings(new LooseSettings(etc))).isEmpty();
    }

    @Test
    void saysItOnceAndAgainWhenItWasMendedInBetween() throws IOException {
        Path file = file("io.courtier.realm-ldap.cfg", "connection.password = secret", "rw-r--r--");
        LooseSettings settings = new LooseSettings(etc);
        assertThat(warnings(settings)).hasSize(1);
        assertThat(warnings(settings)).isEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(warnings(settings)).isEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(warnings(settings)).hasSize(1);
    }

    private static List<String> warnings(LooseSettings settings) throws IOException {
        try (Logged logged = new Logged()) {
            settings.look();
            return logged.lines("WARN");
        }
    }

    private Path file(String name, String text, String permissions) throws IOException {
        Path file = Files.writeString(etc.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        return file;
    }
}
