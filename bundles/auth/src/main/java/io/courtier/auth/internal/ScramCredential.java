// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a server knows of a password: enough to check who has it, too little to be them elsewhere, but to be guessed at. Its
 * text is {@code SCRAM-SHA-256$iterations$salt$storedKey$serverKey}. The arrays are not to be modified.
 */
record ScramCredential(ScramMechanism mechanism, int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
    /** For new ones. The client computes them, once for each connection: some 50 ms on a machine of today. */
    static final int ITERATIONS = 100_000;

    /** RFC 7677 wants no fewer. */
    static final int ITERATIONS_MIN = 4_096;

    /** More keep small clients busy for minutes. */
    static final int ITERATIONS_MAX = 10_000_000;

    static final int SALT_BYTES = 16;
    private static final int SALT_BYTES_MIN = 8;
    private static final int SALT_BYTES_MAX = 64;

    static ScramCredential of(ScramMechanism mechanism, char[] password, byte[] salt, int iterations) {
        byte[] salted = mechanism.saltedPassword(password, salt, iterations);
        byte[] clientKey = mechanism.hmac(salted, "Client Key".getBytes(StandardCharsets.US_ASCII));
        byte[] serverKey = mechanism.hmac(salted, "Server Key".getBytes(StandardCharsets.US_ASCII));
        return new ScramCredential(mechanism, iterations, salt, mechanism.hash(clientKey), serverKey);
    }

    /** Null where the text is none. */
    static @Nullable ScramCredential parse(String text) {
        String[] fields = text.split("\\$", -1);
        ScramMechanism mechanism = fields.length == 5 ? ScramMechanism.of(fields[0]) : null;
        if (mechanism == null) return null;
        try {
            int iterations = Integer.parseInt(fields[1]);
            byte[] salt = Base64.getDecoder().decode(fields[2]);
            byte[] storedKey = Base64.getDecoder().decode(fields[3]);
            byte[] serverKey = Base64.getDecoder().decode(fields[4]);
            boolean right = iterations >= ITERATIONS_MIN
                    && iterations <= ITERATIONS_MAX
                    && salt.length >= SALT_BYTES_MIN
                    && salt.length <= SALT_BYTES_MAX
                    && storedKey.length == mechanism.bytes
                    && serverKey.length == mechanism.bytes;
            return right ? new ScramCredential(mechanism, iterations, salt, storedKey, serverKey) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    String text() {
        Base64.Encoder base64 = Base64.getEncoder();
        return String.join(
                "$",
                mechanism.text,
                String.valueOf(iterations),
                base64.encodeToString(salt),
                base64.encodeToString(storedKey),
                base64.encodeToString(serverKey));
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return mechanism.text + " with " + iterations + " iterations";
    }
}
