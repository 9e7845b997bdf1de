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
 * Remembers for a short time which passwords were right, and what they were right for, so that clients that all come back at
 * once are not all checked again. It keeps no password but a digest, made with a secret that lives as long as this object, of
 * user, password and what they were checked against: another hash in the file, and it is as if it were not there. Many threads
 * touch it.
 *
 * @param <V> what a password was right for
 */
final class ProvenPasswords<V> {
    private record Proven<V>(V value, long untilNanos) {}

    private final int max;
    private final long keepNanos;
    private final LongSupplier nanoClock;
    private final SecretKeySpec secret;
    private final Map<ByteBuffer, Proven<V>> proven = new LinkedHashMap<>();

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

    /** @param against what it is checked against: the hash, the name of the directory */
    ByteBuffer digest(String userName, byte[] against, byte[] password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret);
            // With its length, and a user name has no zero: so no two triples look the same.
            mac.update(ByteBuffer.allocate(4).putInt(against.length).array());
            mac.update(against);
            mac.update(userName.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return ByteBuffer.wrap(mac.doFinal(password));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    /** What it was right for, or null where that is not known or too long ago. */
    synchronized @Nullable V get(ByteBuffer digest) {
        Proven<V> found = proven.get(digest);
        return found != null && found.untilNanos() - nanoClock.getAsLong() > 0 ? found.value() : null;
    }

    synchronized void add(ByteBuffer digest, V value) {
        long now = nanoClock.getAsLong();
        proven.remove(digest);
        proven.put(digest, new Proven<>(value, now + keepNanos));
        // The oldest come first, and are the first to be over.
        Iterator<Proven<V>> oldest = proven.values().iterator();
        while (oldest.hasNext() && (oldest.next().untilNanos() - now <= 0 || proven.size() > max)) oldest.remove();
    }

    synchronized int size() {
        return proven.size();
    }
}
