// SPDX-License-Identifier: Apache-2.0
package io.courtier.webclient.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedFolderTest {
    @TempDir
    Path storage;

    private final Map<String, String> bundle = new HashMap<>();

    @Test
    void unpacksAllAtTheFirstStart() throws IOException {
        install("aa", "page", "script");
        Path folder = unpack();
        assertThat(folder).isEqualTo(storage.resolve("www-aa"));
        assertThat(Built.names(folder)).containsExactly("client/index.html", "mqtt.js");
        assertThat(folder.resolve("client/index.html")).hasContent("page");
    }

    @Test
    void writesNothingAtTheSecondStart() throws IOException {
        install("aa", "page", "script");
        Path file = unpack().resolve("mqtt.js");
        FileTime longAgo = FileTime.from(Instant.EPOCH);
        Files.setLastModifiedTime(file, longAgo);
        bundle.keySet().removeIf(name -> !name.equals("www/list"));
        unpack();
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(longAgo);
    }

    @Test
    void servesWhatAnUpdateBringsAndDropsWhatWasBefore() throws IOException {
        install("aa", "page", "script");
        Path before = unpack();
        install("bb", "new page", "script");
        assertThat(unpack().resolve("client/index.html")).hasContent("new page");
        assertThat(before).doesNotExist();
    }

    @Test
    void beginsAnewWhereAnEarlierAttemptEndedInTheMiddle() throws IOException {
        install("aa", "page", "script");
        Files.createDirectories(storage.resolve("www-aa.part/client"));
        Files.writeString(storage.resolve("www-aa.part/client/index.html"), "pa");
        assertThat(unpack().resolve("client/index.html")).hasContent("page");
        assertThat(storage.resolve("www-aa.part")).doesNotExist();
    }

    @Test
    void repairsAFolderThatLostAFileOrTheEndOfOne() throws IOException {
        install("aa", "page", "script");
        Path folder = unpack();
        Files.writeString(folder.resolve("client/index.html"), "");
        Files.delete(folder.resolve("mqtt.js"));
        unpack();
        assertThat(folder.resolve("client/index.html")).hasContent("page");
        assertThat(folder.resolve("mqtt.js")).hasContent("script");
    }

    @Test
    void leavesAloneWhatIsNotItsOwn() throws IOException {
        install("aa", "page", "script");
        Files.writeString(storage.resolve("other"), "kept");
        unpack();
        assertThat(storage.resolve("other")).hasContent("kept");
    }

    @Test
    void refusesABundleThatLacksAFile() {
        install("aa", "page", "script");
        bundle.remove("www/mqtt.js");
        assertThatThrownBy(this::unpack).isInstanceOf(IOException.class).hasMessageContaining("www/mqtt.js");
        assertThat(storage.resolve("www-aa")).doesNotExist();
    }

    @Test
    void refusesAListThatLeadsOut() {
        install("aa", "page", "script");
        bundle.put("www/list", "aa\n4 ../../page\n");
        bundle.put("www/../../page", "page");
        assertThatThrownBy(this::unpack).isInstanceOf(IOException.class).hasMessageContaining("outside");
    }

    @Test
    void whatTheBuildListsIsWhatItPacked() throws IOException {
        FileList list = FileList.read(Files.newBufferedReader(Built.FOLDER.resolve("list")));
        assertThat(list.allIn(Built.FOLDER)).isTrue();
        assertThat(list.entries())
                .extracting(FileList.Entry::name)
                .hasSize(Built.names().size() - 1);
    }

    private void install(String identity, String page, String script) {
        bundle.put("www/client/index.html", page);
        bundle.put("www/mqtt.js", script);
        bundle.put(
                "www/list",
                "%s\n%d client/index.html\n%d mqtt.js\n".formatted(identity, page.length(), script.length()));
    }

    private Path unpack() throws IOException {
        return new UnpackedFolder(this::open, storage).unpack();
    }

    private InputStream open(String name) {
        String content = bundle.get(name);
        return content == null ? null : new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
    }
}
