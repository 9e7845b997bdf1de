// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.security.Key;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * A key that tokens may be signed with, and the algorithms that it is for: those of its own kind and no others, or a public
 * key would pass as a secret that everybody knows.
 *
 * @param kid its name in a key set, null where it has none
 * @param algorithm the only one that it is for, null for all of its kind
 */
record JwtKey(@Nullable String kid, @Nullable String algorithm, Key key) {
    /** All that there are here, with the bytes of the hash or the bits of the curve. "none" is not among them. */
    private static final Map<String, Integer> ALGORITHMS = Map.ofEntries(
            Map.entry("HS256", 32),
            Map.entry("HS384", 48),
            Map.entry("HS512", 64),
            Map.entry("RS256", 0),
            Map.entry("RS384", 0),
            Map.entry("RS512", 0),
            Map.entry("PS256", 0),
            Map.entry("PS384", 0),
            Map.entry("PS512", 0),
            Map.entry("ES256", 256),
            Map.entry("ES384", 384),
            Map.entry("ES512", 521),
            Map.entry("EdDSA", 0));

    /** Shorter RSA keys are broken by those who want to. */
    static final int RSA_BITS_MIN = 2_048;

    static Set<String> algorithms() {
        return new TreeSet<>(ALGORITHMS.keySet());
    }

    boolean isFor(String asked) {
        Integer size = ALGORITHMS.get(asked);
        if (size == null || algorithm != null && !algorithm.equals(asked)) return false;
        return switch (asked.substring(0, 2)) {
            case "HS" -> key instanceof SecretKey secret && secret.getEncoded().length >= size;
            case "RS", "PS" -> key instanceof RSAPublicKey;
            case "ES" ->
                key instanceof ECPublicKey curve
                        && curve.getParams().getCurve().getField().getFieldSize() == size;
            default -> key instanceof EdECPublicKey;
        };
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "JwtKey[" + key.getAlgorithm() + ", kid=" + kid + "]";
    }
}
