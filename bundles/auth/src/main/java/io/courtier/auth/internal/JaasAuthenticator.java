// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks user names and passwords by a JAAS realm of the container: properties, LDAP, JDBC, Kerberos or any other. Who is
 * wrong there is asked of the next authenticator; when the realm itself cannot answer, the door is shut. Called on event
 * loops; logs in on threads of its own.
 */
@Component(
        immediate = true,
        configurationPid = JaasAuthenticator.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "service.ranking:Integer=-700")
@Designate(ocd = JaasAuthenticator.Config.class)
public final class JaasAuthenticator implements Authenticator {
    static final String PID = "io.courtier.auth.jaas";

    private static final Logger LOG = LoggerFactory.getLogger(JaasAuthenticator.class);

    /** The keys of {@code etc/io.courtier.auth.jaas.cfg}, with dots for underscores. */
    @ObjectClassDefinition(name = "Courtier JAAS realm")
    public @interface Config {
        @AttributeDefinition(description = "The realm: karaf, or the name of another. Empty: none is asked.")
        String realm() default "";

        @AttributeDefinition(description = "The listeners whose clients it is asked for, with commas. Empty: all.")
        String listeners() default "";

        @AttributeDefinition(description = "How many logins run at once.")
        int threads() default 8;

        @AttributeDefinition(description = "Clients that may wait for them; a client beyond is told that we are busy.")
        int queue_max() default 1_000;

        @AttributeDefinition(description = "How long one login may take, in milliseconds, until the client is refused.")
        int timeout_ms() default 5_000;

        @AttributeDefinition(description = "Logins remembered as right. 0: none.")
        int cache_max() default 10_000;

        @AttributeDefinition(description = "How long they are, in seconds.")
        int cache_seconds() default 60;
    }

    /** All that a configuration makes. */
    private record Door(Set<String> listeners, @Nullable Realm realm) {
        static final Door CLOSED = new Door(Set.of(), null);

        static Door of(Config config) {
            String name = config.realm().strip();
            if (name.isEmpty()) return CLOSED;
            byte[] secret = new byte[32];
            new SecureRandom().nextBytes(secret);
            return new Door(
                    Words.of(config.listeners()),
                    new Realm(
                            name,
                            between(1, 256, config.threads(), "threads"),
                            between(1, 100_000, config.queue_max(), "queue.max"),
                            between(1, 60_000, config.timeout_ms(), "timeout.ms"),
                            new ProvenPasswords<>(
                                    between(0, 1_000_000, config.cache_max(), "cache.max"),
                                    TimeUnit.SECONDS.toNanos(
                                            between(0, 86_400, config.cache_seconds(), "cache.seconds")),
                                    System::nanoTime,
                                    secret)));
        }

        private static int between(int min, int max, int value, String key) {
            if (value >= min && value <= max) return value;
            throw new IllegalArgumentException(key + "=" + value + " is not between " + min + " and " + max
                    + ": correct it in etc/" + PID + ".cfg");
        }

        boolean isFor(String listener) {
            return listeners.isEmpty() || listeners.contains(listener);
        }

        void close() {
            if (realm != null) realm.close();
        }
    }

    private volatile Door door;

    @Activate
    public JaasAuthenticator(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        door = Door.of(config);
    }

    /** Who waits for the old one is still answered. */
    @Modified
    void modified(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        Door old = door;
        door = Door.of(config);
        old.close();
    }

    @Deactivate
    void deactivate() {
        door.close();
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        Door open = door;
        String user = request.userName();
        byte[] password = request.password();
        Realm realm = open.isFor(request.connection().listener()) ? open.realm() : null;
        if (realm == null || user == null || password == null || password.length == 0) {
            answer.accept(new AuthenticationResult.Abstain());
        } else {
            realm.login(user, password, answer);
        }
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
