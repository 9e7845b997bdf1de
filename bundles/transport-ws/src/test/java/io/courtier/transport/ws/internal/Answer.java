// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.ws.internal;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** An HTTP response as it was on the wire. */
record Answer(int status, List<String> fields, byte[] body) {

    /** Null if there is none. */
    String field(String name) {
        List<String> values = fields(name);
        return values.isEmpty() ? null : values.get(0);
    }

    List<String> fields(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return fields.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                .map(line -> line.substring(start.length()).trim())
                .toList();
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
