// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import io.courtier.protocol.ReasonCode;
import io.courtier.spi.auth.AuthenticationRequest;
import io.courtier.spi.auth.AuthenticationResult;
import io.courtier.spi.auth.Authenticator;
import io.courtier.spi.auth.Principal;
import io.courtier.spi.transport.TlsInfo;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets clients in by the common names of their certificates. It answers for those that present a certificate and neither
 * user name nor password; credentials in CONNECT decide where there are any. Such a client is refused where its names are
 * not among the configured ones, and does not fall back to an anonymous one. Called on event loops.
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
    }

    private final Clock clock;

    /** Null where they could not be understood: then nobody may. */
    private volatile @Nullable CommonNames allowed;

    @Activate
    public X509Authenticator(Config config, Map<String, Object> properties) {
        this(config, properties, Clock.systemUTC());
    }

    X509Authenticator(Config config, Map<String, Object> properties, Clock clock) {
        this.clock = clock;
        sayUnknownKeys(properties);
        allowed = read(config);
    }

    @Modified
    void modified(Config config, Map<String, Object> properties) {
        sayUnknownKeys(properties);
        allowed = read(config);
    }

    private static @Nullable CommonNames read(Config config) {
        try {
            return CommonNames.of(config.common_names(), config.common_names_regex());
        } catch (PatternSyntaxException broken) {
            LOG.error(
                    "common.names.regex={} is no regular expression ({}): no client comes in by its certificate until it is"
                            + " corrected in etc/{}.cfg",
                    broken.getPattern(),
                    broken.getDescription(),
                    PID);
            return null;
        }
    }

    @Override
    public void authenticate(AuthenticationRequest request, Consumer<AuthenticationResult> answer) {
        TlsInfo tls = request.connection().tls();
        List<X509Certificate> path = tls == null ? List.of() : tls.peerCertificates();
        CommonNames names = allowed;
        boolean isMine = !path.isEmpty()
                && request.userName() == null
                && request.password() == null
                && (names == null || !names.isEmpty());
        answer.accept(isMine ? judge(names, path) : new AuthenticationResult.Abstain());
    }

    private AuthenticationResult judge(@Nullable CommonNames names, List<X509Certificate> path) {
        X509Certificate own = path.get(0);
        if (names == null) return deny("common.names.regex in etc/" + PID + ".cfg is no regular expression");
        try {
            // Once more: a TLS session may have been resumed that is older than the end of the certificate.
            own.checkValidity(Date.from(clock.instant()));
        } catch (CertificateExpiredException e) {
            return deny("its certificate was valid until " + own.getNotAfter().toInstant());
        } catch (CertificateNotYetValidException e) {
            return deny(
                    "its certificate is not valid before " + own.getNotBefore().toInstant());
        }
        Set<String> proven = commonNames(path);
        for (String name : proven) {
            try {
                if (names.allow(name)) {
                    return new AuthenticationResult.Allow(new Principal(name, Set.of(), "x509"));
                }
            } catch (CommonNames.TooManyLooks e) {
                return deny("common.names.regex does not come to an end with '" + name + "': make it simpler");
            }
        }
        if (proven.isEmpty()) return deny("its certificate has no common name, or none that can be used");
        return deny("etc/" + PID + ".cfg allows none of its common names: '" + String.join("', '", proven) + "'");
    }

    /** The client's own, then those of who vouches for it: the transport gives us nobody else. */
    private static Set<String> commonNames(List<X509Certificate> path) {
        Set<String> names = new LinkedHashSet<>();
        for (X509Certificate certificate : path) {
            String name = CommonNames.of(certificate.getSubjectX500Principal());
            if (name != null) names.add(name);
        }
        return names;
    }

    private static AuthenticationResult deny(String why) {
        return new AuthenticationResult.Deny(ReasonCode.NOT_AUTHORIZED, why);
    }

    private static void sayUnknownKeys(Map<String, Object> properties) {
        List<String> unknown = EtcFile.unknownKeys(Config.class, properties.keySet());
        if (!unknown.isEmpty()) LOG.warn("unknown keys in etc/{}.cfg: {}", PID, String.join(", ", unknown));
    }
}
