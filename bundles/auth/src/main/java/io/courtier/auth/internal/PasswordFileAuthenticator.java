// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks user names and passwords by a file. It answers for every client that presents a user name, so that nobody comes in
 * with credentials that nobody could check; others are asked before it. Called on event loops.
 */
@Component(
        immediate = true,
        configurationPid = PasswordFileAuthenticator.PID,
        property = "service.ranking:Integer=-1000")
@Designate(ocd = PasswordFileAuthenticator.Config.class)
public final class PasswordFileAuthenticator implements Authenticator {
    static final String PID = "io.courtier.auth.password";

    private static final Logger LOG = LoggerFactory.getLogger(PasswordFileAuthenticator.class);

    /** The keys of {@code etc/io.courtier.auth.password.cfg}, with dots for underscores. */
    @ObjectClassDefinition(name = "Courtier password file")
    public @interface Config {
        @AttributeDefinition(description = "The file; in etc/ where it is relative. Empty: courtier-passwd.")
        String file() default "";

        @AttributeDefinition(description = "Threads that check passwords. 0: half of the processors, 4 at most.")
        int hash_threads() default 0;

        @AttributeDefinition(description = "Clients that may wait for them; a client beyond is told that we are busy.")
        int hash_queue_max() default 256;

        @AttributeDefinition(description = "Passwords remembered as right. 0: none.")
        int cache_max() default 10_000;

        @AttributeDefinition(description = "How long they are, in seconds.")
        int cache_seconds() default 300;
    }

    /** All that a configuration makes. */
    private record Door(PasswordFile file, PasswordCheck check) {
        static Door open(Config config) {
            int threads = config.hash_threads() == 0
                    ? Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors() / 2))
                    : between(1, 64, config.hash_threads(), "hash.threads");
            byte[] secret = new byte[32];
            new SecureRandom().nextBytes(secret);
            ProvenPasswords<Boolean> proven = new ProvenPasswords<>(
                    between(0, 1_000_000, config.cache_max(), "cache.max"),
                    TimeUnit.SECONDS.toNanos(between(0, 86_400, config.cache_seconds(), "cache.seconds")),
                    System::nanoTime,
                    secret);
            int queueMax = between(1, 100_000, config.hash_queue_max(), "hash.queue.max");
            PasswordFile file = new PasswordFile(EtcFile.of(config.file(), "courtier-passwd"));
            file.start();
            return new Door(file, new PasswordCheck(threads, queueMax, proven, PasswordHash::matches));
        }

        private static int between(int min, int max, int value, String key) {
            if (value >= min && value <= max) return value;
            throw new IllegalArgumentException(key + "=" + value + " is not between " + min + " and " + max
                    + ": correct it in etc/" + PID + ".cfg");
        }

        void close() {
            file.close();
            check.close();
        }
    }

    private volatile Door door;

    @Activate
    public PasswordFileAuthenticator(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        door = Door.open(config);
    }

    /** Who waits for the old one is still answered. */
    @Modified
    void modified(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        Door old = door;
        door = Door.open(config);
        old.close();
    }

    @Deactivate
    void deactivate() {
        door.close();
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        Door open = door;
        open.check().check(open.file().users(), request, answer);
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
