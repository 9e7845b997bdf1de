// SPDX-License-Identifier: Apache-2.0
package io.courtier.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The ledger: which normative statements of MQTT 5 are shown by a test. Every id that a test cites must be one of the
 * standard's; those that nobody cites stand in {@code gaps.txt}, which may only become shorter.
 */
class LedgerTest {
    private static final Pattern ID = Pattern.compile("MQTT-\\d+\\.\\d+\\.\\d+-\\d+[a-z]?|MQTT-4\\.2-1");
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();

    private static Set<String> lines(String resource) throws IOException {
        try (var in = LedgerTest.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            Set<String> lines = new TreeSet<>();
            for (String line : new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).split("\n")) {
                if (!line.isBlank() && !line.startsWith("#")) lines.add(line.strip());
            }
            return lines;
        }
    }

    /** Ids in the annotations of scenarios and in the last column of the vectors. */
    private static Set<String> cited() throws IOException {
        Set<String> cited = new HashSet<>();
        try (Stream<Path> files = Files.walk(ROOT.resolve("testing/conformance/src/test/java"))) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith(".java"))::iterator) {
                Matcher annotation =
                        Pattern.compile("@Spec\\(\\{?([^)]*)\\}?\\)").matcher(Files.readString(file));
                while (annotation.find()) collect(annotation.group(1), cited);
            }
        }
        try (Stream<Path> files = Files.walk(ROOT.resolve("bundles/protocol/src/test/resources/vectors"))) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith(".txt"))::iterator) {
                for (String line : Files.readAllLines(file)) {
                    int last = line.lastIndexOf('|');
                    if (!line.startsWith("#") && last > 0) collect(line.substring(last), cited);
                }
            }
        }
        return cited;
    }

    private static void collect(String text, Set<String> into) {
        Matcher id = ID.matcher(text);
        while (id.find()) into.add(id.group());
    }

    @Test
    void citesOnlyStatementsOfTheStandard() throws IOException {
        Set<String> statements = lines("/statements-v5.txt");
        assertThat(statements).hasSize(251);
        assertThat(statements).containsAll(cited());
    }

    @Test
    void theGapsAreKnownAndOnlyShrink() throws IOException {
        Set<String> missing = new TreeSet<>(lines("/statements-v5.txt"));
        missing.removeAll(cited());
        List<String> gaps = new ArrayList<>(lines("/gaps.txt"));
        assertThat(gaps)
                .as("statements without a test; take out of gaps.txt what is shown now")
                .containsExactlyElementsOf(missing);
    }
}
