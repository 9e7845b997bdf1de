// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class PackedFilesTest {
    private static final int PACKED_FROM_BYTES = 1_000;

    @Test
    void eachTextHasGzipThatUnpacksToIt() throws IOException {
        for (String name : texts()) {
            try (InputStream gzip = new GZIPInputStream(new ByteArrayInputStream(Built.bytes(name + ".gz")))) {
                assertThat(gzip.readAllBytes()).as(name).isEqualTo(Built.bytes(name));
            }
        }
    }

    @Test
    void eachTextHasBrotliThatUnpacksToItWhereThePlatformCanPackIt() throws IOException {
        assumeTrue(Brotli4jLoader.isAvailable());
        for (String name : texts()) {
            try (InputStream brotli = new BrotliInputStream(new ByteArrayInputStream(Built.bytes(name + ".br")))) {
                assertThat(brotli.readAllBytes()).as(name).isEqualTo(Built.bytes(name));
            }
        }
    }

    /** Seconds since 1970 are bytes 4 to 7 of the header; the same sources shall give the same bytes. */
    @Test
    void gzipTellsNoTime() throws IOException {
        for (String name : texts()) {
            assertThat(Built.bytes(name + ".gz")).as(name).startsWith(0x1f, 0x8b, 8, 0, 0, 0, 0, 0);
        }
    }

    private static List<String> texts() throws IOException {
        List<String> texts = Built.names().stream()
                .filter(name -> name.matches(".*\\.(js|css|html)"))
                .filter(name -> size(name) >= PACKED_FROM_BYTES)
                .toList();
        assertThat(texts).contains("mqtt.js", "client/index.html", "client/js/page.js", "client/style/page.css");
        return texts;
    }

    private static long size(String name) {
        return Built.FOLDER.resolve(name).toFile().length();
    }
}
