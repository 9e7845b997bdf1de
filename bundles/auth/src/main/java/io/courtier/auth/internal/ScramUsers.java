// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The users of a SCRAM file, as one reading found them: {@code user:credential,credential} or with {@code :role,role} behind.
 * Who asks for a user that is not there gets a salt all the same, and always the same: it is made of the name and of a secret,
 * which is the line {@code !secret} of the file, so that a restart does not tell. Immutable.
 */
final class ScramUsers {
    static final String SECRET = "!";
    private static final int SECRET_BYTES = 32;
    /** Where a file has no secret. */
    private static final byte[] OF_THIS_START = newSecret();

    static final ScramUsers NONE = new ScramUsers(Map.of(), null);

    record User(String name, Map<ScramMechanism, ScramCredential> credentials, Set<String> roles) {}

    /** @param user null where there is none, and no proof is right */
    record Found(@Nullable User user, ScramCredential credential) {}

    private final Map<String, User> byName;
    private final byte @Nullable [] secret;
    private final int usualIterations;

    private ScramUsers(Map<String, User> byName, byte @Nullable [] secret) {
        this.byName = byName;
        this.secret = secret;
        usualIterations = usualIterations(byName);
    }

    /** The users of some lines; says which line is broken, never what its keys are. */
    static ScramUsers parse(List<String> lines) throws BrokenLine {
        Map<String, User> byName = new HashMap<>();
        byte[] secret = null;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.startsWith(SECRET)) {
                if (secret != null) throw new BrokenLine(i + 1, "there is a second " + SECRET);
                secret = secret(i + 1, line.substring(SECRET.length()));
                continue;
            }
            User user = parse(i + 1, line);
            if (user != null && byName.put(user.name(), user) != null) {
                throw new BrokenLine(i + 1, "user " + user.name() + " is there a second time");
            }
        }
        return new ScramUsers(byName, secret);
    }

    private static byte[] secret(int number, String text) throws BrokenLine {
        try {
            byte[] secret = Base64.getDecoder().decode(text.strip());
            if (secret.length >= SECRET_BYTES) return secret;
        } catch (IllegalArgumentException none) {
            // Said below.
        }
        throw new BrokenLine(number, "behind " + SECRET + " there are no " + SECRET_BYTES + " bytes in Base64");
    }

    /** A line for a new file. */
    static String newSecretLine() {
        return SECRET + Base64.getEncoder().encodeToString(newSecret());
    }

    private static byte[] newSecret() {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return secret;
    }

    /** The user of a line, or null for a comment and for the secret. */
    static @Nullable User parse(int number, String text) throws BrokenLine {
        String line = text.strip();
        if (line.isEmpty() || line.startsWith("#") || line.startsWith(SECRET)) return null;
        String[] fields = line.split(":", -1);
        if (fields.length < 2 || fields.length > 3) {
            throw new BrokenLine(number, "it is not user:credentials or user:credentials:roles");
        }
        String name = fields[0];
        if (name.isBlank()) throw new BrokenLine(number, "the user name is empty");
        Map<ScramMechanism, ScramCredential> credentials = new EnumMap<>(ScramMechanism.class);
        for (String each : fields[1].split(",", -1)) {
            ScramCredential credential = ScramCredential.parse(each.strip());
            if (credential == null || credentials.put(credential.mechanism(), credential) != null) {
                throw new BrokenLine(
                        number,
                        "what user " + name
                                + " has is not one SCRAM-SHA-256$iterations$salt$storedKey$serverKey and one"
                                + " SCRAM-SHA-512$..., with commas, and " + ScramCredential.ITERATIONS_MIN
                                + " iterations or more");
            }
        }
        return new User(name, credentials, fields.length == 3 ? roles(number, fields[2]) : Set.of());
    }

    private static Set<String> roles(int number, String text) throws BrokenLine {
        if (text.isBlank()) return Set.of();
        Set<String> roles = new LinkedHashSet<>();
        for (String role : text.split(",", -1)) {
            if (role.isBlank()) throw new BrokenLine(number, "a role is empty");
            roles.add(role.strip());
        }
        return Set.copyOf(roles);
    }

    int size() {
        return byName.size();
    }

    /** Whether unknown users look the same after a restart. */
    boolean hasSecret() {
        return secret != null;
    }

    /** A user and its credential, or nobody and one that is like others. Both take the same time. */
    Found find(String name, ScramMechanism mechanism) {
        byte[] random = (secret == null ? OF_THIS_START : secret);
        byte[] named =
                ScramMechanism.SHA_512.hmac(random, (mechanism.text + "\0" + name).getBytes(StandardCharsets.UTF_8));
        User user = byName.get(name);
        ScramCredential credential = user == null ? null : user.credentials().get(mechanism);
        if (user != null && credential != null) return new Found(user, credential);
        return new Found(
                null,
                new ScramCredential(
                        mechanism,
                        usualIterations,
                        Arrays.copyOf(named, ScramCredential.SALT_BYTES),
                        new byte[mechanism.bytes],
                        new byte[mechanism.bytes]));
    }

    /** The most frequent; of two as frequent, the higher. */
    private static int usualIterations(Map<String, User> byName) {
        Map<Integer, Integer> counts = new HashMap<>();
        for (User user : byName.values()) {
            for (ScramCredential each : user.credentials().values()) counts.merge(each.iterations(), 1, Integer::sum);
        }
        int usual = ScramCredential.ITERATIONS;
        int most = 0;
        for (Map.Entry<Integer, Integer> each : counts.entrySet()) {
            if (each.getValue() < most || each.getValue() == most && each.getKey() < usual) continue;
            usual = each.getKey();
            most = each.getValue();
        }
        return usual;
    }
}
