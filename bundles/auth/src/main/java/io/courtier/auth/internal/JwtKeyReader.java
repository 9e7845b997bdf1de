// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/** What keys for tokens look like in files: a secret, PEM, a JSON Web Key Set. Says what is broken, never what it is. */
interface JwtKeyReader {
    /** More would only be tried one after the other. */
    int KEYS_MAX = 64;

    List<JwtKey> read(List<String> lines) throws KeyException;

    /** One line: the secret's characters, or {@code base64:} and its bytes. */
    static List<JwtKey> secret(List<String> lines) throws KeyException {
        List<String> said = lines.stream().filter(line -> !line.isBlank()).toList();
        if (said.size() != 1) throw new KeyException("a secret is one line, and there are " + said.size());
        String text = said.get(0).strip();
        byte[] secret;
        try {
            secret = text.startsWith("base64:")
                    ? Base64.getDecoder().decode(text.substring("base64:".length()))
                    : text.getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new KeyException("what comes after base64: is none");
        }
        if (secret.length < 32) {
            throw new KeyException("the secret has " + secret.length
                    + " bytes: HS256 needs 32, HS384 48 and HS512 64 (openssl rand -hex 32 makes 64)");
        }
        return List.of(new JwtKey(null, null, new SecretKeySpec(secret, "HMAC")));
    }

    /** Any number of public keys and certificates. */
    static List<JwtKey> pem(List<String> lines) throws KeyException {
        Matcher block = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\\s]++)-----END \\1-----")
                .matcher(String.join("\n", lines));
        List<JwtKey> keys = new ArrayList<>();
        while (block.find()) {
            byte[] der = der(block.group(2));
            PublicKey key =
                    switch (block.group(1)) {
                        case "PUBLIC KEY" -> publicKey(der);
                        case "CERTIFICATE" -> certified(der);
                        case "RSA PUBLIC KEY" ->
                            throw new KeyException(
                                    "it is in PKCS #1: openssl rsa -RSAPublicKey_in -pubout converts it");
                        default ->
                            throw new KeyException("there is a " + block.group(1)
                                    + ": only a PUBLIC KEY or a CERTIFICATE is of use here");
                    };
            keys.add(new JwtKey(null, null, usable(key)));
        }
        if (keys.isEmpty()) throw new KeyException("there is no PUBLIC KEY and no CERTIFICATE in PEM");
        return bounded(keys);
    }

    /** The public keys of a set, as far as they are for signatures; others are left out, as RFC 7517 wants it. */
    static List<JwtKey> set(List<String> lines) throws KeyException {
        List<JwtKey> keys = new ArrayList<>();
        try {
            if (!(JsonUtil.parseJson(String.join("\n", lines)).get("keys") instanceof List<?> all)) {
                throw new KeyException("it has no \"keys\"");
            }
            for (Object each : all) {
                if (each instanceof Map<?, ?> members && isForSignatures(members)) add(members, keys);
            }
        } catch (JoseException notJson) {
            throw new KeyException("it is no JSON Web Key Set");
        }
        return bounded(keys);
    }

    private static boolean isForSignatures(Map<?, ?> members) {
        boolean used = !members.containsKey("use") || "sig".equals(members.get("use"));
        boolean verifies = !(members.get("key_ops") instanceof List<?> operations) || operations.contains("verify");
        return used && verifies;
    }

    private static void add(Map<?, ?> members, List<JwtKey> keys) {
        try {
            JsonWebKey key = JsonWebKey.Factory.newJwk(JsonUtil.toJson(strings(members)));
            // Secrets have a file of their own; whoever publishes one has none.
            if (!(key instanceof PublicJsonWebKey pair)) return;
            keys.add(new JwtKey(pair.getKeyId(), pair.getAlgorithm(), usable(pair.getPublicKey())));
        } catch (JoseException | KeyException | RuntimeException unusable) {
            // One that nobody here understands is for others.
        }
    }

    private static Map<String, Object> strings(Map<?, ?> members) {
        Map<String, Object> named = new LinkedHashMap<>();
        members.forEach((name, value) -> named.put(String.valueOf(name), value));
        return named;
    }

    private static byte[] der(String base64) throws KeyException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new KeyException("what is between BEGIN and END is no Base64");
        }
    }

    private static PublicKey publicKey(byte[] der) throws KeyException {
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
            } catch (InvalidKeySpecException another) {
                // Of another kind.
            } catch (GeneralSecurityException e) {
                throw new KeyException(e.toString());
            }
        }
        throw new KeyException("there is a PUBLIC KEY that is not of RSA, EC or EdDSA");
    }

    private static PublicKey certified(byte[] der) throws KeyException {
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der))
                    .getPublicKey();
        } catch (GeneralSecurityException e) {
            throw new KeyException("there is a CERTIFICATE that is none");
        }
    }

    private static Key usable(Key key) throws KeyException {
        if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < JwtKey.RSA_BITS_MIN) {
            throw new KeyException("there is an RSA key of less than " + JwtKey.RSA_BITS_MIN + " bits");
        }
        if (key instanceof RSAPublicKey || key instanceof ECPublicKey || key instanceof EdECPublicKey) return key;
        throw new KeyException("there is a key that is not of RSA, EC or EdDSA");
    }

    private static List<JwtKey> bounded(List<JwtKey> keys) throws KeyException {
        if (keys.size() > KEYS_MAX) throw new KeyException("there are more than " + KEYS_MAX + " keys");
        return List.copyOf(keys);
    }
}
