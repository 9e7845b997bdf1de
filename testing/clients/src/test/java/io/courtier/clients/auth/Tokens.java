// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** JSON Web Tokens and key sets as an issuer makes them, with nothing but the JDK: the broker has a library for it. */
final class Tokens {
    private Tokens() {}

    /** Claims, or members of a header: names and values in turns. A String is one; anything else is JSON as it is. */
    static Map<String, Object> claims(Object... namesAndValues) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) all.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return all;
    }

    static String json(Map<String, Object> members) {
        return members.entrySet().stream()
                .map(each -> "\"" + each.getKey() + "\":"
                        + (each.getValue() instanceof String text ? "\"" + text + "\"" : each.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    static String signed(String algorithm, KeyPair pair, String kid, Map<String, Object> claims)
            throws GeneralSecurityException {
        String content = content(algorithm, kid, claims);
        String bits = algorithm.substring(algorithm.length() - 3);
        Signature signature =
                switch (algorithm.substring(0, 2)) {
                    case "RS" -> Signature.getInstance("SHA" + bits + "withRSA");
                    case "PS" -> Signature.getInstance("RSASSA-PSS");
                    case "ES" -> Signature.getInstance("SHA" + bits + "withECDSAinP1363Format");
                    default -> Signature.getInstance("EdDSA");
                };
        if (algorithm.startsWith("PS")) {
            String hash = "SHA-" + bits;
            signature.setParameter(
                    new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), Integer.parseInt(bits) / 8, 1));
        }
        signature.initSign(pair.getPrivate());
        signature.update(content.getBytes(StandardCharsets.US_ASCII));
        return content + "." + base64(signature.sign());
    }

    static String signed(String algorithm, byte[] secret, String kid, Map<String, Object> claims)
            throws GeneralSecurityException {
        String content = content(algorithm, kid, claims);
        Mac mac = Mac.getInstance("HmacSHA" + algorithm.substring(2));
        mac.init(new SecretKeySpec(secret, "HMAC"));
        return content + "." + base64(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    }

    static String unsigned(Map<String, Object> claims) {
        return content("none", null, claims) + ".";
    }

    /** The same token with other claims. */
    static String tampered(String token, Map<String, Object> claims) {
        String[] parts = token.split("\\.");
        return parts[0] + "." + base64(json(claims).getBytes(StandardCharsets.UTF_8)) + "." + parts[2];
    }

    private static String content(String algorithm, String kid, Map<String, Object> claims) {
        Map<String, Object> header = claims("alg", algorithm, "typ", "JWT");
        if (kid != null) header.put("kid", kid);
        return base64(json(header).getBytes(StandardCharsets.UTF_8)) + "."
                + base64(json(claims).getBytes(StandardCharsets.UTF_8));
    }

    static String pem(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----";
    }

    static String set(Map<String, KeyPair> pairs) {
        return pairs.entrySet().stream()
                .map(each -> jwk(each.getKey(), each.getValue()))
                .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
    }

    private static String jwk(String kid, KeyPair pair) {
        if (pair.getPublic() instanceof RSAPublicKey rsa) {
            return json(claims(
                    "kty",
                    "RSA",
                    "kid",
                    kid,
                    "use",
                    "sig",
                    "n",
                    number(rsa.getModulus(), 0),
                    "e",
                    number(rsa.getPublicExponent(), 0)));
        }
        if (pair.getPublic() instanceof ECPublicKey ec) {
            int bits = ec.getParams().getCurve().getField().getFieldSize();
            int bytes = (bits + 7) / 8;
            return json(claims(
                    "kty",
                    "EC",
                    "kid",
                    kid,
                    "crv",
                    "P-" + bits,
                    "x",
                    number(ec.getW().getAffineX(), bytes),
                    "y",
                    number(ec.getW().getAffineY(), bytes)));
        }
        // What is encoded ends with the 32 bytes of the key.
        byte[] encoded = pair.getPublic().getEncoded();
        byte[] key = java.util.Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
        return json(claims("kty", "OKP", "kid", kid, "crv", "Ed25519", "x", base64(key)));
    }

    private static String number(BigInteger value, int bytesMin) {
        byte[] raw = value.toByteArray();
        int from = raw.length > 1 && raw[0] == 0 ? 1 : 0;
        int length = Math.max(bytesMin, raw.length - from);
        byte[] bytes = new byte[length];
        System.arraycopy(raw, from, bytes, length - (raw.length - from), raw.length - from);
        return base64(bytes);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static KeyPair pair(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (bits > 0) generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
