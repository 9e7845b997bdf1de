// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What our web sources never do, so that a topic or a payload stays a text and nobody else hears of a visit. */
class WebSourcesTest {
    private static final Path SOURCES = Path.of("src/main/web");
    private static final int LINES_MAX = 400;

    private static final Map<String, Pattern> BANNED = Map.of(
            "markup from strings",
                    Pattern.compile("\\b(inner|outer)HTML\\b|insertAdjacentHTML|document\\.write|DOMParser|srcdoc"
                            + "|createContextualFragment|setHTMLUnsafe"),
            "code from strings",
                    Pattern.compile("\\beval\\s*\\(|new\\s+Function\\b|set(Timeout|Interval)\\s*\\(\\s*['\"`]"
                            + "|javascript:|importScripts"),
            "scripts or styles within the page",
                    Pattern.compile("<script(?![^>]*\\bsrc=)|<style\\b|\\sstyle=|\\son[a-z]+="),
            "dialogs that stop the page", Pattern.compile("(?<![.\\w])(alert|confirm|prompt)\\s*\\("),
            "addresses of others",
                    Pattern.compile("(https?:)?//(?!www\\.w3\\.org/)[a-z0-9-]+\\.[a-z]{2,}", Pattern.CASE_INSENSITIVE));

    @Test
    void avoidWhatIsDangerous() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path source : sources()) {
            String text = Files.readString(source);
            BANNED.forEach((what, pattern) -> {
                Matcher match = pattern.matcher(text);
                while (match.find()) found.add(source + ": " + what + ": " + match.group());
            });
        }
        assertThat(found).isEmpty();
    }

    @Test
    void bearTheLicenceAndStayShort() throws IOException {
        for (Path source : sources()) {
            List<String> lines = Files.readAllLines(source);
            assertThat(String.join("\n", lines.subList(0, 2)))
                    .as(source.toString())
                    .contains("SPDX-License-Identifier: Apache-2.0");
            assertThat(lines).as(source.toString()).hasSizeLessThanOrEqualTo(LINES_MAX);
        }
    }

    @Test
    void importOnlyModulesThatAreThere() throws IOException {
        Pattern imported = Pattern.compile("(?:from|import) '([^']+)'");
        for (Path source : sources()) {
            Matcher match = imported.matcher(Files.readString(source));
            while (match.find()) {
                // The compiled module is beside the lab where both are served.
                Path inBundle = Built.FOLDER.resolve(SOURCES.relativize(source));
                assertThat(inBundle.resolveSibling(match.group(1)).normalize())
                        .as(source.toString())
                        .exists();
            }
        }
    }

    @Test
    void nameOnlyTextsAndElementsThatAreThere() throws IOException {
        String texts = Files.readString(SOURCES.resolve("client/js/texts.js"));
        String page = Files.readString(SOURCES.resolve("client/index.html"));
        Matcher named =
                Pattern.compile("data-(?:text|label|hint|title)=\"([^\"]+)\"").matcher(page);
        while (named.find()) assertThat(texts).contains("'" + named.group(1) + "':");
        Matcher used = Pattern.compile("\\bfor=\"([^\"]+)\"|aria-labelledby=\"([^\"]+)\"|list=\"([^\"]+)\"")
                .matcher(page);
        while (used.find()) {
            String id = used.group(used.group(1) != null ? 1 : used.group(2) != null ? 2 : 3);
            assertThat(page).contains("id=\"" + id + "\"");
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> sources = files.filter(file -> file.toString().matches(".*\\.(js|css|html|svg)"))
                    .toList();
            assertThat(sources).hasSizeGreaterThan(20);
            return sources;
        }
    }
}
