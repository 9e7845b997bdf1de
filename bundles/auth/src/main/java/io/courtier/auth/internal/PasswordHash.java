// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.IllegalBCryptFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A bcrypt hash of a password: all that is known of bcrypt here. Immutable. */
final class PasswordHash {
    /** 2 to the power of this rounds: some 60 ms on a machine of today. */
    static final int COST = 10;

    /** A hash that takes longer than this, several seconds, keeps a thread from everybody else. */
    static final int COST_MAX = 16;

    /** Bcrypt looks at no more bytes than these. */
    static final int PASSWORD_BYTES_MAX = BCrypt.Version.VERSION_2B.allowedMaxPwLength;

    // $2x$ marks the hashes of an old library that confused passwords.
    private static final Pattern TEXT = Pattern.compile("\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}");

    private final BCrypt.HashData data;

    private PasswordHash(BCrypt.HashData data) {
        this.data = data;
    }

    /** The hash of a text, as htpasswd -B writes it too, or null where it is none. */
    static @Nullable PasswordHash parse(String text) {
        if (!TEXT.matcher(text).matches()) return null;
        try {
            BCrypt.HashData data = BCrypt.Version.VERSION_2A.parser.parse(text.getBytes(StandardCharsets.US_ASCII));
            return data.cost < BCrypt.MIN_COST || data.cost > COST_MAX ? null : new PasswordHash(data);
        } catch (IllegalBCryptFormatException e) {
            return null;
        }
    }

    /** A hash that takes as long as others of its cost. What matches it is nobody's password. */
    static PasswordHash nobodys(int cost) {
        return new PasswordHash(new BCrypt.HashData(cost, BCrypt.Version.VERSION_2B, new byte[16], new byte[23]));
    }

    /** The text of a new hash. Slow. */
    static String of(byte[] password, int cost) {
        return new String(BCrypt.with(BCrypt.Version.VERSION_2B).hash(cost, password), StandardCharsets.US_ASCII);
    }

    /** Slow. A password longer than bcrypt looks at is never right, and takes as long as others to be wrong. */
    boolean matches(byte[] password) {
        boolean fits = password.length <= PASSWORD_BYTES_MAX;
        byte[] hashed = fits ? password : Arrays.copyOf(password, PASSWORD_BYTES_MAX);
        return BCrypt.verifyer().verify(hashed, data).verified && fits;
    }

    int cost() {
        return data.cost;
    }

    /** The hash itself, not to be modified. */
    byte[] bytes() {
        return data.rawHash;
    }
}
