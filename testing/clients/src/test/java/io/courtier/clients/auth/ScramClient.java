// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The client's part of SCRAM, from RFC 5802 and with nothing of the broker's. Its user may change in between. */
final class ScramClient extends Mechanism {
    private final String hash;
    volatile String user;
    volatile String password;
    /** When set, it is sent instead of what would be right. */
    volatile String instead;

    final List<String> sent = new ArrayList<>();
    volatile int challenged;

    private String bare = "";
    private byte[] salted = {};
    private String authMessage = "";

    /** @param hash {@code 256} or {@code 512} */
    ScramClient(String hash, String user, String password) {
        super("SCRAM-SHA-" + hash);
        this.hash = hash;
        this.user = user;
        this.password = password;
    }

    @Override
    String first() {
        bare = "n=" + user + ",r=" + UUID.randomUUID();
        return "n,," + bare;
    }

    @Override
    String next(String challenge) {
        challenged++;
        String[] fields = challenge.split(",", 3);
        byte[] salt = Base64.getDecoder().decode(fields[1].substring(2));
        salted = salted(salt, Integer.parseInt(fields[2].substring(2)));
        String withoutProof = "c=biws," + fields[0];
        authMessage = bare + "," + challenge + "," + withoutProof;
        byte[] clientKey = hmac(salted, "Client Key");
        byte[] proof = hmac(digest(clientKey), authMessage);
        for (int i = 0; i < proof.length; i++) proof[i] ^= clientKey[i];
        String last = withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof);
        sent.add(last);
        return instead == null ? last : instead;
    }

    @Override
    boolean isRight(String end) {
        byte[] signature = hmac(hmac(salted, "Server Key"), authMessage);
        return end.equals("v=" + Base64.getEncoder().encodeToString(signature));
    }

    private byte[] salted(byte[] salt, int iterations) {
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA" + hash)
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, Integer.parseInt(hash)))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA" + hash);
            mac.init(new SecretKeySpec(key, "HMAC"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] digest(byte[] of) {
        try {
            return MessageDigest.getInstance("SHA-" + hash).digest(of);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
