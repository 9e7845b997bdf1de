// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.transport.TlsInfo;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
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
 * Keeps clients out whose certificates were revoked, whatever else they present, and lets nobody in: whom it does not refuse
 * it leaves to those asked after it. Called on event loops; waits for responders on threads of its own.
 */
@Component(
        immediate = true,
        configurationPid = OcspAuthenticator.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "service.ranking:Integer=1000")
@Designate(ocd = OcspAuthenticator.Config.class)
public final class OcspAuthenticator implements Authenticator {
    static final String PID = "io.courtier.auth.ocsp";

    private static final Logger LOG = LoggerFactory.getLogger(OcspAuthenticator.class);

    /** The keys of {@code etc/io.courtier.auth.ocsp.cfg}, with dots for underscores. */
    @ObjectClassDefinition(name = "Courtier OCSP")
    public @interface Config {
        @AttributeDefinition(
                description = "off; soft: who is not known to be revoked comes in; hard: who is known not to be.")
        String mode() default "off";

        @AttributeDefinition(description = "The responder. Empty: the one that each certificate names.")
        String url() default "";

        @AttributeDefinition(
                description = "leaf: the client's own certificate is asked about; path: its authorities too.")
        String certificates() default "leaf";

        @AttributeDefinition(description = "The listeners whose clients are asked about, with commas. Empty: all.")
        String listeners() default "";

        @AttributeDefinition(description = "How many questions run at once.")
        int threads() default 8;

        @AttributeDefinition(description = "Clients that may wait for an answer; one beyond counts as without one.")
        int queue_max() default 1_000;

        @AttributeDefinition(description = "How long a client waits for an answer, in milliseconds.")
        int timeout_ms() default 5_000;

        @AttributeDefinition(description = "Answers remembered. 0: none.")
        int cache_max() default 10_000;

        @AttributeDefinition(description = "How long they are, in seconds.")
        int cache_seconds() default 300;
    }

    /**
     * All that a configuration makes.
     *
     * @param check null where nobody is asked
     * @param broken what could not be understood, or null: then no client with a certificate comes in
     */
    private record Door(Set<String> listeners, @Nullable OcspCheck check, @Nullable String broken) {
        static Door of(Config config) {
            try {
                return understood(config);
            } catch (IllegalArgumentException broken) {
                LOG.error(
                        "{}: no client with a certificate comes in until it is corrected in etc/{}.cfg",
                        broken.getMessage(),
                        PID);
                return new Door(Set.of(), null, String.valueOf(broken.getMessage()));
            }
        }

        private static Door understood(Config config) {
            boolean hard;
            switch (config.mode().strip().toLowerCase(Locale.ROOT)) {
                case "off" -> {
                    return new Door(Set.of(), null, null);
                }
                case "soft" -> hard = false;
                case "hard" -> hard = true;
                default ->
                    throw new IllegalArgumentException("mode=" + config.mode() + " is none of off, soft and hard");
            }
            String url = config.url().strip();
            if (!url.isEmpty() && !url.matches("https?://[^/ ].*")) {
                throw new IllegalArgumentException("url=" + url + " is no http:// or https:// address");
            }
            String certificates = config.certificates().strip().toLowerCase(Locale.ROOT);
            if (!certificates.equals("leaf") && !certificates.equals("path")) {
                throw new IllegalArgumentException("certificates=" + certificates + " is neither leaf nor path");
            }
            return new Door(
                    Words.of(config.listeners()),
                    new OcspCheck(
                            hard,
                            between(1, 256, config.threads(), "threads"),
                            between(1, 100_000, config.queue_max(), "queue.max"),
                            between(1, 60_000, config.timeout_ms(), "timeout.ms"),
                            between(0, 1_000_000, config.cache_max(), "cache.max"),
                            TimeUnit.SECONDS.toNanos(between(0, 86_400, config.cache_seconds(), "cache.seconds")),
                            System::nanoTime,
                            OcspCheck.jdk(url.isEmpty() ? null : URI.create(url), certificates.equals("leaf"))),
                    null);
        }

        private static int between(int min, int max, int value, String key) {
            if (value >= min && value <= max) return value;
            throw new IllegalArgumentException(key + "=" + value + " is not between " + min + " and " + max);
        }

        boolean isFor(String listener) {
            return listeners.isEmpty() || listeners.contains(listener);
        }

        void close() {
            if (check != null) check.close();
        }
    }

    private volatile Door door;

    @Activate
    public OcspAuthenticator(Config config, Map<String, Object> properties) {
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
        TlsInfo tls = request.connection().tls();
        List<X509Certificate> path = tls == null ? List.of() : tls.peerCertificates();
        Door open = door;
        OcspCheck check = open.check();
        if (path.isEmpty() || !open.isFor(request.connection().listener())) {
            answer.accept(new AuthenticationResult.Abstain());
        } else if (open.broken() != null) {
            answer.accept(new AuthenticationResult.Deny(
                    ReasonCode.NOT_AUTHORIZED, open.broken() + ", in etc/" + PID + ".cfg"));
        } else if (check == null) {
            answer.accept(new AuthenticationResult.Abstain());
        } else {
            check.check(path, answer);
        }
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
