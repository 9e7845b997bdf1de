// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.courtier.auth.internal.FollowedFile.Content;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedFileTest {
    @TempDir
    Path directory;

    private final List<Content> told = new ArrayList<>();
    private Path path;
    private FollowedFile file;

    @BeforeEach
    void follow() {
        path = directory.resolve("file");
        file = new FollowedFile(path, told::add);
    }

    @AfterEach
    void close() {
        file.close();
    }

    @Test
    void tellsAtTheFirstLookWhatIsThere() throws IOException {
        Files.writeString(path, "a\nb\n");
        file.look();
        assertThat(told).containsExactly(lines("a", "b"));
    }

    @Test
    void tellsAChangeOnceTwoLooksSawTheSame() throws IOException {
        Files.writeString(path, "a");
        file.look();
        Files.writeString(path, "ab");
        file.look();
        assertThat(told).containsExactly(lines("a"));
        Files.writeString(path, "abc");
        file.look();
        assertThat(told).containsExactly(lines("a"));
        file.look();
        file.look();
        assertThat(told).containsExactly(lines("a"), lines("abc"));
    }

    @Test
    void noticesAChangeOfTheSameLength() throws IOException {
        Files.writeString(path, "a");
        Files.setLastModifiedTime(path, FileTime.fromMillis(1_000));
        file.look();
        Files.writeString(path, "b");
        Files.setLastModifiedTime(path, FileTime.fromMillis(2_000));
        lookTwice();
        assertThat(told).containsExactly(lines("a"), lines("b"));
    }

    @Test
    void noticesAnotherFileWithTheSameTimeAndLength() throws IOException {
        Path other = directory.resolve("other");
        Files.writeString(path, "a");
        Files.writeString(other, "b");
        for (Path one : List.of(path, other)) Files.setLastModifiedTime(one, FileTime.fromMillis(1_000));
        file.look();
        Files.move(other, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        lookTwice();
        assertThat(told).containsExactly(lines("a"), lines("b"));
    }

    @Test
    void tellsThatTheFileIsMissingAndThatItCame() throws IOException {
        file.look();
        lookTwice();
        Files.writeString(path, "a");
        lookTwice();
        Files.delete(path);
        lookTwice();
        assertThat(told).containsExactly(new Content.Missing(), lines("a"), new Content.Missing());
    }

    @Test
    void readsOverAFileThatIsGoneForAMoment() throws IOException {
        Files.writeString(path, "a");
        Files.setLastModifiedTime(path, FileTime.fromMillis(1_000));
        file.look();
        Path aside = Files.move(path, directory.resolve("aside"));
        file.look();
        Files.move(aside, path);
        lookTwice();
        assertThat(told).containsExactly(lines("a"));
    }

    @Test
    void tellsThatItCannotReadIt() throws IOException {
        Files.write(path, new byte[] {(byte) 0xC0, (byte) 0x80});
        file.look();
        Files.delete(path);
        Files.createDirectory(path);
        lookTwice();
        Files.delete(path);
        try (RandomAccessFile large = new RandomAccessFile(path.toFile(), "rw")) {
            large.setLength(FollowedFile.BYTES_MAX + 1);
        }
        lookTwice();
        assertThat(told).hasSize(3).allMatch(content -> content instanceof Content.Unreadable);
    }

    @Test
    void believesNoFileThatEverybodyMayWriteUntilThatIsMended() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
        Files.writeString(path, "a");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        file.look();
        assertThat(told).singleElement().asString().contains("chmod o-w " + path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-r--"));
        lookTwice();
        assertThat(told).hasSize(2).last().isEqualTo(lines("a"));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw--w-"));
        lookTwice();
        assertThat(told).hasSize(3).last().isInstanceOf(Content.Unreadable.class);
    }

    @Test
    void tellsNothingOnceItIsClosed() throws IOException {
        file.close();
        Files.writeString(path, "a");
        lookTwice();
        assertThat(told).isEmpty();
    }

    private void lookTwice() {
        file.look();
        file.look();
    }

    private static Content lines(String... lines) {
        return new Content.Lines(List.of(lines));
    }
}
