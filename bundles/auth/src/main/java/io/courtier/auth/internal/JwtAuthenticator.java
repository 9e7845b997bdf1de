// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.access.AccessList;
import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.EnhancedAuthenticator;
import io.courtier.spi.auth.Principal;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * Lets clients in by JSON Web Tokens, as password, or as the data of the Authentication Method {@code JWT}: then the client
 * may present a new one before the old one ends. It answers for every password that looks like a token, and for no other.
 * Called on event loops; checks signatures on threads of its own.
 */
@Component(
        service = {Authenticator.class, EnhancedAuthenticator.class},
        immediate = true,
        configurationPid = JwtAuthenticator.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "service.ranking:Integer=-750")
@Designate(ocd = JwtAuthenticator.Config.class)
public final class JwtAuthenticator implements Authenticator, EnhancedAuthenticator {
    static final String PID = "io.courtier.auth.jwt";

    private static final Logger LOG = LoggerFactory.getLogger(JwtAuthenticator.class);

    /** The keys of {@code etc/io.courtier.auth.jwt.cfg}, with dots for underscores. */
    @ObjectClassDefinition(name = "Courtier JSON Web Tokens")
    public @interface Config {
        @AttributeDefinition(description = "A file with the secret of HS256, HS384 and HS512.")
        String secret_file() default "";

        @AttributeDefinition(description = "Files with public keys or certificates in PEM, with commas.")
        String public_key_files() default "";

        @AttributeDefinition(description = "A file with a JSON Web Key Set.")
        String jwks_file() default "";

        @AttributeDefinition(description = "Where to fetch a JSON Web Key Set: https or http.")
        String jwks_url() default "";

        @AttributeDefinition(description = "How often it is fetched, in seconds.")
        int jwks_refresh_seconds() default 300;

        @AttributeDefinition(description = "How soon again for a token whose key is unknown, in seconds.")
        int jwks_retry_seconds() default 10;

        @AttributeDefinition(description = "How long a fetch may take, in milliseconds.")
        int jwks_timeout_ms() default 5_000;

        @AttributeDefinition(description = "How large the set may be.")
        int jwks_bytes_max() default 262_144;

        @AttributeDefinition(description = "The algorithms that are allowed, with commas. Empty: all that fit a key.")
        String algorithms() default "";

        @AttributeDefinition(description = "Who may have issued a token, with commas. Empty: anybody with the key.")
        String issuer() default "";

        @AttributeDefinition(description = "For whom a token may be, with commas. Empty: anybody.")
        String audience() default "";

        @AttributeDefinition(description = "How far clocks may be apart, in seconds.")
        int leeway_seconds() default 30;

        @AttributeDefinition(description = "The claim with the user name.")
        String user_claim() default "sub";

        @AttributeDefinition(description = "Whether the user name of CONNECT has to be the same.")
        boolean user_must_match() default false;

        @AttributeDefinition(description = "The claim with the roles. Empty: none.")
        String roles_claim() default "roles";

        @AttributeDefinition(description = "The claim that is the client identifier, in tokens that have it.")
        String client_id_claim() default "";

        @AttributeDefinition(
                description = "Claims that access rules may ask for, with commas: tenant, or site=plant.site.")
        String attributes() default "";

        @AttributeDefinition(description = "The claim with topic filters that it may publish to. Empty: none.")
        String acl_publish_claim() default "";

        @AttributeDefinition(description = "The claim with topic filters that it may subscribe to. Empty: none.")
        String acl_subscribe_claim() default "";

        @AttributeDefinition(description = "The listeners whose clients may come so, with commas. Empty: all.")
        String listeners() default "";

        @AttributeDefinition(description = "Threads that check signatures.")
        int threads() default 2;

        @AttributeDefinition(description = "Clients that may wait for them; a client beyond is told that we are busy.")
        int queue_max() default 1_000;
    }

    /** All that a configuration makes. */
    private record Door(Set<String> listeners, @Nullable JwtCheck check) {
        static Door of(Config config, Clock clock) {
            List<JwtKeyFile> files = new ArrayList<>();
            if (!config.secret_file().isBlank()) files.add(file(config.secret_file(), JwtKeyReader::secret, true));
            for (String name : Words.of(config.public_key_files())) files.add(file(name, JwtKeyReader::pem, false));
            if (!config.jwks_file().isBlank()) files.add(file(config.jwks_file(), JwtKeyReader::set, false));
            int queueMax = between(1, 100_000, config.queue_max(), "queue.max");
            JwksUrl url = config.jwks_url().isBlank() ? null : url(config, queueMax);
            if (files.isEmpty() && url == null) return new Door(Set.of(), null);
            JwtRules rules = new JwtRules(
                    Words.of(config.issuer()),
                    Words.of(config.audience()),
                    between(0, 3_600, config.leeway_seconds(), "leeway.seconds"),
                    config.user_claim().strip(),
                    config.user_must_match(),
                    config.roles_claim().strip(),
                    config.client_id_claim().strip(),
                    attributes(config),
                    config.acl_publish_claim().strip(),
                    config.acl_subscribe_claim().strip());
            int threads = between(1, 64, config.threads(), "threads");
            JwtCheck check = new JwtCheck(algorithms(config), rules, files, url, threads, queueMax, clock);
            check.start();
            return new Door(Words.of(config.listeners()), check);
        }

        private static JwtKeyFile file(String name, JwtKeyReader reader, boolean secret) {
            return new JwtKeyFile(EtcFile.of(name, ""), reader, secret);
        }

        private static JwksUrl url(Config config, int waitingMax) {
            String text = config.jwks_url().strip();
            URI uri = URI.create(text);
            if (uri.getHost() == null || !Set.of("http", "https").contains(String.valueOf(uri.getScheme()))) {
                throw mistake("jwks.url", text, "an address with https:// or http://");
            }
            if (uri.getScheme().equals("http")
                    && !Set.of("localhost", "127.0.0.1", "[::1]").contains(uri.getHost())) {
                LOG.warn("jwks.url={}: who is on the way can let anybody in; use https", text);
            }
            return new JwksUrl(
                    uri,
                    1_000L * between(1, 86_400, config.jwks_refresh_seconds(), "jwks.refresh.seconds"),
                    1_000L * between(1, 86_400, config.jwks_retry_seconds(), "jwks.retry.seconds"),
                    between(1, 60_000, config.jwks_timeout_ms(), "jwks.timeout.ms"),
                    between(1_024, 16 << 20, config.jwks_bytes_max(), "jwks.bytes.max"),
                    waitingMax);
        }

        private static Set<String> algorithms(Config config) {
            Set<String> known = JwtKey.algorithms();
            Set<String> wanted = Words.of(config.algorithms());
            for (String each : wanted) {
                if (!known.contains(each)) throw mistake("algorithms", each, "one of " + String.join(", ", known));
            }
            return wanted.isEmpty() ? known : wanted;
        }

        /** Names and claims: the same, or with = between them. */
        private static Map<String, String> attributes(Config config) {
            Map<String, String> claims = new HashMap<>();
            for (String each : Words.of(config.attributes())) {
                int equals = each.indexOf('=');
                String name = equals < 0 ? each : each.substring(0, equals).strip();
                String claim = each.substring(equals + 1).strip();
                if (!AccessList.isAttributeName(name) || claim.isEmpty()) {
                    throw mistake("attributes", each, "a name of letters, digits, . _ - or NAME=CLAIM");
                }
                if (claims.put(name, claim) != null) throw mistake("attributes", name, "there once");
            }
            if (claims.size() > Principal.ATTRIBUTES_MAX) {
                throw mistake("attributes", claims.size() + " claims", Principal.ATTRIBUTES_MAX + " at most");
            }
            return Map.copyOf(claims);
        }

        private static int between(int min, int max, int value, String key) {
            if (value >= min && value <= max) return value;
            throw mistake(key, "" + value, "between " + min + " and " + max);
        }

        private static IllegalArgumentException mistake(String key, String value, String what) {
            return new IllegalArgumentException(
                    key + "=" + value + " is not " + what + ": correct it in etc/" + PID + ".cfg");
        }

        @Nullable
        JwtCheck checkFor(AuthenticationRequest request) {
            boolean isFor = listeners.isEmpty()
                    || listeners.contains(request.connection().listener());
            return isFor ? check : null;
        }

        void close() {
            if (check != null) check.close();
        }
    }

    private final Clock clock;
    private volatile Door door;

    @Activate
    public JwtAuthenticator(Config config, Map<String, Object> properties) {
        this(config, properties, Clock.systemUTC());
    }

    JwtAuthenticator(Config config, Map<String, Object> properties, Clock clock) {
        this.clock = clock;
        sayUnknownKeys(properties);
        door = Door.of(config, clock);
    }

    /** Who waits for the old one is still answered. */
    @Modified
    void modified(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        Door old = door;
        door = Door.of(config, clock);
        old.close();
    }

    @Deactivate
    void deactivate() {
        door.close();
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        byte[] password = request.password();
        JwtCheck check = door.checkFor(request);
        if (check == null || password == null || !JwtCheck.looksLikeToken(password)) {
            answer.accept(new AuthenticationResult.Abstain());
        } else {
            check.check(password, request, answer);
        }
    }

    @Override
    public String method() {
        return "JWT";
    }

    /** One step: the token is there, or it is not. */
    @Override
    public Exchange begin(AuthenticationRequest request) {
        return (data, answer) -> {
            JwtCheck check = door.checkFor(request);
            if (check == null) {
                answer.accept(new Answer.Failure(
                        ReasonCode.BAD_AUTHENTICATION_METHOD, "etc/" + PID + ".cfg has no keys for its listener"));
            } else if (data == null || !JwtCheck.looksLikeToken(data)) {
                answer.accept(new Answer.Failure(ReasonCode.NOT_AUTHORIZED, "its Authentication Data is no token"));
            } else {
                check.check(data, request, result -> answer.accept(answer(result)));
            }
        };
    }

    private static Answer answer(AuthenticationResult result) {
        if (result instanceof AuthenticationResult.Allow allow) return new Answer.Success(allow.principal(), null);
        if (result instanceof AuthenticationResult.Deny deny) {
            // DISCONNECT cannot say that a password is wrong.
            boolean wrong = deny.reason() == ReasonCode.BAD_USER_NAME_OR_PASSWORD;
            return new Answer.Failure(wrong ? ReasonCode.NOT_AUTHORIZED : deny.reason(), deny.why());
        }
        return new Answer.Failure(ReasonCode.NOT_AUTHORIZED, "nobody knows its token");
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
