// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PasswordToolTest {
    @TempDir
    Path directory;

    private Path file;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void name() {
        file = directory.resolve("courtier-passwd");
    }

    @Test
    void writesWhatTheBrokerReads() throws IOException, BrokenLine {
        assertThat(run("swordfish\nmore", "add", "joe", "--roles", "device,admin"))
                .isZero();
        assertThat(run("marlin\r\n", "add", "ann")).isZero();
        Users users = Users.parse(Files.readAllLines(file));
        assertThat(users.find("joe").hash().matches(bytes("swordfish"))).isTrue();
        assertThat(users.find("joe").roles()).containsExactlyInAnyOrder("admin", "device");
        assertThat(users.find("ann").hash().matches(bytes("marlin"))).isTrue();
        assertThat(run("", "list")).isZero();
        assertThat(text(out)).endsWith("joe roles=admin,device\nann\n").doesNotContain("swordfish", "$2");
        assertThat(run("", "remove", "joe")).isZero();
        assertThat(Users.parse(Files.readAllLines(file)).find("joe")).isNull();
    }

    @Test
    void changesAPasswordAndKeepsRolesCommentsAndOrder() throws IOException, BrokenLine {
        run("old", "add", "joe", "--roles", "admin");
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        lines.add(0, "# ours");
        lines.add("open::guest");
        Files.write(file, lines);
        assertThat(run("new", "add", "joe")).isZero();
        List<String> after = Files.readAllLines(file);
        assertThat(after).hasSize(3).startsWith("# ours").endsWith("open::guest");
        Users.User joe = Users.parse(after).find("joe");
        assertThat(joe.hash().matches(bytes("new"))).isTrue();
        assertThat(joe.roles()).containsExactly("admin");
        run("new", "add", "joe", "--roles", "");
        assertThat(Users.parse(Files.readAllLines(file)).find("joe").roles()).isEmpty();
    }

    @Test
    void leavesAFileForItsOwnerOnlyAndNothingElse() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
        Files.writeString(file, "# open\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        run("swordfish", "add", "joe");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void replacesWhatALinkPointsTo() throws IOException {
        Path real = Files.createFile(directory.resolve("real"));
        Files.createSymbolicLink(file, real);
        run("swordfish", "add", "joe");
        assertThat(file).isSymbolicLink();
        assertThat(Files.readString(real)).startsWith("joe:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b", "#joe", " joe", "joe ", "a\tb", "a\nb:x"})
    void refusesNamesThatWouldReadAsSomethingElse(String user) {
        assertThat(run("swordfish", "add", user)).isEqualTo(1);
        assertThat(file).doesNotExist();
    }

    @Test
    void refusesPasswordsThatAreNone() {
        assertThat(run("", "add", "joe")).isEqualTo(1);
        assertThat(run("\n", "add", "joe")).isEqualTo(1);
        assertThat(run("x".repeat(PasswordHash.PASSWORD_BYTES_MAX + 1), "add", "joe"))
                .isEqualTo(1);
        assertThat(text(err))
                .contains("an empty password is none", "bcrypt takes 72 at most")
                .doesNotContain("xxx");
        assertThat(file).doesNotExist();
    }

    @Test
    void refusesRolesThatAreNone() {
        assertThat(run("swordfish", "add", "joe", "--roles", "a,,b")).isEqualTo(1);
        assertThat(run("swordfish", "add", "joe", "--roles", "a:b")).isEqualTo(1);
        assertThat(run("swordfish", "add", "joe", "--roles", "a\nann::")).isEqualTo(1);
        assertThat(file).doesNotExist();
    }

    @Test
    void leavesABrokenFileAlone() throws IOException {
        Files.writeString(file, "# ours\njoe\n");
        assertThat(run("swordfish", "add", "ann")).isEqualTo(1);
        assertThat(text(err)).contains("line 2");
        assertThat(Files.readString(file)).isEqualTo("# ours\njoe\n");
    }

    @Test
    void saysThatThereIsNoSuchUser() {
        assertThat(run("", "remove", "joe")).isEqualTo(1);
        assertThat(text(err)).contains("there is no user joe");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "add", "frobnicate joe", "list joe", "add joe --roles", "add joe --rules a"})
    void explainsItselfWhenItIsNotUnderstood(String arguments) {
        assertThat(run("", arguments.isEmpty() ? new String[0] : arguments.split(" ")))
                .isEqualTo(2);
        assertThat(text(err)).startsWith("usage:");
    }

    @Test
    void writesUsersOfScramToo() throws IOException, BrokenLine {
        file = directory.resolve("courtier-scram");
        assertThat(run("swordfish\n", "add", "joe", "--roles", "device", "--scram"))
                .isZero();
        assertThat(run("marlin\n", "add", "--scram", "ann")).isZero();
        List<String> lines = Files.readAllLines(file);
        ScramUsers users = ScramUsers.parse(lines);
        assertThat(users.hasSecret()).isTrue();
        for (ScramMechanism mechanism : ScramMechanism.values()) {
            ScramUsers.Found joe = users.find("joe", mechanism);
            ScramCredential same = ScramCredential.of(
                    mechanism, "swordfish".toCharArray(), joe.credential().salt(), ScramCredential.ITERATIONS);
            assertThat(joe.user().roles()).containsExactly("device");
            assertThat(joe.credential().text()).isEqualTo(same.text());
        }
        assertThat(run("salmon\n", "add", "joe", "--scram")).isZero();
        assertThat(Files.readAllLines(file))
                .hasSize(3)
                .contains(lines.get(0), lines.get(2))
                .doesNotContain(lines.get(1));
        assertThat(ScramUsers.parse(Files.readAllLines(file))
                        .find("joe", ScramMechanism.SHA_256)
                        .user()
                        .roles())
                .containsExactly("device");
        assertThat(run("", "list", "--scram")).isZero();
        assertThat(text(out)).endsWith("joe roles=device\nann\n").doesNotContain("swordfish", "$");
        assertThat(run("", "remove", "joe", "--scram")).isZero();
        assertThat(ScramUsers.parse(Files.readAllLines(file)).size()).isEqualTo(1);
        assertThat(run("x\n", "add", "bob")).as("no user of bcrypt").isEqualTo(1);
    }

    @Test
    void refusesForScramWhatClientsWriteInDifferentWays() {
        assertThat(run("sch\u00f6n\n", "add", "joe", "--scram")).isEqualTo(1);
        assertThat(run("swordfish\n", "add", "j\u00f6", "--scram")).isEqualTo(1);
        assertThat(run("swordfish\n", "add", "!joe", "--scram")).isEqualTo(1);
        assertThat(run("x".repeat(257) + "\n", "add", "joe", "--scram")).isEqualTo(1);
        assertThat(file).doesNotExist();
    }

    /** In a Java of its own with nothing but what the bundle contains. */
    @Test
    void runsFromTheBundleAlone() throws IOException, InterruptedException, URISyntaxException, BrokenLine {
        Path classes = Path.of(PasswordTool.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classes.toString(),
                        PasswordTool.class.getName(),
                        file.toString(),
                        "add",
                        "joe")
                .redirectErrorStream(true)
                .start();
        tool.getOutputStream().write(bytes("swordfish\n"));
        tool.getOutputStream().close();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tool.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(said).isEqualToNormalizingNewlines("user joe added\n");
        assertThat(tool.exitValue()).isZero();
        assertThat(Users.parse(Files.readAllLines(file)).find("joe").hash().matches(bytes("swordfish")))
                .isTrue();
    }

    private int run(String input, String... arguments) {
        List<String> all = new ArrayList<>(List.of(file.toString()));
        all.addAll(List.of(arguments));
        return PasswordTool.run(
                all,
                4,
                null,
                new ByteArrayInputStream(bytes(input)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
