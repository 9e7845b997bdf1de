// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VendoredFilesTest {
    private static final Path VENDORED = Path.of("src/main/vendor/mqtt");

    @Test
    void filesOfOthersAreWhatTheyWereWhenTheyWereTaken() throws Exception {
        Map<String, String> found = new HashMap<>();
        try (Stream<Path> files = Files.list(VENDORED)) {
            for (Path file : files.toList()) {
                if (!file.endsWith("SHA256SUMS")) found.put(file.getFileName().toString(), sha256(file));
            }
        }
        Map<String, String> wanted = new HashMap<>();
        for (String line : Files.readAllLines(VENDORED.resolve("SHA256SUMS"))) {
            String[] sum = line.split(" +", 2);
            wanted.put(sum[1], sum[0]);
        }
        assertThat(found).isEqualTo(wanted).containsKeys("mqtt.min.js", "LICENSE.md");
    }

    @Test
    void thePageAndTheScriptContainTheLibraryUnchanged() throws Exception {
        byte[] library = Files.readAllBytes(VENDORED.resolve("mqtt.min.js"));
        assertThat(Built.bytes("client/vendor/mqtt.min.js")).isEqualTo(library);
        assertThat(Built.bytes("mqtt.js")).startsWith(library);
    }

    @Test
    void theScriptEndsWithOurConnect() throws Exception {
        String wrapper = Files.readString(Path.of("src/main/web/mqtt-here.js"));
        assertThat(new String(Built.bytes("mqtt.js"), StandardCharsets.UTF_8)).endsWith(wrapper);
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
