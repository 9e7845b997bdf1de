// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Something that must not be found, and how it might be written. */
record Secret(String what, String text) {
    /** Shorter pieces of Base64 would be found by chance. */
    private static final int PIECE_MIN = 10;

    /** As it is, in Base64 wherever it begins in what was encoded, and as hexadecimal digits with and without blanks. */
    private Map<String, String> writings() {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Map<String, String> writings = new LinkedHashMap<>();
        writings.put("as it is", text);
        for (int offset = 0; offset < 3; offset++) {
            byte[] shifted = new byte[offset + bytes.length];
            System.arraycopy(bytes, 0, shifted, offset, bytes.length);
            String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            // The first and the last character are of the neighbours too.
            String own = encoded.substring(offset == 0 ? 0 : offset + 1, encoded.length() - 1);
            if (own.length() < PIECE_MIN) throw new IllegalArgumentException(what + " is too short to be looked for");
            writings.put("in Base64 at " + offset, own);
        }
        writings.put("as hex", HexFormat.of().formatHex(bytes));
        writings.put("as hex with blanks", HexFormat.ofDelimiter(" ").formatHex(bytes));
        return writings;
    }

    /** Where any of them is in the files of a folder, with how it is written; a sentence for each. */
    static List<String> found(List<Secret> secrets, Path folder) {
        TreeSet<String> found = new TreeSet<>();
        for (Path file : files(folder)) {
            String content = content(file);
            String small = content.toLowerCase(Locale.ROOT);
            for (Secret secret : secrets) {
                secret.writings().forEach((how, writing) -> {
                    boolean hex = how.startsWith("as hex");
                    int at = (hex ? small : content).indexOf(writing);
                    if (at >= 0) {
                        int line = content.lastIndexOf('\n', at) + 1;
                        String around = content.substring(line, Math.min(content.length(), line + 130));
                        found.add(secret.what + " " + how + " in " + folder.relativize(file) + ": " + around.strip());
                    }
                });
            }
        }
        return new ArrayList<>(found);
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String content(Path file) {
        try {
            // A byte a character: whatever is in the file, text in ASCII is found.
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
