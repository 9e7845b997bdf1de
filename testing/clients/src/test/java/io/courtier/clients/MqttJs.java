// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** MQTT.js for Node, as npm installs it by our lock file, with our scripts beside it. */
public final class MqttJs {
    private static final Path PROJECT = Path.of(System.getProperty("basedir", ""));
    static final Path SOURCES = PROJECT.resolve("src/test/npm");
    /** Where {@code require('mqtt')} finds it. */
    public static final Path INSTALLED = PROJECT.resolve("target/npm");

    private MqttJs() {}

    public static synchronized void install() {
        Program.need("node", "nodejs");
        Program.need("npm", "npm");
        try {
            Path lock = INSTALLED.resolve("package-lock.json");
            boolean installed = Files.isDirectory(INSTALLED.resolve("node_modules/mqtt"))
                    && Files.exists(lock)
                    && Files.mismatch(lock, SOURCES.resolve("package-lock.json")) < 0;
            Files.createDirectories(INSTALLED);
            try (Stream<Path> files = Files.list(SOURCES)) {
                for (Path file : files.toList()) {
                    Files.copy(file, INSTALLED.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            if (!installed) {
                fetch(lock);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fetch(Path lock) throws IOException {
        List<String> command = List.of("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund");
        try (Program npm = Program.startIn(INSTALLED, command)) {
            if (npm.status(Duration.ofMinutes(2)) != 0) {
                Files.deleteIfExists(lock);
                fail("npm could not install MQTT.js, which these tests run: " + npm);
            }
        }
    }
}
