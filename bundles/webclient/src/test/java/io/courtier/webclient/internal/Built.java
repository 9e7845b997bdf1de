// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the build put into the bundle. */
final class Built {
    static final Path FOLDER = Path.of("target/classes/www");

    private Built() {}

    static byte[] bytes(String name) throws IOException {
        return Files.readAllBytes(FOLDER.resolve(name));
    }

    /** All files, relative to the folder, with slashes. */
    static List<String> names() throws IOException {
        return names(FOLDER);
    }

    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        }
    }
}
