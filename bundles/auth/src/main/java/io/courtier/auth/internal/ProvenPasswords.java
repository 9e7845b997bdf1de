// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a short time which passwords were right, so that clients that all come back at once are not all hashed
 * again. It keeps no password but a digest, made with a secret that lives as long as this object, of user, hash and
 * password: another hash in the file, and it is as if it were not there. Many threads touch it.
 */
final class ProvenPasswords {
    private final int max;
    private final long keepNanos;
    private final LongSupplier nanoClock;
    private final SecretKeySpec secret;
    private final Map<ByteBuffer, Long> untilNanos = new LinkedHashMap<>();

    /**
     * @param max beyond it the oldest is forgotten; 0: nothing is remembered
     * @param secret 32 random bytes
     */
    ProvenPasswords(int max, long keepNanos, LongSupplier nanoClock, byte[] secret) {
        this.max = max;
        this.keepNanos = keepNanos;
        this.nanoClock = nanoClock;
        this.secret = new SecretKeySpec(secret, "HmacSHA256");
    }

    ByteBuffer digest(String userName, PasswordHash hash, byte[] password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret);
            // The hash has always the same length and a user name no zero, so no two triples look the same.
            mac.update(hash.bytes());
            mac.update(userName.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return ByteBuffer.wrap(mac.doFinal(password));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    synchronized boolean contains(ByteBuffer digest) {
        @Nullable Long until = untilNanos.get(digest);
        return until != null && until - nanoClock.getAsLong() > 0;
    }

    synchronized void add(ByteBuffer digest) {
        long now = nanoClock.getAsLong();
        untilNanos.remove(digest);
        untilNanos.put(digest, now + keepNanos);
        // The oldest come first, and are the first to be over.
        Iterator<Long> oldest = untilNanos.values().iterator();
        while (oldest.hasNext() && (oldest.next() - now <= 0 || untilNanos.size() > max)) oldest.remove();
    }

    synchronized int size() {
        return untilNanos.size();
    }
}
