// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** One of the SCRAM mechanisms and its functions, by the names of RFC 5802. All are the JDK's. */
enum ScramMechanism {
    SHA_256("SCRAM-SHA-256", "SHA-256", "HmacSHA256", 32),
    SHA_512("SCRAM-SHA-512", "SHA-512", "HmacSHA512", 64);

    final String text;
    final int bytes;
    private final String digest;
    private final String mac;

    ScramMechanism(String text, String digest, String mac, int bytes) {
        this.text = text;
        this.digest = digest;
        this.mac = mac;
        this.bytes = bytes;
    }

    static @Nullable ScramMechanism of(String text) {
        for (ScramMechanism each : values()) if (each.text.equals(text)) return each;
        return null;
    }

    /** H */
    byte[] hash(byte[] of) {
        try {
            return MessageDigest.getInstance(digest).digest(of);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** HMAC */
    byte[] hmac(byte[] key, byte[] of) {
        try {
            Mac hmac = Mac.getInstance(mac);
            hmac.init(new SecretKeySpec(key, mac));
            return hmac.doFinal(of);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Hi, which is PBKDF2. Slow: for clients, and for whoever sets a password. */
    byte[] saltedPassword(char[] password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password, salt, iterations, bytes * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2With" + mac)
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        } finally {
            spec.clearPassword();
        }
    }
}
