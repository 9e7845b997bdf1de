// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How {@link PasswordTool} reads and writes the lines of a file: with bcrypt hashes, or with what SCRAM needs. */
interface UserLines {
    record Entry(String name, Set<String> roles, boolean hasPassword) {}

    /** Whether the broker would follow these lines. */
    void check(List<String> lines) throws BrokenLine;

    /** The user of a line, or null where it has none. */
    @Nullable
    Entry parse(int number, String line) throws BrokenLine;

    /** What is wrong with this name for the file, or null. */
    @Nullable
    String problemOfName(String name);

    /** What is wrong with this password, or null. */
    @Nullable
    String problemOfPassword(byte[] password);

    /** What the file says of a password. Slow. */
    String credentials(byte[] password);

    /** Lines that a file needs before its first user. */
    default List<String> missingIn(List<String> lines) {
        return List.of();
    }

    /** courtier-passwd. */
    record Bcrypt(int cost) implements UserLines {
        @Override
        public void check(List<String> lines) throws BrokenLine {
            Users.parse(lines);
        }

        @Override
        public @Nullable Entry parse(int number, String line) throws BrokenLine {
            Users.User user = Users.parse(number, line);
            return user == null ? null : new Entry(user.name(), user.roles(), user.hash() != null);
        }

        @Override
        public @Nullable String problemOfName(String name) {
            return null;
        }

        @Override
        public @Nullable String problemOfPassword(byte[] password) {
            if (password.length <= PasswordHash.PASSWORD_BYTES_MAX) return null;
            return "the password has " + password.length + " bytes; bcrypt takes " + PasswordHash.PASSWORD_BYTES_MAX
                    + " at most";
        }

        @Override
        public String credentials(byte[] password) {
            return PasswordHash.of(password, cost);
        }
    }

    /** courtier-scram. Clients prepare other than ASCII characters in different ways, or not: there would be no proof. */
    record Scram(int iterations) implements UserLines {
        private static final int CHARACTERS_MAX = 256;

        @Override
        public void check(List<String> lines) throws BrokenLine {
            ScramUsers.parse(lines);
        }

        @Override
        public @Nullable Entry parse(int number, String line) throws BrokenLine {
            ScramUsers.User user = ScramUsers.parse(number, line);
            return user == null ? null : new Entry(user.name(), user.roles(), true);
        }

        @Override
        public @Nullable String problemOfName(String name) {
            if (name.startsWith(ScramUsers.SECRET))
                return "a user name for SCRAM does not begin with " + ScramUsers.SECRET;
            return isPlain(name.getBytes(StandardCharsets.UTF_8))
                    ? null
                    : "a user name for SCRAM has " + CHARACTERS_MAX + " characters of ASCII at most, and no others";
        }

        @Override
        public @Nullable String problemOfPassword(byte[] password) {
            return isPlain(password)
                    ? null
                    : "a password for SCRAM has " + CHARACTERS_MAX + " characters of ASCII at most, and no others";
        }

        private static boolean isPlain(byte[] text) {
            if (text.length > CHARACTERS_MAX) return false;
            for (byte each : text) if (each < 0x20 || each > 0x7E) return false;
            return true;
        }

        @Override
        public String credentials(byte[] password) {
            SecureRandom random = new SecureRandom();
            char[] characters = new char[password.length];
            for (int i = 0; i < password.length; i++) characters[i] = (char) password[i];
            String all = Stream.of(ScramMechanism.values())
                    .map(mechanism -> {
                        byte[] salt = new byte[ScramCredential.SALT_BYTES];
                        random.nextBytes(salt);
                        return ScramCredential.of(mechanism, characters, salt, iterations)
                                .text();
                    })
                    .collect(Collectors.joining(","));
            Arrays.fill(characters, ' ');
            return all;
        }

        @Override
        public List<String> missingIn(List<String> lines) {
            boolean there = lines.stream().anyMatch(line -> line.strip().startsWith(ScramUsers.SECRET));
            return there ? List.of() : List.of(ScramUsers.newSecretLine());
        }
    }
}
