// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Grants;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.transport.TlsInfo;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
 * Lets clients in by the names of their certificates. It answers for those that present a certificate and neither user name
 * nor password; credentials in CONNECT decide where there are any. Such a client is refused where its names are not among
 * the configured ones, and does not fall back to an anonymous one. Called on event loops.
 */
@Component(immediate = true, configurationPid = X509Authenticator.PID, property = "service.ranking:Integer=-800")
@Designate(ocd = X509Authenticator.Config.class)
public final class X509Authenticator implements Authenticator {
    static final String PID = "io.courtier.auth.x509";

    private static final Logger LOG = LoggerFactory.getLogger(X509Authenticator.class);

    /** The keys of {@code etc/io.courtier.auth.x509.cfg}, with dots for underscores. */
    @ObjectClassDefinition(name = "Courtier client certificates")
    public @interface Config {
        @AttributeDefinition(description = "Common names that may come in, with commas.")
        String common_names() default "";

        @AttributeDefinition(description = "A regular expression: common names that it matches as a whole may come in.")
        String common_names_regex() default "";

        @AttributeDefinition(description = "Alternative names: DNS:, EMAIL:, URI: or IP: and the name, with commas.")
        String alternative_names() default "";

        @AttributeDefinition(description = "A regular expression for alternative names, DNS: and the like included.")
        String alternative_names_regex() default "";

        @AttributeDefinition(description = "Whole subjects, with semicolons: CN=pump-7,O=Plant; CN=pump-8,O=Plant.")
        String subject_names() default "";

        @AttributeDefinition(description = "A regular expression for whole subjects as RFC 2253 writes them.")
        String subject_names_regex() default "";

        @AttributeDefinition(description = "SHA-256 fingerprints of certificates, hexadecimal, with commas.")
        String fingerprints() default "";

        @AttributeDefinition(
                description = "any: the certificates of the authorities count too; leaf: the client's own.")
        String match_chain() default "any";

        @AttributeDefinition(
                description = "Who comes in: cn, dn, san or fingerprint of its own certificate. Empty: the"
                        + " name that fits.")
        String user_name() default "";

        @AttributeDefinition(
                description = "A file of users and roles for names; in etc/ where it is relative. Empty: none.")
        String aliases() default "";
    }

    /**
     * All that a configuration makes.
     *
     * @param rules null where they could not be understood: then nobody may
     * @param broken what could not be understood
     */
    private record Door(@Nullable CertificateRules rules, String broken, @Nullable CertificateAliases aliases) {
        static Door of(Config config) {
            CertificateRules rules;
            try {
                rules = CertificateRules.of(config);
            } catch (IllegalArgumentException broken) {
                String what = String.valueOf(broken.getMessage());
                LOG.error("{}: no client comes in by its certificate until it is corrected in etc/{}.cfg", what, PID);
                return new Door(null, what, null);
            }
            CertificateAliases aliases = null;
            if (!config.aliases().isBlank()) {
                aliases = new CertificateAliases(EtcFile.of(config.aliases(), ""));
                aliases.start();
            }
            return new Door(rules, "", aliases);
        }

        void close() {
            if (aliases != null) aliases.close();
        }
    }

    private final Clock clock;
    private volatile Door door;

    @Activate
    public X509Authenticator(Config config, Map<String, Object> properties) {
        this(config, properties, Clock.systemUTC());
    }

    X509Authenticator(Config config, Map<String, Object> properties, Clock clock) {
        this.clock = clock;
        sayUnknownKeys(properties);
        door = Door.of(config);
    }

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
        CertificateRules rules = open.rules();
        boolean isMine = !path.isEmpty()
                && request.userName() == null
                && request.password() == null
                && (rules == null || !rules.isEmpty());
        if (!isMine) {
            answer.accept(new AuthenticationResult.Abstain());
        } else if (rules == null) {
            answer.accept(deny(open.broken() + ", in etc/" + PID + ".cfg"));
        } else {
            answer.accept(judge(rules, open.aliases(), path));
        }
    }

    private AuthenticationResult judge(
            CertificateRules rules, @Nullable CertificateAliases aliases, List<X509Certificate> path) {
        X509Certificate own = path.get(0);
        try {
            // Once more: a TLS session may have been resumed that is older than the end of the certificate.
            own.checkValidity(Date.from(clock.instant()));
        } catch (CertificateExpiredException e) {
            return deny("its certificate was valid until " + own.getNotAfter().toInstant());
        } catch (CertificateNotYetValidException e) {
            return deny(
                    "its certificate is not valid before " + own.getNotBefore().toInstant());
        }
        try {
            String fitting = rules.fitting(path);
            CertificateAliases.Alias alias = aliases == null ? CertificateAliases.Alias.NONE : aliases.find(fitting);
            if (alias == null) return deny("the file that aliases names in etc/" + PID + ".cfg could not be read");
            String user = alias.user() != null ? alias.user() : rules.userName(fitting, own);
            return new AuthenticationResult.Allow(new Principal(
                    user, alias.roles(), "x509", Principal.NEVER, CertificateAttributes.of(own), Grants.NONE));
        } catch (CertificateRules.Denied denied) {
            return deny(denied.why());
        }
    }

    private static AuthenticationResult deny(String why) {
        return new AuthenticationResult.Deny(ReasonCode.NOT_AUTHORIZED, why);
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
