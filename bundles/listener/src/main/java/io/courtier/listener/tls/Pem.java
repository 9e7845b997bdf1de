// SPDX-License-Identifier: Apache-2.0
package io.courtier.listener.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One block of a PEM file. Text around the blocks is no matter.
 *
 * @param type what follows BEGIN: {@code CERTIFICATE}, {@code PRIVATE KEY}
 */
record Pem(String type, byte[] der) {
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

    /** IllegalArgumentException for a block that is not Base64. */
    static List<Pem> blocks(byte[] file) {
        List<Pem> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(new String(file, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            blocks.add(new Pem(
                    matcher.group(1),
                    Base64.getMimeDecoder().decode(matcher.group(2).trim())));
        }
        return blocks;
    }
}
