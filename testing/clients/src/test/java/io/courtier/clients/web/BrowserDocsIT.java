// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/browser.md do what it says. */
class BrowserDocsIT {
    private static final Path DOCUMENT = Path.of(System.getProperty("basedir", ""), "..", "..", "docs", "browser.md");
    private static final Pattern EXAMPLE = Pattern.compile("```js\n(.*?)```", Pattern.DOTALL);

    @Test
    void examplesRunAsTheyAre(@TempDir Path folder) throws IOException {
        List<Object> said = new ArrayList<>();
        try (Instance broker = new Instance(folder).start()) {
            Matcher examples = EXAMPLE.matcher(Files.readString(DOCUMENT));
            while (examples.find()) {
                try (Tab tab = Tab.open()) {
                    Page page = tab.page();
                    page.setDefaultTimeout(20_000);
                    page.navigate("http://localhost:" + broker.port("ws-default") + "/lab/");
                    said.add(page.evaluate("async () => { const said = [];"
                            + " const console = { log: (...words) => said.push(words.join(' ')) };\n"
                            + examples.group(1)
                            + "return said.join('; '); }"));
                }
            }
        }
        // 16: nobody subscribed to it; 135: not authorized.
        assertThat(said)
                .containsExactly("on wasm indexeddb", "plant/7/alarm hot; broker", "1", "16 135", "2,3", "connected");
    }
}
